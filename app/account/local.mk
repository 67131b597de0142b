# app/account/: signing up, in and out.
app_SOURCES += \
	app/account/account.c app/account/account.h \
	app/account/account_letters.c app/account/account_letters.h \
	app/account/account_pages.c \
	app/account/account_store.c app/account/account_store.h \
	app/account/confirm_pages.c \
	app/account/consent_age.c app/account/consent_age.h \
	app/account/device.c app/account/device.h \
	app/account/device_store.c app/account/device_store.h \
	app/account/enter_pages.c app/account/enter_pages.h \
	app/account/next_path.c app/account/next_path.h \
	app/account/password_list.c app/account/password_list.h \
	app/account/profile.c app/account/profile.h app/account/profile_pages.c \
	app/account/proof.c app/account/proof.h \
	app/account/proof_store.c app/account/proof_store.h \
	app/account/qr_picture.c app/account/qr_picture.h \
	app/account/second.c app/account/second.h \
	app/account/second_pages.c app/account/second_pages.h \
	app/account/second_store.c app/account/second_store.h \
	app/account/throttle.c app/account/throttle.h \
	app/account/throttle_store.c app/account/throttle_store.h \
	app/account/totp.c app/account/totp.h
