# app/privacy/: the policy, its versions, and what is stored about a member.
app_SOURCES += \
	app/privacy/centre_pages.c \
	app/privacy/copy_pages.c \
	app/privacy/erasure_pages.c \
	app/privacy/consent_log.h app/privacy/consent_pages.c app/privacy/consent_store.c \
	app/privacy/holdings.h app/privacy/holdings_store.c \
	app/privacy/notice.h app/privacy/notice_pages.c app/privacy/notice_state_store.c \
	app/privacy/password_proof_pages.c app/privacy/password_proof_pages.h \
	app/privacy/policy.c app/privacy/policy.h \
	app/privacy/policy_cache.c app/privacy/policy_cache.h \
	app/privacy/policy_tables.c \
	app/privacy/privacy_pages.c \
	app/privacy/record.c app/privacy/record.h \
	app/privacy/rights_pages.c app/privacy/rights_state_pages.c \
	app/privacy/versions.c app/privacy/versions.h
