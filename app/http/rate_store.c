/*
 * All SQL of rate limits; see rate_store.h. One statement counts and tells. The steward removes old
 * windows.
 */
#include "app/http/rate_store.h"

#include "common/db.h"
#include "common/err.h"

enum { HIT };

static const char *const statements[] = {
    [HIT] = "INSERT INTO rate_window (bucket, starts_at, hits) VALUES (?, ?, 1)"
            " ON DUPLICATE KEY UPDATE hits = LEAST(hits + 1, 1000000) RETURNING hits",
};
static const struct db_set SET = {"rate", statements, sizeof statements / sizeof statements[0]};

int
rate_store_prepare(struct db *db, struct err *e)
{
    return db_prepare(db, &SET, e);
}

int
rate_store_hit(struct db *db, const uint8_t bucket[CRYPTO_SHA256], int64_t starts_at, int64_t *hits,
               struct err *e)
{
    struct db_rows *rows = NULL;
    int rc;

    *hits = 0;
    rc = db_query(db, &SET, HIT, DB_ARGS(db_bytes(bucket, CRYPTO_SHA256), db_int(starts_at)), &rows,
                  e);
    if (rc == ST_OK && db_next(rows))
        *hits = db_get_int(rows, 0);
    db_rows_free(rows);
    return rc;
}
