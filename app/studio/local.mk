# app/studio/: asking for pictures and watching them come.
app_SOURCES += \
	app/studio/create_pages.c app/studio/draft_form.c app/studio/draft_form.h app/studio/mode.c app/studio/mode.h \
	app/studio/job_pages.c app/studio/job_pages.h \
	app/studio/price.c app/studio/price.h \
	app/studio/progress.c app/studio/progress.h \
	app/studio/sizes.c app/studio/sizes.h \
	app/studio/studio.c app/studio/studio.h \
	app/studio/wait.c app/studio/wait.h \
	app/studio/words.c app/studio/words.h
