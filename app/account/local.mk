# app/account/: signing up, in and out.
app_SOURCES += \
	app/account/account.c app/account/account.h \
	app/account/account_letters.c app/account/account_letters.h \
	app/account/account_pages.c \
	app/account/account_store.c app/account/account_store.h \
	app/account/confirm_pages.c \
	app/account/next_path.c app/account/next_path.h \
	app/account/password_list.c app/account/password_list.h \
	app/account/proof.c app/account/proof.h \
	app/account/proof_store.c app/account/proof_store.h
