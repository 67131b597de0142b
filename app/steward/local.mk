# app/steward/: what the clock demands.
steward_SOURCES += \
	app/steward/anomaly.c app/steward/anomaly.h app/steward/anomaly_store.c app/steward/anomaly_store.h \
	app/steward/copies.c app/steward/copies.h \
	app/steward/copies_store.c app/steward/copies_store.h \
	app/steward/duties.c \
	app/steward/main_steward.c \
	app/steward/notice_store.c app/steward/notice_store.h \
	app/steward/notices.c app/steward/notices.h \
	app/steward/steward.h \
	app/steward/usage_store.c app/steward/usage_store.h
