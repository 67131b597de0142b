# t/daemon: C tests of this folder, each a program in check_PROGRAMS; *_probe are run by scripts.
check_PROGRAMS += t/daemon/05-rota.t
noinst_PROGRAMS += t/daemon/heartbeat_probe

t_daemon_05_rota_t_SOURCES = t/daemon/05-rota.c render/daemon/rota.c
t_daemon_05_rota_t_LDADD = -lm
t_daemon_heartbeat_probe_SOURCES = t/daemon/heartbeat_probe.c t/queue/queue_kit.c t/queue/queue_kit.h \
	render/daemon/heartbeat.c render/daemon/notify.c
t_daemon_heartbeat_probe_LDADD = common/libcommon.a $(COMMON_LIBS)
