# Noise schedules and the steps of samplers.
engine_SOURCES += \
	render/sampler/sampler.c render/sampler/sampler.h render/sampler/sampler_step.c \
	render/sampler/schedule.c render/sampler/schedule.h
