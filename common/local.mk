# common/: what more than one program needs. Knows neither requests nor pictures.
noinst_LIBRARIES += common/libcommon.a

common_SOURCES += \
	common/arena.c common/arena.h \
	common/banned.h \
	common/clock.c common/clock.h \
	common/conf.c common/conf.h common/conf_key.h common/conf_keys.c \
	common/crypto.c common/crypto.h \
	common/db.c common/db.h common/db_error.c common/db_error.h common/db_row.h common/db_rows.c \
	common/err.c common/err.h \
	common/ids.c common/ids.h \
	common/json.c common/json.h common/json_node.h common/json_read.c \
	common/log.c common/log.h \
	common/migrate.c common/migrate.h \
	common/nearest.c common/nearest.h \
	common/store.c common/store.h \
	common/text.c common/text.h

common_libcommon_a_SOURCES = $(common_SOURCES)
