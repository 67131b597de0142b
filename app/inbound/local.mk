# app/inbound/: letters that come in, handed over by the mail server.
sbin_PROGRAMS += gempix-inbound
gempix_inbound_SOURCES = \
	app/inbound/html_text.c app/inbound/html_text.h \
	app/inbound/letter.c app/inbound/letter.h \
	app/inbound/main_inbound.c
gempix_inbound_CFLAGS = $(AM_CFLAGS) $(GMIME_CFLAGS)
gempix_inbound_LDADD = common/libcommon.a $(COMMON_LIBS) $(GMIME_LIBS)
