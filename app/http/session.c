/*
 * Sessions: a random token in a cookie, its hash in the database, so that a copy of the database
 * signs nobody in. A session ends 14 days after it was last used, and after 90 days anyway.
 */
#include "app/http/session.h"

#include <stdio.h>
#include <string.h>

#include "app/http/app.h"
#include "app/http/browser.h"
#include "app/http/cookie.h"
#include "app/http/http.h"
#include "app/http/session_store.h"
#include "common/clock.h"
#include "common/err.h"

#define IDLE (14 * CLOCK_DAY)
#define ABSOLUTE (90 * CLOCK_DAY)
#define LIST_MAX 100
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
    struct whence whence;
    int64_t now = clock_now();
    int rc;

    if ((rc = drop(rq, e)) != ST_OK)
        return rc;
    crypto_random(secret, sizeof secret);
    crypto_base64url(secret, sizeof secret, token, sizeof token);
    crypto_wipe(secret, sizeof secret);
    hash_token(token, hash);
    session_whence(rq, &whence);
    rc = session_store_insert(rq->db, hash, account, &whence, rq->second_done, now, now + ABSOLUTE,
                              e);
    if (rc == ST_OK)
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

void
session_whence(const struct request *rq, struct whence *out)
{
    const struct exchange *x = rq->internal;
    const char *c = x->country;
    bool known = strlen(c) == 2 && c[0] >= 'A' && c[0] <= 'Z' && c[1] >= 'A' && c[1] <= 'Z';

    browser_family(x->user_agent, out->browser);
    snprintf(out->region, sizeof out->region, "%s", known ? c : "");
}

/* A form names a session by the hash of its hash: enough to find it, useless as a cookie. */
static void
public_id(const uint8_t hash[CRYPTO_SHA256], struct id *out)
{
    uint8_t again[CRYPTO_SHA256];

    crypto_sha256(hash, CRYPTO_SHA256, again);
    memcpy(out->bytes, again, sizeof out->bytes);
}

const uint8_t *
session_hash(const struct request *rq, uint8_t out[CRYPTO_SHA256])
{
    const struct exchange *x = rq->internal;

    if (x->session[0] == '\0')
        return NULL;
    hash_token(x->session, out);
    return out;
}

int
session_second(struct request *rq, struct err *e)
{
    uint8_t hash[CRYPTO_SHA256];

    if (session_hash(rq, hash) == NULL)
        return ST_OK;
    return session_store_second(rq->db, hash, clock_now(), e);
}

int
session_list(struct request *rq, struct session_row *out, size_t max, size_t *count, struct err *e)
{
    struct session_found found[LIST_MAX];
    uint8_t own[CRYPTO_SHA256];
    const uint8_t *mine = session_hash(rq, own);
    int64_t now = clock_now();
    int rc = session_store_list(rq->db, rq->visitor.account, now, now - IDLE, found,
                                max < LIST_MAX ? max : LIST_MAX, count, e);

    for (size_t i = 0; rc == ST_OK && i < *count; i++) {
        public_id(found[i].hash, &out[i].id);
        out[i].whence = found[i].whence;
        out[i].created_at = found[i].created_at;
        out[i].last_seen_at = found[i].last_seen_at;
        out[i].current = mine != NULL && memcmp(found[i].hash, mine, CRYPTO_SHA256) == 0;
    }
    return rc;
}

int
session_revoke(struct request *rq, const struct id *id, struct err *e)
{
    struct session_found found[LIST_MAX];
    int64_t now = clock_now();
    size_t count;
    int rc = session_store_list(rq->db, rq->visitor.account, now, now - IDLE, found, LIST_MAX,
                                &count, e);

    for (size_t i = 0; rc == ST_OK && i < count; i++) {
        struct id each;

        public_id(found[i].hash, &each);
        if (memcmp(&each, id, sizeof each) == 0)
            return session_store_delete(rq->db, found[i].hash, e);
    }
    return rc == ST_OK ? err_set(e, ST_NOTFOUND, "This session has ended already.", NULL) : rc;
}

void
session_derive(const struct request *rq, const char *purpose, uint8_t out[CRYPTO_SHA256])
{
    const struct exchange *x = rq->internal;

    crypto_hmac_sha256(x->app->secret, sizeof x->app->secret, purpose, strlen(purpose), out);
}
