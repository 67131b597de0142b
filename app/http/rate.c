/*
 * Rate limits; see rate.h. Pages and polls are not counted here: nginx limits them, and counting
 * one would cost the database as much as answering it. Windows are fixed: at worst twice the number
 * passes around the turn of one.
 */
#include "app/http/rate.h"

#include <arpa/inet.h>
#include <stdbool.h>
#include <string.h>

#include "app/http/app.h"
#include "app/http/http.h"
#include "app/http/rate_store.h"
#include "common/clock.h"
#include "common/err.h"

static const struct limit {
    enum rate_class class;
    const char *word; /* part of the key, so that classes and windows do not share counts */
    int64_t seconds;
    int64_t hits;
} limits[] = {
    {RATE_SUBMIT, "submit/minute", 60, 60},
    {RATE_AUTH, "auth/minute", 60, 30},
    {RATE_AUTH, "auth/hour", 3600, 200},
    {RATE_WRITE, "write/hour", 3600, 20},
};

int
rate_prepare(struct db *db, struct err *e)
{
    return rate_store_prepare(db, e);
}

size_t
rate_client(const char *address, uint8_t out[64])
{
    static const uint8_t mapped[12] = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF};
    uint8_t v6[16];
    size_t len;

    if (inet_pton(AF_INET, address, out) == 1)
        return 4;
    if (inet_pton(AF_INET6, address, v6) == 1) {
        if (memcmp(v6, mapped, sizeof mapped) == 0) {
            memcpy(out, v6 + 12, 4);
            return 4;
        }
        memcpy(out, v6, 8); /* one customer usually holds a whole /64 */
        return 8;
    }
    len = strnlen(address, 64);
    memcpy(out, address, len);
    return len;
}

static int
hit(struct request *rq, const struct limit *l, struct err *e)
{
    struct exchange *x = rq->internal;
    uint8_t text[128], bucket[CRYPTO_SHA256];
    size_t len = strlen(l->word) + 1;
    int64_t now = clock_now(), window = l->seconds * CLOCK_SECOND, hits;
    int rc;

    memcpy(text, l->word, len);
    len += rate_client(rq->client, text + len);
    crypto_hmac_sha256(x->app->secret, sizeof x->app->secret, text, len, bucket);
    if ((rc = rate_store_hit(rq->db, bucket, now - now % window, &hits, e)) != ST_OK)
        return rc;
    if (hits <= l->hits)
        return ST_OK;
    x->retry_after = (int)((window - now % window) / CLOCK_SECOND) + 1;
    return err_set(e, ST_LIMIT,
                   "That was too often in a short time. Please wait a moment, then try again.",
                   "%s", l->word);
}

int
rate_check(struct request *rq, struct err *e)
{
    return rate_count(rq, rq->route->rate, e);
}

int
rate_count(struct request *rq, enum rate_class class, struct err *e)
{
    for (size_t i = 0; i < sizeof limits / sizeof limits[0]; i++) {
        int rc;
        if (limits[i].class == class && (rc = hit(rq, &limits[i], e)) != ST_OK)
            return rc;
    }
    return ST_OK;
}
