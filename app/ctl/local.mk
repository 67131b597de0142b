# app/ctl/: the operator's command.
ctl_SOURCES += \
	app/ctl/ctl.c app/ctl/ctl.h \
	app/ctl/ctl_account.c \
	app/ctl/ctl_commands.c \
	app/ctl/ctl_config.c \
	app/ctl/ctl_jobs.c \
	app/ctl/ctl_schema.c \
	app/ctl/ctl_store.c app/ctl/ctl_store.h \
	app/ctl/main_ctl.c
