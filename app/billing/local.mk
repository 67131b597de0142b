# app/billing/: buying credits, and the account book that shows where they went.
app_SOURCES += \
	app/billing/billing_store.c app/billing/billing_store.h \
	app/billing/checkout.c app/billing/checkout.h \
	app/billing/credit_pages.c \
	app/billing/membership.c app/billing/membership.h \
	app/billing/purchase_pages.c app/billing/purchase_pages.h \
	app/billing/refund_pages.c app/billing/refund_pages.h \
	app/billing/subscription_pages.c app/billing/subscription_pages.h
