# app/support/: questions to the people who run the site.
app_SOURCES += \
	app/support/message_form.c app/support/message_form.h \
	app/support/support_pages.c \
	app/support/ticket_pages.c
