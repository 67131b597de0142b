/*
 * Sessions: a random token in a cookie, its hash in the database, so that a copy of the database
 * signs nobody in. A session ends 14 days after it was last used, and after 90 days anyway.
 */
#include "app/http/session.h"

#include <string.h>

#include "app/http/app.h"
#include "app/http/cookie.h"
#include "app/http/http.h"
#include "app/http/session_store.h"
#include "common/clock.h"
#include "common/err.h"

#define IDLE (14 * CLOCK_DAY)
#define ABSOLUTE (90 * CLOCK_DAY)
#define TOUCH_AFTER (10 * CLOCK_MINUTE) /* a write per page would cost more than the page */

int
session_prepare(struct db *db, struct err *e)
{
    return session_store_prepare(db, e);
}

static void
hash_token(const char *token, uint8_t out[CRYPTO_SHA256])
{
    crypto_sha256(token, strlen(token), out);
}

int
session_load(struct request *rq, struct err *e)
{
    struct exchange *x = rq->internal;
    uint8_t hash[CRYPTO_SHA256];
    char name[COOKIE_NAME], token[TOKEN_TEXT];
    int64_t now = clock_now(), last_seen;
    int rc;

    cookie_name(SESSION_COOKIE, x->app->tls, name);
    if (!cookie_find(x->cookie, name, token, sizeof token) || strlen(token) != TOKEN_TEXT - 1)
        return ST_OK;
    hash_token(token, hash);
    rc = session_store_load(rq->db, hash, now, now - IDLE, rq->arena, &rq->visitor, &last_seen, e);
    if (rc == ST_NOTFOUND) {
        x->session_stale = true;
        err_clear(e);
        return ST_OK;
    }
    if (rc != ST_OK)
        return rc;
    memcpy(x->session, token, sizeof token);
    if (now - last_seen > TOUCH_AFTER)
        rc = session_store_touch(rq->db, hash, now, e);
    return rc;
}

/* Ends the session that this request came with, if any. */
static int
drop(struct request *rq, struct err *e)
{
    struct exchange *x = rq->internal;
    uint8_t hash[CRYPTO_SHA256];
    int rc;

    if (x->session[0] == '\0')
        return ST_OK;
    hash_token(x->session, hash);
    if ((rc = session_store_delete(rq->db, hash, e)) == ST_OK)
        x->session[0] = '\0';
    return rc;
}

int
session_start(struct request *rq, struct response *rs, int64_t account, struct err *e)
{
    struct exchange *x = rq->internal;
    uint8_t secret[TOKEN_BYTES], hash[CRYPTO_SHA256];
    char token[TOKEN_TEXT];
    int64_t now = clock_now();
    int rc;

    if ((rc = drop(rq, e)) != ST_OK)
        return rc;
    crypto_random(secret, sizeof secret);
    crypto_base64url(secret, sizeof secret, token, sizeof token);
    crypto_wipe(secret, sizeof secret);
    hash_token(token, hash);
    if ((rc = session_store_insert(rq->db, hash, account, now, now + ABSOLUTE, e)) == ST_OK)
        rc = cookie_set(rs, x->app->tls, SESSION_COOKIE, token, ABSOLUTE / CLOCK_SECOND, e);
    x->session_new = rc == ST_OK;
    crypto_wipe(token, sizeof token);
    return rc;
}

int
session_end(struct request *rq, struct response *rs, struct err *e)
{
    struct exchange *x = rq->internal;
    int rc;

    if ((rc = drop(rq, e)) != ST_OK)
        return rc;
    x->session_new = true;
    return cookie_set(rs, x->app->tls, SESSION_COOKIE, "", 0, e);
}

int
session_finish(struct request *rq, struct response *rs, struct err *e)
{
    struct exchange *x = rq->internal;

    if (!x->session_stale || x->session_new)
        return ST_OK;
    return cookie_set(rs, x->app->tls, SESSION_COOKIE, "", 0, e);
}
