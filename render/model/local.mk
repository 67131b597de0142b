# The networks: configuration, layers, CLIP, U-Net, autoencoders, tokenizer.
engine_SOURCES += \
	render/model/autoencoder.c render/model/autoencoder.h \
	render/model/autoencoder_kl.c render/model/autoencoder_kl.h \
	render/model/autoencoder_tiles.c render/model/autoencoder_tiles.h \
	render/model/autoencoder_tiny.c render/model/autoencoder_tiny.h \
	render/model/clip_text.c render/model/clip_text.h \
	render/model/clip_vision.c render/model/clip_vision.h \
	render/model/fft.c render/model/fft.h \
	render/model/lama.c render/model/lama.h \
	render/model/layers.c render/model/layers.h \
	render/model/model_config.c render/model/model_config.h \
	render/model/motion.c render/model/motion.h \
	render/model/resnet.c render/model/resnet.h \
	render/model/safety.c render/model/safety.h \
	render/model/tokenizer.c render/model/tokenizer.h \
	render/model/tokenizer_load.c render/model/tokenizer_tables.h \
	render/model/transformer.c render/model/transformer.h \
	render/model/upscaler.c render/model/upscaler.h \
	render/model/unet.c render/model/unet.h render/model/unet_config.c render/model/unet_load.c \
	render/model/unicode.c render/model/unicode.h \
	render/model/unicode_tables.c render/model/unicode_tables.h
EXTRA_DIST += render/model/unicode_tables.py
