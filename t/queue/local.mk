# t/queue/: the job queue, the credit ledger and media rows. The probes and the tool need a server and are run by the
# .t scripts beside them.
check_PROGRAMS += t/queue/10-params.t
noinst_PROGRAMS += t/queue/queue_tool t/queue/queue_probe t/queue/ledger_probe t/queue/sources_probe

t_queue_10_params_t_SOURCES = t/queue/10-params.c
t_queue_10_params_t_LDADD = common/libcommon.a $(COMMON_LIBS)
t_queue_queue_tool_SOURCES = t/queue/queue_tool.c t/queue/queue_kit.c t/queue/queue_kit.h
t_queue_queue_tool_LDADD = common/libcommon.a $(COMMON_LIBS)
t_queue_queue_probe_SOURCES = t/queue/queue_probe.c t/queue/queue_kit.c t/queue/queue_kit.h
t_queue_queue_probe_LDADD = common/libcommon.a $(COMMON_LIBS)
t_queue_ledger_probe_SOURCES = t/queue/ledger_probe.c t/queue/queue_kit.c t/queue/queue_kit.h
t_queue_ledger_probe_LDADD = common/libcommon.a $(COMMON_LIBS)
t_queue_sources_probe_SOURCES = t/queue/sources_probe.c t/queue/queue_kit.c t/queue/queue_kit.h
t_queue_sources_probe_LDADD = common/libcommon.a $(COMMON_LIBS)
