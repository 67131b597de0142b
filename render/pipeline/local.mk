# From prompt to pixels.
engine_SOURCES += \
	render/pipeline/animate.c render/pipeline/animate.h \
	render/pipeline/carry.c render/pipeline/carry.h \
	render/pipeline/clear.c render/pipeline/clear.h \
	render/pipeline/fill.c render/pipeline/fill.h render/pipeline/fill_level.c render/pipeline/fill_level.h \
	render/pipeline/unmark.c render/pipeline/unmark.h \
	render/pipeline/mark.c render/pipeline/mark.h render/pipeline/mark_lattice.c render/pipeline/mark_lattice.h \
	render/pipeline/mark_copies.c render/pipeline/mark_copies.h \
	render/pipeline/mark_parts.c render/pipeline/mark_parts.h render/pipeline/mark_single.c render/pipeline/mark_single.h render/pipeline/mark_tiled.c render/pipeline/mark_tiled.h \
	render/pipeline/cost.c render/pipeline/cost.h \
	render/pipeline/generate.c render/pipeline/generate.h render/pipeline/generate_run.h \
	render/pipeline/generate_check.c render/pipeline/latents.c \
	render/pipeline/closeup.c render/pipeline/closeup.h \
	render/pipeline/guidance.c render/pipeline/guidance.h \
	render/pipeline/state.c render/pipeline/state.h \
	render/pipeline/pipeline.c render/pipeline/pipeline.h \
	render/pipeline/convert.c render/pipeline/convert.h \
	render/pipeline/model_parts.c render/pipeline/model_parts.h \
	render/pipeline/model_single.c render/pipeline/model_single.h \
	render/pipeline/pipeline_motion.c render/pipeline/pipeline_motion.h \
	render/pipeline/preview.c render/pipeline/preview.h \
	render/pipeline/advice.c render/pipeline/advice.h \
	render/pipeline/beside.c render/pipeline/beside.h \
	render/pipeline/cover.c render/pipeline/cover.h \
	render/pipeline/bicubic.c render/pipeline/bicubic.h \
	render/pipeline/cleanup.c render/pipeline/cleanup.h \
	render/pipeline/hole.c render/pipeline/hole.h \
	render/pipeline/safety_check.c render/pipeline/safety_check.h \
	render/pipeline/prompt.c render/pipeline/prompt.h \
	render/pipeline/prompt_cache.c render/pipeline/prompt_cache.h \
	render/pipeline/prompt_chunks.c render/pipeline/prompt_chunks.h \
	render/pipeline/prompt_weights.c render/pipeline/prompt_weights.h \
	render/pipeline/solo.c render/pipeline/solo.h \
	render/pipeline/upscale.c render/pipeline/upscale.h \
	render/pipeline/windows.c render/pipeline/windows.h
