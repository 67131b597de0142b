/*
 * What one worker holds from its first request to its last, and what one request needs beside
 * struct request. Private to app/http, app/view and app/main_app.c: pages see http.h alone.
 */
#ifndef GEMPIX_APP_HTTP_APP_H
#define GEMPIX_APP_HTTP_APP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/crypto.h"

struct arena;
struct conf;
struct db;
struct err;
struct request;
struct response;
struct stamps;
struct store;
struct templates;

struct app {
    const struct conf *conf;
    struct db *db;   /* NULL while the database could not be reached since the start */
    bool db_reached; /* it answered once: a failure to prepare is then a mistake of ours */
    struct store *store;
    struct templates *templates;
    struct stamps *stamps;         /* content hashes of static files */
    struct arena *arena;           /* of the current request */
    uint8_t secret[CRYPTO_SHA256]; /* hash of the site's secret file */
    bool tls;                      /* visitors come by https: site.url says so */
    bool test_payments;            /* what is sold here moves no money */
    /* Prepares the statements of every domain; routes.c's, so that http/ knows no domain. */
    int (*prepare)(struct db *db, struct err *e);
    /* The version of a policy that this member was told of and has not put away, or NULL; NULL =
     * nobody asks. */
    const char *(*notice)(struct request *rq);
    /* Is this visitor one of the staff with this permission? Else *answered where it has made a
     * page of its own, or an error. NULL = nobody is. */
    int (*admit)(struct request *rq, struct response *rs, unsigned permission, bool *answered,
                 struct err *e);
    /* Told of every page that was made; NULL = nobody asks. */
    int (*visited)(struct request *rq, struct err *e);
};

/* A name and its value as sent in a form; `value` is NUL-terminated, and may hold NULs before. */
struct pair {
    const char *name;
    const char *value;
    size_t len;
    bool file; /* a multipart part with a file name */
};
#define PAIRS_MAX 128

struct pairs {
    struct pair *list; /* arena memory */
    size_t count;
};

#define TOKEN_BYTES 32
#define TOKEN_TEXT 44 /* base64url of TOKEN_BYTES and the NUL */

/* rq->internal points to one. */
struct exchange {
    struct app *app;
    struct response *rs;
    /* As nginx sent them; "" when absent. */
    const char *method, *content_type, *content_length, *cookie, *origin, *host, *fetch_site,
        *referer, *csrf_header, *accept, *accept_language, *scheme, *gpc, *user_agent, *country;
    struct pairs pairs;       /* of the body, or of a GET form's query */
    char session[TOKEN_TEXT]; /* cookie's token of a living session, else "" */
    char guest[TOKEN_TEXT];   /* token that guards the forms of a guest */
    bool guest_new;           /* not in a cookie yet: sent along with the first form */
    bool session_stale;       /* the cookie names no living session: it is cleared */
    bool session_new;         /* this answer sets or clears the session's cookie itself */
    int retry_after;          /* seconds, for 429 and 503; 0 = none */
};

#endif
