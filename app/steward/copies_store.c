/*
 * The SQL of writing copies; see copies_store.h. Knows no files.
 */
#include "app/steward/copies_store.h"

#include <stdio.h>

#include "common/db.h"
#include "common/err.h"

enum { DUE, CLAIM, GIVE_UP, FAILED, READY, PERSON };

#define MINE "WHERE id = ? AND state = 'building' AND file_id = ?"

static const char *const statements[] = {
    [DUE] = "SELECT c.id, c.account_id, c.attempts, c.due_at FROM data_copy c"
            " JOIN account a ON a.id = c.account_id"
            " WHERE c.state IN ('asked', 'building') AND c.due_at <= ? AND a.state = 'active'"
            " ORDER BY c.due_at, c.id LIMIT 1",
    [CLAIM] = "UPDATE data_copy SET state = 'building', attempts = attempts + 1, file_id = ?,"
              " due_at = ? WHERE id = ? AND state IN ('asked', 'building') AND due_at = ?",
    [GIVE_UP] = "UPDATE data_copy SET state = 'failed', file_id = NULL"
                " WHERE id = ? AND state IN ('asked', 'building') AND due_at = ?",
    [FAILED] = "UPDATE data_copy SET state = IF(attempts >= ?, 'failed', 'asked'), due_at = ?,"
               " file_id = NULL " MINE,
    [READY] = "UPDATE data_copy SET state = 'ready', ready_at = ?, ends_at = ?, bytes = ?,"
              " token_hash = ? " MINE,
    [PERSON] = "SELECT email, language FROM account WHERE id = ?",
};
static const struct db_set SET = {"copies", statements, sizeof statements / sizeof statements[0]};

int
copies_store_prepare(struct db *db, struct err *e)
{
    return db_prepare(db, &SET, e);
}

int
copies_store_due(struct db *db, int64_t now, struct data_copy *out, struct err *e)
{
    struct db_rows *rows = NULL;
    int rc = db_query(db, &SET, DUE, DB_ARGS(db_int(now)), &rows, e);

    *out = (struct data_copy){0};
    if (rc == ST_OK && db_next(rows)) {
        out->id = db_get_int(rows, 0);
        out->account = db_get_int(rows, 1);
        out->attempts = (int)db_get_int(rows, 2);
        out->due_at = db_get_int(rows, 3);
    }
    db_rows_free(rows);
    return rc;
}

static int
change(struct db *db, int statement, const struct db_value *args, size_t count, struct err *e)
{
    struct db_done done = {0};
    int rc = db_run(db, &SET, statement, args, count, &done, e);

    if (rc == ST_OK && done.affected == 0)
        rc = err_set(e, ST_LOST, "The copy is somebody else's by now.", NULL);
    return rc;
}

int
copies_store_claim(struct db *db, const struct data_copy *c, int64_t seen_due_at, struct err *e)
{
    return change(db, CLAIM,
                  DB_ARGS(db_bytes(c->file.bytes, sizeof c->file.bytes), db_int(c->due_at),
                          db_int(c->id), db_int(seen_due_at)),
                  e);
}

int
copies_store_give_up(struct db *db, const struct data_copy *c, struct err *e)
{
    return change(db, GIVE_UP, DB_ARGS(db_int(c->id), db_int(c->due_at)), e);
}

int
copies_store_failed(struct db *db, const struct data_copy *c, int64_t next, struct err *e)
{
    return change(db, FAILED,
                  DB_ARGS(db_int(COPY_ATTEMPTS), db_int(next), db_int(c->id),
                          db_bytes(c->file.bytes, sizeof c->file.bytes)),
                  e);
}

int
copies_store_ready(struct db *db, const struct data_copy *c, const uint8_t hash[CRYPTO_SHA256],
                   int64_t now, struct err *e)
{
    return change(db, READY,
                  DB_ARGS(db_int(now), db_int(c->ends_at), db_int(c->bytes),
                          db_bytes(hash, CRYPTO_SHA256), db_int(c->id),
                          db_bytes(c->file.bytes, sizeof c->file.bytes)),
                  e);
}

int
copies_store_person(struct db *db, int64_t account, struct copy_person *out, struct err *e)
{
    struct db_rows *rows = NULL;
    int rc = db_query(db, &SET, PERSON, DB_ARGS(db_int(account)), &rows, e);

    *out = (struct copy_person){0};
    if (rc == ST_OK && db_next(rows)) {
        snprintf(out->email, sizeof out->email, "%s", db_get_text(rows, 0, NULL));
        snprintf(out->language, sizeof out->language, "%s", db_get_text(rows, 1, NULL));
    }
    db_rows_free(rows);
    return rc;
}
