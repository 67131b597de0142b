# t/billing/: buying credits.
noinst_PROGRAMS += t/billing/books_probe

t_billing_books_probe_SOURCES = t/billing/books_probe.c t/queue/queue_kit.c t/queue/queue_kit.h
t_billing_books_probe_LDADD = common/libcommon.a $(COMMON_LIBS)
