# app/ctl/: the operator's command.
ctl_SOURCES += \
	app/ctl/ctl.c app/ctl/ctl.h \
	app/ctl/ctl_account.c \
	app/ctl/ctl_audit.c \
	app/ctl/ctl_commands.c \
	app/ctl/ctl_config.c \
	app/ctl/ctl_erase.c \
	app/ctl/ctl_events.c app/ctl/ctl_reconcile.c app/ctl/ctl_refund.c app/ctl/ctl_jobs.c \
	app/ctl/ctl_export.c \
	app/ctl/ctl_model.c \
	app/ctl/ctl_policy.c \
	app/ctl/ctl_register.c \
	app/ctl/ctl_schema.c \
	app/ctl/ctl_staff.c \
	app/ctl/ctl_flags.c app/ctl/ctl_rules.c app/ctl/ctl_rights.c app/ctl/ctl_tickets.c \
	app/ctl/schema_store.c app/ctl/schema_store.h \
	app/ctl/ctl_store.c app/ctl/ctl_store.h \
	app/ctl/main_ctl.c \
	app/ctl/model_check.c app/ctl/model_check.h \
	app/ctl/model_disk.c app/ctl/model_disk.h \
	app/ctl/model_files.c app/ctl/model_files.h \
	app/ctl/model_hub.c app/ctl/model_hub.h \
	app/ctl/model_install.c app/ctl/model_install.h \
	app/ctl/model_licence.c app/ctl/model_licence.h \
	app/ctl/model_look.c app/ctl/model_look.h \
	app/ctl/model_place.c app/ctl/model_place.h \
	app/ctl/model_source.c app/ctl/model_source.h
