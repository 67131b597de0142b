# render/: the engine, the picture files, the render daemon and the engine's own command.
noinst_LIBRARIES += render/libengine.a render/libmedia.a
bin_PROGRAMS += gempix-image
sbin_PROGRAMS += gempix-render
pkglibexec_PROGRAMS += gempix-decode gempix-convert

include render/engine/local.mk
include render/weights/local.mk
include render/model/local.mk
include render/sampler/local.mk
include render/pipeline/local.mk
include render/media/local.mk
include render/daemon/local.mk

# The engine knows of the outside only common and BLAS.
render_libengine_a_SOURCES = $(engine_SOURCES)
render_libengine_a_CFLAGS = $(AM_CFLAGS) $(ENGINE_CFLAGS)

render_libmedia_a_SOURCES = $(media_SOURCES)

ENGINE_LIBS = render/libengine.a common/libcommon.a $(OPENBLAS_LIBS) $(COMMON_LIBS)
MEDIA_LIBS = render/libmedia.a common/libcommon.a $(PNG_LIBS) $(TURBOJPEG_LIBS) $(WEBP_LIBS) $(OPENH264_LIBS) $(ZLIB_LIBS)

gempix_image_SOURCES = render/cli/gempix_image.c \
	render/cli/image_animate.c render/cli/image_options.c render/cli/image_options.h \
	render/cli/image_extras.c render/cli/image_extras.h \
	render/cli/image_make.c render/cli/image_make.h render/cli/image_source.c render/cli/image_source.h \
	render/cli/image_tool.c render/cli/image_tool.h render/cli/image_upscale.c render/cli/image_cleanup.c \
	render/cli/image_selftest.c render/cli/image_selftest.h \
	render/cli/selftest_beside.c render/cli/selftest_beside.h \
	render/cli/image_bench.c render/cli/image_convert.c
gempix_image_LDADD = $(MEDIA_LIBS) $(ENGINE_LIBS)

gempix_render_SOURCES = $(render_SOURCES)
gempix_render_LDADD = $(MEDIA_LIBS) $(ENGINE_LIBS)

# Decodes what strangers send, shut in: pictures and nothing else.
gempix_decode_SOURCES = render/intake/main_decode.c render/intake/pump.c render/intake/pump.h render/intake/sandbox.c render/intake/sandbox.h
gempix_decode_LDADD = $(MEDIA_LIBS) $(SECCOMP_LIBS)
gempix_convert_SOURCES = render/intake/main_convert.c render/intake/notes.c render/intake/notes.h \
	render/intake/pump.c render/intake/pump.h render/intake/sandbox.c render/intake/sandbox.h
gempix_convert_LDADD = $(MEDIA_LIBS) $(SECCOMP_LIBS)
