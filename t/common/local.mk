# t/common/: the base without a server; the probes need one and are run by the .t scripts beside them.
check_PROGRAMS += t/common/10-text.t t/common/11-arena.t t/common/12-clock.t t/common/13-json.t \
	t/common/14-log.t t/common/15-store.t t/common/18-nomem.t t/common/20-conf.t \
	t/common/24-mail.t t/common/26-manifest.t
# Not tests by themselves, so not check_PROGRAMS.
noinst_PROGRAMS += t/common/db_probe t/common/fetch_probe t/common/migrate_probe

t_common_10_text_t_SOURCES = t/common/10-text.c
t_common_10_text_t_LDADD = common/libcommon.a $(COMMON_LIBS)
t_common_11_arena_t_SOURCES = t/common/11-arena.c
t_common_11_arena_t_LDADD = common/libcommon.a $(COMMON_LIBS)
t_common_12_clock_t_SOURCES = t/common/12-clock.c
t_common_12_clock_t_LDADD = common/libcommon.a $(COMMON_LIBS)
t_common_13_json_t_SOURCES = t/common/13-json.c
t_common_13_json_t_LDADD = common/libcommon.a $(COMMON_LIBS)
t_common_14_log_t_SOURCES = t/common/14-log.c
t_common_14_log_t_LDADD = common/libcommon.a $(COMMON_LIBS)
t_common_15_store_t_SOURCES = t/common/15-store.c
t_common_15_store_t_LDADD = common/libcommon.a $(COMMON_LIBS)
t_common_18_nomem_t_SOURCES = t/common/18-nomem.c
t_common_18_nomem_t_LDADD = common/libcommon.a $(COMMON_LIBS)
t_common_18_nomem_t_LDFLAGS = $(AM_LDFLAGS) -Wl,--wrap=malloc,--wrap=calloc,--wrap=realloc
t_common_20_conf_t_SOURCES = t/common/20-conf.c
t_common_20_conf_t_LDADD = common/libcommon.a $(COMMON_LIBS)
t_common_db_probe_SOURCES = t/common/db_probe.c
t_common_db_probe_LDADD = common/libcommon.a $(COMMON_LIBS)
t_common_fetch_probe_SOURCES = t/common/fetch_probe.c
t_common_fetch_probe_LDADD = common/libcommon.a $(COMMON_LIBS)
t_common_migrate_probe_SOURCES = t/common/migrate_probe.c
t_common_migrate_probe_LDADD = common/libcommon.a $(COMMON_LIBS)
t_common_24_mail_t_SOURCES = t/common/24-mail.c
t_common_24_mail_t_LDADD = common/libcommon.a $(COMMON_LIBS)
t_common_26_manifest_t_SOURCES = t/common/26-manifest.c
t_common_26_manifest_t_LDADD = common/libcommon.a $(COMMON_LIBS)

check_PROGRAMS += t/common/35-months.t
t_common_35_months_t_SOURCES = t/common/35-months.c
t_common_35_months_t_LDADD = common/libcommon.a $(COMMON_LIBS)
