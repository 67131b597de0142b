# app/library/: one's own pictures.
app_SOURCES += \
	app/library/expiry.c app/library/expiry.h \
	app/library/file_name.c app/library/file_name.h \
	app/library/filter_pages.c app/library/filter_pages.h \
	app/library/library_pages.c \
	app/library/library_store.c app/library/library_store.h \
	app/library/picture_pages.c app/library/picture_pages.h \
	app/library/selection_pages.c app/library/selection_pages.h
