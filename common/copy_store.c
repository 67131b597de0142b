/*
 * The SQL of copies; see copy_store.h. Knows no rules.
 */
#include "common/copy_store.h"

#include <string.h>

#include "common/db.h"
#include "common/err.h"

enum { LOCK, NEWEST, INSERT, BY_TOKEN, FETCHED };

#define COLUMNS                                                                                    \
    "SELECT id, account_id, state + 0, attempts, file_id, asked_at, due_at, ends_at, fetched_at,"  \
    " bytes, fetched_by FROM data_copy "

static const char *const statements[] = {
    [LOCK] = "SELECT id FROM account WHERE id = ? FOR UPDATE",
    [NEWEST] = COLUMNS "WHERE account_id = ? ORDER BY asked_at DESC, id DESC LIMIT 1",
    [INSERT] = "INSERT INTO data_copy (account_id, asked_at, due_at) VALUES (?, ?, ?)",
    [BY_TOKEN] = COLUMNS "WHERE token_hash = ? AND account_id = ?",
    [FETCHED] = "UPDATE data_copy SET state = 'fetched', fetched_at = ?, fetched_by = ?"
                " WHERE token_hash = ? AND account_id = ? AND state = 'ready' AND ends_at > ?",
};
static const struct db_set SET = {"data copy", statements,
                                  sizeof statements / sizeof statements[0]};

enum { FILES_OF, OVER, REMOVED, KNOWN };

static const char *const file_statements[] = {
    [FILES_OF] = "SELECT file_id FROM data_copy WHERE account_id = ? AND file_id IS NOT NULL",
    [OVER] = "SELECT id, file_id FROM data_copy WHERE file_id IS NOT NULL"
             " AND (state = 'ready' AND ends_at <= ? OR state = 'fetched' AND fetched_at <= ?"
             " OR state IN ('failed', 'gone')) ORDER BY id LIMIT ?",
    [REMOVED] = "UPDATE data_copy SET state = IF(state = 'ready', 'gone', state), file_id = NULL"
                " WHERE id = ? AND state IN ('ready', 'fetched', 'failed', 'gone')",
    [KNOWN] = "SELECT EXISTS (SELECT 1 FROM data_copy WHERE file_id = ?)",
};
static const struct db_set FILES = {"files of copies", file_statements,
                                    sizeof file_statements / sizeof file_statements[0]};

int
copy_store_prepare(struct db *db, struct err *e)
{
    return db_prepare(db, &SET, e);
}

int
copy_store_prepare_files(struct db *db, struct err *e)
{
    return db_prepare(db, &FILES, e);
}

static void
read_row(const struct db_rows *rows, struct data_copy *out)
{
    *out = (struct data_copy){
        .id = db_get_int(rows, 0),
        .account = db_get_int(rows, 1),
        .state = (enum copy_state)db_get_int(rows, 2), /* ENUM counts from 1, in this order */
        .attempts = (int)db_get_int(rows, 3),
        .has_file = !db_is_null(rows, 4),
        .asked_at = db_get_int(rows, 5),
        .due_at = db_get_int(rows, 6),
        .ends_at = db_get_int(rows, 7),
        .fetched_at = db_get_int(rows, 8),
        .bytes = db_get_int(rows, 9),
    };
    db_get_bytes(rows, 4, out->file.bytes, sizeof out->file.bytes);
    db_get_bytes(rows, 10, out->fetched_by, sizeof out->fetched_by);
}

static int
read_one(struct db *db, int statement, const struct db_value *args, size_t count,
         struct data_copy *out, struct err *e)
{
    struct db_rows *rows = NULL;
    int rc = db_query(db, &SET, statement, args, count, &rows, e);

    *out = (struct data_copy){0};
    if (rc == ST_OK && db_next(rows))
        read_row(rows, out);
    db_rows_free(rows);
    return rc;
}

int
copy_store_lock(struct db *db, int64_t account, struct err *e)
{
    struct db_rows *rows = NULL;
    int rc = db_query(db, &SET, LOCK, DB_ARGS(db_int(account)), &rows, e);

    db_rows_free(rows);
    return rc;
}

int
copy_store_newest(struct db *db, int64_t account, struct data_copy *out, struct err *e)
{
    return read_one(db, NEWEST, DB_ARGS(db_int(account)), out, e);
}

int
copy_store_insert(struct db *db, int64_t account, int64_t now, struct err *e)
{
    return db_run(db, &SET, INSERT, DB_ARGS(db_int(account), db_int(now), db_int(now)), NULL, e);
}

int
copy_store_by_token(struct db *db, int64_t account, const uint8_t hash[CRYPTO_SHA256],
                    struct data_copy *out, struct err *e)
{
    int rc =
        read_one(db, BY_TOKEN, DB_ARGS(db_bytes(hash, CRYPTO_SHA256), db_int(account)), out, e);

    if (rc == ST_OK && out->state == COPY_NONE)
        rc = err_set(e, ST_NOTFOUND, "There is nothing at this address.", NULL);
    return rc;
}

int
copy_store_fetched(struct db *db, int64_t account, const uint8_t hash[CRYPTO_SHA256],
                   const uint8_t by[CRYPTO_SHA256], int64_t now, struct err *e)
{
    return db_run(db, &SET, FETCHED,
                  DB_ARGS(db_int(now), db_bytes(by, CRYPTO_SHA256), db_bytes(hash, CRYPTO_SHA256),
                          db_int(account), db_int(now)),
                  NULL, e);
}

int
copy_store_files(struct db *db, int64_t account, struct db_rows **out, struct err *e)
{
    return db_query(db, &FILES, FILES_OF, DB_ARGS(db_int(account)), out, e);
}

int
copy_store_over(struct db *db, int64_t now, int64_t fetched, int max, struct db_rows **out,
                struct err *e)
{
    return db_query(db, &FILES, OVER, DB_ARGS(db_int(now), db_int(fetched), db_int(max)), out, e);
}

int
copy_store_removed(struct db *db, int64_t id, struct err *e)
{
    return db_run(db, &FILES, REMOVED, DB_ARGS(db_int(id)), NULL, e);
}

int
copy_store_known(struct db *db, const struct id *file, bool *known, struct err *e)
{
    struct db_rows *rows = NULL;
    int rc =
        db_query(db, &FILES, KNOWN, DB_ARGS(db_bytes(file->bytes, sizeof file->bytes)), &rows, e);

    *known = rc == ST_OK && db_next(rows) && db_get_int(rows, 0) != 0;
    db_rows_free(rows);
    return rc;
}
