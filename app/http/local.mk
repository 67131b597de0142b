# app/http: FastCGI, requests and answers, forms, sessions, limits. Knows no domain.
app_SOURCES += \
	app/http/app.h \
	app/http/consent.c app/http/consent.h \
	app/http/browser.c app/http/browser.h \
	app/http/cookie.c app/http/cookie.h \
	app/http/csrf.c app/http/csrf.h \
	app/http/dispatch.c app/http/dispatch.h \
	app/http/fcgi.c app/http/fcgi.h \
	app/http/field.c \
	app/http/flash.c app/http/flash.h \
	app/http/form.c app/http/form.h \
	app/http/helper.c app/http/helper.h app/http/http.h \
	app/http/multipart.c \
	app/http/rate.c app/http/rate.h app/http/rate_store.c app/http/rate_store.h \
	app/http/request.c app/http/request.h \
	app/http/response.c app/http/response.h \
	app/http/route.c app/http/route.h \
	app/http/session.c app/http/session.h app/http/session_store.c app/http/session_store.h \
	app/http/stamp.c app/http/stamp.h \
	app/http/stamps.c \
	app/http/url.c app/http/url.h \
	app/http/visitor.h
