# Pictures as files: PNG, JPEG, and what they say about themselves.
media_SOURCES += \
	render/media/jpeg.c \
	render/media/parameters.c render/media/parameters.h \
	render/media/picture.c render/media/picture.h render/media/picture_format.h \
	render/media/png.c \
	render/media/xmp.c render/media/xmp.h
