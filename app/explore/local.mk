# app/explore/: pictures that their owners have published.
app_SOURCES += \
	app/explore/explore_pages.c app/explore/explore_pages.h \
	app/explore/explore_store.c app/explore/explore_store.h \
	app/explore/feed_pages.c \
	app/explore/publish.c app/explore/publish.h \
	app/explore/publish_pages.c \
	app/explore/report_pages.c
