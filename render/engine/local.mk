# The engine: threads, workspace, kernels. Sees common/err.h and BLAS only.
engine_SOURCES += \
	render/engine/act.c render/engine/act.h \
	render/engine/attention.c render/engine/attention.h render/engine/attention_tile.h \
	render/engine/conv.c render/engine/conv.h \
	render/engine/dtype.c render/engine/dtype.h \
	render/engine/engine.c render/engine/engine.h \
	render/engine/expo.h \
	render/engine/gemm.c render/engine/gemm.h \
	render/engine/gemm_direct.c render/engine/gemm_direct.h render/engine/gemm_tile.h \
	render/engine/isa.c render/engine/isa.h \
	render/engine/meter.c render/engine/meter.h \
	render/engine/noise.c render/engine/noise.h \
	render/engine/norm.c render/engine/norm.h \
	render/engine/packed.c render/engine/packed.h \
	render/engine/pixels.c render/engine/pixels.h \
	render/engine/pool.c render/engine/pool.h \
	render/engine/turn.c render/engine/turn.h \
	render/engine/weight.c render/engine/weight.h \
	render/engine/winograd.c render/engine/winograd.h render/engine/winograd_lines.h render/engine/winograd_tile.h
