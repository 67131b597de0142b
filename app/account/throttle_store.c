/*
 * All SQL of delays and of the gate; see throttle_store.h. The rules are in throttle.c.
 */
#include "app/account/throttle_store.h"

#include "common/db.h"
#include "common/err.h"

enum { KNOWN, LOOK, COUNT, FORGET, LOCK, UNLOCK };

static const char *const statements[] = {
    [KNOWN] = "SELECT 1 FROM account_device d JOIN account a ON a.id = d.account_id"
              " WHERE d.token_hash = ? AND a.email_key = ? AND d.last_seen_at > ?",
    [LOOK] = "SELECT free_at FROM sign_in_delay WHERE bucket = ?",
    /* The right sides see what was set to their left. From the sixth try on: 1, 2, 4 … seconds. */
    [COUNT] = "INSERT INTO sign_in_delay (bucket, tries, last_at, free_at) VALUES (?, 1, ?, 0)"
              " ON DUPLICATE KEY UPDATE tries = IF(last_at < ?, 1, LEAST(tries + 1, 1000)),"
              " last_at = VALUES(last_at), free_at = IF(tries < ?, 0,"
              " last_at + 1000000 * LEAST(POW(2, LEAST(tries - ?, 20)), ?))",
    [FORGET] = "DELETE FROM sign_in_delay WHERE bucket = ?",
    [LOCK] = "SELECT GET_LOCK(CONCAT(DATABASE(), '.', ?), ?)",
    [UNLOCK] = "SELECT RELEASE_LOCK(CONCAT(DATABASE(), '.', ?))",
};
static const struct db_set SET = {"throttle", statements, sizeof statements / sizeof statements[0]};

int
throttle_store_prepare(struct db *db, struct err *e)
{
    return db_prepare(db, &SET, e);
}

int
throttle_store_known(struct db *db, const char *email_key, const uint8_t hash[32], int64_t since,
                     bool *known, struct err *e)
{
    struct db_rows *rows = NULL;
    int rc = db_query(db, &SET, KNOWN,
                      DB_ARGS(db_bytes(hash, 32), db_text(email_key), db_int(since)), &rows, e);

    *known = rc == ST_OK && db_next(rows);
    db_rows_free(rows);
    return rc;
}

int
throttle_store_look(struct db *db, const uint8_t bucket[THROTTLE_BUCKET], int64_t *free_at,
                    struct err *e)
{
    struct db_rows *rows = NULL;
    int rc = db_query(db, &SET, LOOK, DB_ARGS(db_bytes(bucket, THROTTLE_BUCKET)), &rows, e);

    *free_at = rc == ST_OK && db_next(rows) ? db_get_int(rows, 0) : 0;
    db_rows_free(rows);
    return rc;
}

int
throttle_store_count(struct db *db, const uint8_t bucket[THROTTLE_BUCKET], int64_t now,
                     int64_t stale, struct err *e)
{
    return db_run(db, &SET, COUNT,
                  DB_ARGS(db_bytes(bucket, THROTTLE_BUCKET), db_int(now), db_int(stale),
                          db_int(THROTTLE_FREE), db_int(THROTTLE_FREE), db_int(THROTTLE_MAX)),
                  NULL, e);
}

int
throttle_store_forget(struct db *db, const uint8_t bucket[THROTTLE_BUCKET], struct err *e)
{
    return db_run(db, &SET, FORGET, DB_ARGS(db_bytes(bucket, THROTTLE_BUCKET)), NULL, e);
}

int
throttle_store_lock(struct db *db, const char *name, double seconds, bool *got, struct err *e)
{
    struct db_rows *rows = NULL;
    int rc = db_query(db, &SET, LOCK, DB_ARGS(db_text(name), db_real(seconds)), &rows, e);

    *got = rc == ST_OK && db_next(rows) && db_get_int(rows, 0) == 1;
    db_rows_free(rows);
    return rc;
}

int
throttle_store_unlock(struct db *db, const char *name, struct err *e)
{
    struct db_rows *rows = NULL;
    int rc = db_query(db, &SET, UNLOCK, DB_ARGS(db_text(name)), &rows, e);

    db_rows_free(rows);
    return rc;
}
