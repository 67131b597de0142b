/*
 * All SQL about known browsers; see device_store.h. The rules are in device.c.
 */
#include "app/account/device_store.h"

#include "common/db.h"
#include "common/err.h"

enum { COUNT, TOUCH, INSERT, KNOWN };

static const char *const statements[] = {
    [COUNT] = "SELECT COUNT(*), COALESCE(SUM(browser = ? AND region = ?), 0) FROM account_device"
              " WHERE account_id = ?",
    [TOUCH] = "UPDATE account_device SET browser = ?, region = ?, last_seen_at = ?"
              " WHERE token_hash = ? AND account_id = ?",
    [INSERT] = "INSERT INTO account_device (token_hash, account_id, browser, region, created_at,"
               " last_seen_at) VALUES (?, ?, ?, ?, ?, ?)",
    [KNOWN] = "SELECT 1 FROM account_device WHERE token_hash = ? AND account_id = ?"
              " AND last_seen_at > ?",
};
static const struct db_set SET = {"device", statements, sizeof statements / sizeof statements[0]};

int
device_store_prepare(struct db *db, struct err *e)
{
    return db_prepare(db, &SET, e);
}

int
device_store_count(struct db *db, int64_t account, const struct device *d, int64_t *all,
                   int64_t *same, struct err *e)
{
    struct db_rows *rows = NULL;
    int rc;

    *all = *same = 0;
    rc = db_query(db, &SET, COUNT,
                  DB_ARGS(db_text(d->browser), db_text(d->region), db_int(account)), &rows, e);
    if (rc == ST_OK && db_next(rows)) {
        *all = db_get_int(rows, 0);
        *same = db_get_int(rows, 1);
    }
    db_rows_free(rows);
    return rc;
}

int
device_store_touch(struct db *db, int64_t account, const uint8_t hash[CRYPTO_SHA256],
                   const struct device *d, int64_t now, bool *known, struct err *e)
{
    struct db_done done = {0};
    int rc = db_run(db, &SET, TOUCH,
                    DB_ARGS(db_text(d->browser), db_text(d->region), db_int(now),
                            db_bytes(hash, CRYPTO_SHA256), db_int(account)),
                    &done, e);

    *known = rc == ST_OK && done.affected > 0;
    return rc;
}

int
device_store_insert(struct db *db, int64_t account, const uint8_t hash[CRYPTO_SHA256],
                    const struct device *d, int64_t now, struct err *e)
{
    return db_run(db, &SET, INSERT,
                  DB_ARGS(db_bytes(hash, CRYPTO_SHA256), db_int(account), db_text(d->browser),
                          db_text(d->region), db_int(now), db_int(now)),
                  NULL, e);
}

int
device_store_known(struct db *db, int64_t account, const uint8_t hash[CRYPTO_SHA256], int64_t since,
                   bool *known, struct err *e)
{
    struct db_rows *rows = NULL;
    int rc =
        db_query(db, &SET, KNOWN,
                 DB_ARGS(db_bytes(hash, CRYPTO_SHA256), db_int(account), db_int(since)), &rows, e);

    *known = rc == ST_OK && db_next(rows);
    db_rows_free(rows);
    return rc;
}
