/*
 * The rules of copies; see copy.h. Knows no SQL and no files. Read next: copy_store.h,
 * copy_files.h.
 */
#include "common/copy.h"

#include <string.h>

#include "common/copy_store.h"
#include "common/db.h"
#include "common/err.h"

int
copy_prepare(struct db *db, struct err *e)
{
    return copy_store_prepare(db, e);
}

int
copy_newest(struct db *db, int64_t account, struct data_copy *out, struct err *e)
{
    return copy_store_newest(db, account, out, e);
}

/* One that failed was no copy: the member need not wait for our fault. */
int64_t
copy_next(const struct data_copy *newest)
{
    int64_t next = newest->asked_at + COPY_EVERY;

    if (newest->state == COPY_NONE || newest->state == COPY_FAILED || next <= clock_now())
        return 0;
    return next;
}

static int
ask_body(struct db *db, void *arg, struct err *e)
{
    int64_t account = *(int64_t *)arg;
    struct data_copy newest;
    int rc;

    /* Two requests at a time: the second waits here for the first one's row. */
    if ((rc = copy_store_lock(db, account, e)) != ST_OK ||
        (rc = copy_store_newest(db, account, &newest, e)) != ST_OK)
        return rc;
    if (copy_next(&newest) != 0)
        return err_set(e, ST_LIMIT, "One copy a day can be asked for.", NULL);
    return copy_store_insert(db, account, clock_now(), e);
}

int
copy_ask(struct db *db, int64_t account, struct err *e)
{
    int rc = db_transaction(db, ask_body, &account, e);

    if (rc == ST_CONFLICT)
        return err_set(e, ST_CONFLICT, "A copy is asked for already.", NULL);
    return rc;
}

int
copy_look(struct db *db, int64_t account, const char *token, struct data_copy *out, struct err *e)
{
    uint8_t hash[CRYPTO_SHA256];

    crypto_sha256(token, strlen(token), hash);
    return copy_store_by_token(db, account, hash, out, e);
}

/* The row outlives the session: it holds a hash of what the session's own row is found by. */
static void
hash_session(const uint8_t session[CRYPTO_SHA256], uint8_t out[CRYPTO_SHA256])
{
    crypto_sha256(session, CRYPTO_SHA256, out);
}

bool
copy_open_to(const struct data_copy *c, const uint8_t session[CRYPTO_SHA256])
{
    uint8_t by[CRYPTO_SHA256];
    int64_t now = clock_now();

    hash_session(session, by);
    if (!c->has_file)
        return false;
    if (c->state == COPY_READY)
        return c->ends_at > now;
    return c->state == COPY_FETCHED && c->fetched_at + COPY_AGAIN > now &&
           crypto_equal(c->fetched_by, by, sizeof by);
}

int
copy_fetch(struct db *db, int64_t account, const char *token, const uint8_t session[CRYPTO_SHA256],
           struct data_copy *out, struct err *e)
{
    uint8_t hash[CRYPTO_SHA256], by[CRYPTO_SHA256];
    int rc;

    crypto_sha256(token, strlen(token), hash);
    hash_session(session, by);
    if ((rc = copy_store_fetched(db, account, hash, by, clock_now(), e)) != ST_OK ||
        (rc = copy_store_by_token(db, account, hash, out, e)) != ST_OK)
        return rc;
    /* Either this call has marked it, or the same session had done so a moment ago. */
    if (out->state != COPY_FETCHED || !copy_open_to(out, session))
        return err_set(e, ST_LOST, "This copy was fetched already, or its time is over.", NULL);
    return ST_OK;
}
