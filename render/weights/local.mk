# Weight files: safetensors and the folders that hold them.
engine_SOURCES += \
	render/weights/safetensors.c render/weights/safetensors.h \
	render/weights/ldm_names.c render/weights/ldm_names.h \
	render/weights/embedding.c render/weights/embedding.h render/weights/quantize.c render/weights/quantize.h \
	render/weights/lora.c render/weights/lora.h render/weights/lora_names.c \
	render/weights/scratch.c render/weights/scratch.h \
	render/weights/weight_write.c render/weights/weight_write.h \
	render/weights/weight_entry.h render/weights/weight_open.c \
	render/weights/weight_store.c render/weights/weight_store.h
