/*
 * One request and its response, as a page's handler sees them. Bytes have become types before a
 * handler runs: route parameters are ids, form fields are checked values, the visitor is known.
 * FastCGI itself is hidden in fcgi.c.
 */
#ifndef GEMPIX_APP_HTTP_HTTP_H
#define GEMPIX_APP_HTTP_HTTP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "app/http/visitor.h"
#include "common/ids.h"
#include "common/text.h"

struct arena;
struct conf;
struct db;
struct err;
struct request;
struct response;
struct store;

/* --- forms: a table per page, typed values by index --- */

enum field_type {
    FIELD_TEXT, /* UTF-8, no control characters but line feeds (CR LF becomes LF); min/max in bytes
                 */
    FIELD_LINE, /* the same without line feeds, trimmed */
    FIELD_SECRET, /* like FIELD_LINE, not trimmed, never echoed or logged */
    FIELD_INT,    /* min/max */
    FIELD_REAL,   /* min/max */
    FIELD_CHECK,  /* present = 1 */
    FIELD_CHOICE, /* one of choices[] (NULL-terminated); i = its index */
    FIELD_ID,     /* a public id */
    FIELD_FILE    /* multipart only; max in bytes */
};

struct field {
    const char *name;
    const char *label; /* for messages: "Prompt" */
    enum field_type type;
    double min, max;
    bool required;
    const char *const *choices;
};

struct value {
    bool present;
    const char
        *text; /* as sent (cleaned), "" when absent: for showing the form again; file: the bytes */
    size_t len;
    int64_t i;
    double d;
    struct id id;
    const char *error; /* NULL, or a sentence that says what is wrong and what to do */
};

struct form {
    const struct field *fields;
    size_t count; /* at most FORM_FIELDS_MAX */
};
#define FORM_FIELDS_MAX 32

/* --- routes: data, not code --- */

enum method { METHOD_GET = 1, METHOD_POST = 2 }; /* HEAD is served as GET without a body */

enum csrf_level {
    CSRF_NONE,   /* safe methods */
    CSRF_ORIGIN, /* Sec-Fetch-Site / Origin must not be foreign: for a form that every page shows,
                    so that looking at a page sets no cookie */
    CSRF_TOKEN   /* field "csrf" or header X-CSRF-Token must fit the visitor's cookie, and
                    Sec-Fetch-Site / Origin must not be foreign */
};

/* Limits per client: rate.c's table. */
enum rate_class { RATE_PAGE, RATE_POLL, RATE_SUBMIT, RATE_AUTH, RATE_WRITE };

#define ROUTE_SIGNED_IN 1u   /* others are sent to sign in, and back afterwards */
#define ROUTE_GUEST 2u       /* signed-in visitors are sent to the studio */
#define ROUTE_CONDITIONAL 4u /* the response may get an ETag and 304 */
#define ROUTE_ANYBODY 8u     /* the same for all: nobody asks who is there */
#define ROUTE_PROVEN 32u     /* with ROUTE_SIGNED_IN: whose address is not confirmed gets a 403 */
#define ROUTE_SHARED 64u /* to visitors without cookies the same: nginx may keep it for seconds */
#define ROUTE_RAW 16u    /* the body comes as it was sent, in rq->body: for programs that sign it */
#define ROUTE_FREE 128u  /* with ROUTE_SIGNED_IN: whose account is restricted gets a 403 */
/* For the staff: the number of a permission of app/admin/roles.h; app->admit decides. */
#define ROUTE_STAFF(permission) ((unsigned)(permission) << 8)
#define ROUTE_PERMISSION(flags) (((flags) >> 8) & 0xffu)
#define ROUTE_LEAVING 0x10000u /* with ROUTE_SIGNED_IN: also for whom an erasure was asked */

struct route {
    const char *name; /* for url_for and logs: "job" */
    enum method method;
    const char *pattern; /* "/jobs/{id}": {id} is a public id, handed over as rq->ids[0] */
    int (*handler)(struct request *rq, struct response *rs, struct err *e);
    unsigned flags;
    enum csrf_level csrf;
    enum rate_class rate;
    const struct form *form; /* NULL = none; GET forms are read from the query */
    size_t body_max;         /* bytes; 0 = no body allowed */
};

