# t/billing/: buying credits.
noinst_PROGRAMS += t/billing/books_probe t/billing/refund_tool

t_billing_books_probe_SOURCES = t/billing/books_probe.c t/queue/queue_kit.c t/queue/queue_kit.h
t_billing_books_probe_LDADD = common/libcommon.a $(COMMON_LIBS)

t_billing_refund_tool_SOURCES = t/billing/refund_tool.c
t_billing_refund_tool_LDADD = common/libcommon.a $(COMMON_LIBS)

check_PROGRAMS += t/billing/10-plans.t
t_billing_10_plans_t_SOURCES = t/billing/10-plans.c
t_billing_10_plans_t_LDADD = common/libcommon.a $(COMMON_LIBS)
