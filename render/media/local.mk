# Pictures and films as files: PNG, JPEG, MP4, and what they say about themselves.
media_SOURCES += \
	render/media/exif.c render/media/exif.h \
	render/media/h264.c render/media/h264.h \
	render/intake/intake.c render/intake/intake.h render/intake/intake_wire.h \
	render/media/jpeg.c \
	render/media/mp4.c render/media/mp4.h \
	render/media/orientation.c render/media/orientation.h \
	render/media/parameters.c render/media/parameters.h \
	render/media/picture.c render/media/picture.h render/media/picture_format.h \
	render/media/png.c \
	render/media/webp.c \
	render/media/xmp.c render/media/xmp.h