/* All routes, NULL-name terminated; routes.c lists the tables of the domains. */
extern const struct route *const route_tables[];

struct request {
    enum method method;
    bool head;                /* HEAD: the body is not sent */
    const char *path;         /* decoded, starts with / */
    const char *query;        /* raw, "" if none */
    const char *referer_path; /* path of a same-site Referer or "" */
    bool tls;
    const char *client; /* address as nginx saw it; for rate limits only */
    const char *if_none_match;
    bool wants_json; /* Accept: application/json first */
    const struct route *route;
    struct id ids[2];
    struct value values[FORM_FIELDS_MAX]; /* index = position in route->form->fields */
    const char *body;                     /* of ROUTE_RAW: as sent, NUL-terminated */
    size_t body_len;
    const char *signature; /* header Stripe-Signature, "" if none */
    int errors;            /* how many of the values have an error */
    bool second_done; /* this request has shown a code of the second step: session_start notes it */
    struct visitor visitor;
    int staff_role;      /* of app/admin/roles.h, behind a route with ROUTE_STAFF */
    const char *csrf;    /* token for this visitor's forms */
    struct arena *arena; /* lives until the response is sent */
    struct db *db;
    struct store *store;
    const struct conf *conf;
    void *internal; /* http/ only */
};

struct response {
    int status;       /* 200 unless set */
    const char *type; /* "text/html; charset=utf-8" unless set */
    struct text body;
    bool no_store;           /* default true for signed-in visitors */
    const char *form_origin; /* another site that a form of this page may lead to; NULL = none */
    void *internal;
};

/* All public ids sent under one name, as checkboxes of a list send them; others are left out. At
 * most `max`; returns their number. */
size_t request_ids(const struct request *rq, const char *name, struct id *out, size_t max);

/* Adds a header; CR or LF in the value is ST_INTERNAL. */
int response_header(struct response *rs, const char *name, const char *value, struct err *e);
/* 303 to a path of this site. */
int response_redirect(struct request *rq, struct response *rs, const char *path, struct err *e);
/* Hands a stored file to nginx (X-Accel-Redirect) after the handler has checked the visitor's
 * right. `download` = file name or NULL to show inline. This browser alone may keep it, unless the
 * handler has set Cache-Control before. */
int response_media(struct request *rq, struct response *rs, const char *store_key, const char *type,
                   const char *download, struct err *e);
/* The body is what a helper program of ours writes (app.helpers): for work that a worker should not
 * do itself. The helper reads `input`, at most 60,000 bytes, or the open `file`. It runs until the
 * answer is sent; one that fails before its first byte is an error of this function. */
struct helper_call {
    const char *program;     /* "gempix-pack" */
    const char *const *args; /* NULL-terminated, at most 6 */
    const char *input;
    size_t input_len;
    int file; /* stays the caller's; -1 = use input */
};
int response_helper(struct request *rq, struct response *rs, const struct helper_call *call,
                    const char *type, const char *download, struct err *e);
/* JSON body from a finished text. */
int response_json(struct response *rs, const struct text *json, struct err *e);
/* One notice shown on the next page (short-lived cookie with a key of the message table in flash.c;
 * never free text). */
int response_flash(struct request *rq, struct response *rs, const char *key, struct err *e);

/* --- URLs: built in one place --- */

/* "/jobs/abc…" of the route `name` with its {id}s from `id` (NULL if none), plus "?query" if not
 * NULL (already encoded). Arena memory. */
const char *url_for(struct request *rq, const char *name, const struct id *id, const char *query);
/* "/static/site.css?v=HASH" so that static files can be cached for ever. */
const char *url_static(struct request *rq, const char *file);

/* --- sessions (session.c) --- */

/* Starts a session: new random token, stored hashed, cookie "__Host-gempix" where TLS, else
 * "gempix". Any older session of this browser ends. */
int session_start(struct request *rq, struct response *rs, int64_t account, struct err *e);
/* Ends this browser's session and clears the cookie. */
int session_end(struct request *rq, struct response *rs, struct err *e);

#endif
