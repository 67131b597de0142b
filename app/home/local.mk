# app/home/: the pages that need no account.
app_SOURCES += app/home/home_pages.c app/home/language_pages.c app/home/theme_pages.c \
	app/home/machine_pages.c app/home/showcase.c app/home/showcase.h
