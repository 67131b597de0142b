/*
 * All SQL about the second step; see second_store.h. The rules are in second.c.
 */
#include "app/account/second_store.h"

#include <string.h>

#include "common/db.h"
#include "common/err.h"

enum { LOAD, BEGIN, CONFIRM, USE, END, ADD_CODE, DROP_CODES, USE_CODE };

static const char *const statements[] = {
    [LOAD] = "SELECT nonce, last_step, confirmed_at, (SELECT COUNT(*) FROM account_recovery r"
             " WHERE r.account_id = s.account_id) FROM account_second s WHERE s.account_id = ?",
    [BEGIN] = "INSERT INTO account_second (account_id, nonce, created_at) VALUES (?, ?, ?)"
              " ON DUPLICATE KEY UPDATE"
              " nonce = IF(confirmed_at IS NULL, VALUES(nonce), nonce)",
    [CONFIRM] = "UPDATE account_second SET confirmed_at = ? WHERE account_id = ?"
                " AND confirmed_at IS NULL",
    [USE] = "UPDATE account_second SET last_step = ? WHERE account_id = ? AND last_step < ?",
    [END] = "DELETE FROM account_second WHERE account_id = ?",
    [ADD_CODE] = "INSERT INTO account_recovery (account_id, code_hash, created_at)"
                 " VALUES (?, ?, ?)",
    [DROP_CODES] = "DELETE FROM account_recovery WHERE account_id = ?",
    [USE_CODE] = "DELETE FROM account_recovery WHERE account_id = ? AND code_hash = ?",
};
static const struct db_set SET = {"second", statements, sizeof statements / sizeof statements[0]};

int
second_store_prepare(struct db *db, struct err *e)
{
    return db_prepare(db, &SET, e);
}

int
second_store_load(struct db *db, int64_t account, struct second_state *out, struct err *e)
{
    struct db_rows *rows = NULL;
    int rc;

    memset(out, 0, sizeof *out);
    rc = db_query(db, &SET, LOAD, DB_ARGS(db_int(account)), &rows, e);
    if (rc == ST_OK && db_next(rows)) {
        db_get_bytes(rows, 0, out->nonce, sizeof out->nonce);
        out->last_step = db_get_int(rows, 1);
        out->on = !db_is_null(rows, 2);
        out->begun = !out->on;
        out->since = db_get_int(rows, 2);
        out->codes = (int)db_get_int(rows, 3);
    }
    db_rows_free(rows);
    return rc;
}

int
second_store_begin(struct db *db, int64_t account, const uint8_t nonce[16], int64_t now,
                   struct err *e)
{
    return db_run(db, &SET, BEGIN, DB_ARGS(db_int(account), db_bytes(nonce, 16), db_int(now)), NULL,
                  e);
}

int
second_store_confirm(struct db *db, int64_t account, int64_t now, struct err *e)
{
    return db_run(db, &SET, CONFIRM, DB_ARGS(db_int(now), db_int(account)), NULL, e);
}

int
second_store_use(struct db *db, int64_t account, int64_t step, bool *fresh, struct err *e)
{
    struct db_done done = {0};
    int rc = db_run(db, &SET, USE, DB_ARGS(db_int(step), db_int(account), db_int(step)), &done, e);

    *fresh = rc == ST_OK && done.affected == 1;
    return rc;
}

int
second_store_end(struct db *db, int64_t account, struct err *e)
{
    return db_run(db, &SET, END, DB_ARGS(db_int(account)), NULL, e);
}

int
second_store_add_code(struct db *db, int64_t account, const uint8_t hash[CRYPTO_SHA256],
                      int64_t now, struct err *e)
{
    return db_run(db, &SET, ADD_CODE,
                  DB_ARGS(db_int(account), db_bytes(hash, CRYPTO_SHA256), db_int(now)), NULL, e);
}

int
second_store_drop_codes(struct db *db, int64_t account, struct err *e)
{
    return db_run(db, &SET, DROP_CODES, DB_ARGS(db_int(account)), NULL, e);
}

int
second_store_use_code(struct db *db, int64_t account, const uint8_t hash[CRYPTO_SHA256], bool *had,
                      struct err *e)
{
    struct db_done done = {0};
    int rc = db_run(db, &SET, USE_CODE, DB_ARGS(db_int(account), db_bytes(hash, CRYPTO_SHA256)),
                    &done, e);

    *had = rc == ST_OK && done.affected == 1;
    return rc;
}
