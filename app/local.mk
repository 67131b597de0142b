# app/: the FastCGI application by domain, the steward and the operator's command.
noinst_LIBRARIES += app/libapp.a
bin_PROGRAMS += gempixctl
sbin_PROGRAMS += gempix-app gempix-steward

include app/http/local.mk
include app/view/local.mk
include app/account/local.mk
include app/admin/local.mk
include app/studio/local.mk
include app/billing/local.mk
include app/library/local.mk
include app/explore/local.mk
include app/home/local.mk
include app/inbound/local.mk
include app/pack/local.mk
include app/privacy/local.mk
include app/steward/local.mk
include app/support/local.mk
include app/ctl/local.mk

app_SOURCES += app/routes.c app/routes.h

app_libapp_a_SOURCES = $(app_SOURCES)

gempix_app_SOURCES = app/lean.c app/lean.h app/main_app.c
gempix_app_LDADD = app/libapp.a common/libcommon.a $(FCGI_LIBS) $(COMMON_LIBS) $(ACCOUNT_LIBS)

gempix_steward_SOURCES = $(steward_SOURCES)
gempix_steward_LDADD = common/libcommon.a $(COMMON_LIBS)

gempixctl_SOURCES = $(ctl_SOURCES)
gempixctl_LDADD = app/libapp.a common/libcommon.a $(FCGI_LIBS) $(COMMON_LIBS) $(ACCOUNT_LIBS)
