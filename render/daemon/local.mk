# The render daemon: from a queued job to files in the media store.
render_SOURCES += \
	render/daemon/daemon.c render/daemon/daemon.h \
	render/daemon/heartbeat.c render/daemon/heartbeat.h \
	render/daemon/main_render.c \
	render/daemon/models.c render/daemon/models.h \
	render/daemon/notify.c render/daemon/notify.h \
	render/daemon/render_batch.c render/daemon/render_batch.h \
	render/daemon/render_image.c \
	render/daemon/render_job.c render/daemon/render_job.h \
	render/daemon/render_solo.c render/daemon/render_solo.h \
	render/daemon/render_source.c render/daemon/render_source.h \
	render/daemon/rota.c render/daemon/rota.h
