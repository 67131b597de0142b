# The render daemon: from a queued job to files in the media store.
render_SOURCES += \
	render/daemon/daemon.c render/daemon/daemon.h \
	render/daemon/main_render.c \
	render/daemon/notify.c render/daemon/notify.h \
	render/daemon/render_image.c \
	render/daemon/render_job.c render/daemon/render_job.h
