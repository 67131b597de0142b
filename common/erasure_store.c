/*
 * All SQL of rows about erasures; see erasure_store.h. What is erased is erasure_plan_store.c's.
 */
#include "common/erasure_store.h"

#include <stdio.h>
#include <string.h>

#include "common/db.h"
#include "common/err.h"

enum {
    CLOSE,
    REOPEN,
    END_SESSIONS,
    INSERT,
    REMOVE,
    LOAD,
    PERSON,
    JOBS,
    RECEIPT,
};

#define COLUMNS "SELECT id, account_id, public_id, asked_at, due_at, state <> 'asked' FROM erasure "
#define PERSON_SQL "SELECT email, language, verified_at IS NOT NULL FROM account WHERE id = ?"

static const char *const statements[] = {
    [CLOSE] = "UPDATE account SET state = 'leaving' WHERE id = ? AND state = 'active'",
    [REOPEN] = "UPDATE account SET state = 'active' WHERE id = ? AND state = 'leaving'",
    [END_SESSIONS] = "DELETE FROM session WHERE account_id = ?",
    [INSERT] = "INSERT INTO erasure (public_id, account_id, asked_at, due_at) VALUES (?, ?, ?, ?)",
    [REMOVE] = "DELETE FROM erasure WHERE account_id = ? AND state = 'asked'",
    [LOAD] = COLUMNS "WHERE account_id = ?",
    [PERSON] = PERSON_SQL,
    [JOBS] = "SELECT public_id FROM job WHERE account_id = ? AND state IN ('queued', 'running')"
             " LIMIT ?",
    [RECEIPT] = "SELECT COALESCE(done_at, 0), head FROM erasure WHERE public_id = ?",
};
static const struct db_set SET = {"erasure", statements, sizeof statements / sizeof statements[0]};

enum {
    DUE,
    UNREMINDED,
    REMINDED,
    WORKING,
    BEGIN,
    ADD,
    STEPS,
    CLOSED,
    END,
    FORGET_STEPS,
    RUN_PERSON,
};

static const char *const run_statements[] = {
    [DUE] = COLUMNS "WHERE state IN ('asked', 'running') AND due_at <= ? AND id > ? ORDER BY id"
                    " LIMIT 1",
    [UNREMINDED] = COLUMNS "WHERE state = 'asked' AND due_at > ? AND due_at <= ?"
                           " AND reminded_at IS NULL ORDER BY id LIMIT 1",
    [REMINDED] = "UPDATE erasure SET reminded_at = ? WHERE id = ? AND state = 'asked'"
                 " AND reminded_at IS NULL",
    [WORKING] = "SELECT EXISTS (SELECT 1 FROM job WHERE account_id = ?"
                " AND state IN ('queued', 'running'))",
    [BEGIN] = "UPDATE erasure SET state = 'running' WHERE id = ? AND state IN ('asked', 'running')",
    [ADD] = "INSERT INTO erasure_step (erasure_id, what, action, entries, files, ended_at)"
            " VALUES (?, ?, ?, ?, ?, ?) ON DUPLICATE KEY UPDATE"
            " entries = entries + VALUES(entries), files = files + VALUES(files),"
            " ended_at = VALUES(ended_at)",
    [STEPS] = "SELECT what, action, entries, files, ended_at FROM erasure_step"
              " WHERE erasure_id = ? ORDER BY ended_at, what",
    [CLOSED] = "UPDATE account SET state = 'closed' WHERE id = ?",
    [END] = "UPDATE erasure SET state = 'done', account_id = NULL, done_at = ?, head = ?"
            " WHERE id = ? AND state = 'running'",
    [FORGET_STEPS] = "DELETE FROM erasure_step WHERE erasure_id = ?",
    [RUN_PERSON] = PERSON_SQL " FOR UPDATE",
};
static const struct db_set RUN = {"erasing", run_statements,
                                  sizeof run_statements / sizeof run_statements[0]};

int
erasure_store_prepare(struct db *db, struct err *e)
{
    return db_prepare(db, &SET, e);
}

int
erasure_store_prepare_run(struct db *db, struct err *e)
{
    return db_prepare(db, &RUN, e);
}

/* Runs a change of one row. */
static int
change(struct db *db, const struct db_set *set, int statement, const struct db_value *args,
       size_t count, bool *changed, struct err *e)
{
    struct db_done done = {0};
    int rc = db_run(db, set, statement, args, count, &done, e);

    *changed = rc == ST_OK && done.affected > 0;
    return rc;
}

static int
read_one(struct db *db, const struct db_set *set, int statement, const struct db_value *args,
         size_t count, struct erasure *out, struct err *e)
{
    struct db_rows *rows = NULL;
    int rc = db_query(db, set, statement, args, count, &rows, e);

    *out = (struct erasure){0};
    if (rc == ST_OK && db_next(rows)) {
        out->id = db_get_int(rows, 0);
        out->account = db_get_int(rows, 1);
        db_get_bytes(rows, 2, out->code.bytes, sizeof out->code.bytes);
        out->asked_at = db_get_int(rows, 3);
        out->due_at = db_get_int(rows, 4);
        out->begun = db_get_int(rows, 5) != 0;
    }
    db_rows_free(rows);
    return rc;
}

int
erasure_store_close(struct db *db, int64_t account, bool *changed, struct err *e)
{
    return change(db, &SET, CLOSE, DB_ARGS(db_int(account)), changed, e);
}

int
erasure_store_reopen(struct db *db, int64_t account, struct err *e)
{
    return db_run(db, &SET, REOPEN, DB_ARGS(db_int(account)), NULL, e);
}

int
erasure_store_end_sessions(struct db *db, int64_t account, struct err *e)
{
    return db_run(db, &SET, END_SESSIONS, DB_ARGS(db_int(account)), NULL, e);
}

int
erasure_store_insert(struct db *db, const struct erasure *r, struct err *e)
{
    return db_run(db, &SET, INSERT,
                  DB_ARGS(db_bytes(r->code.bytes, sizeof r->code.bytes), db_int(r->account),
                          db_int(r->asked_at), db_int(r->due_at)),
                  NULL, e);
}

int
erasure_store_remove(struct db *db, int64_t account, bool *removed, struct err *e)
{
    return change(db, &SET, REMOVE, DB_ARGS(db_int(account)), removed, e);
}

int
erasure_store_load(struct db *db, int64_t account, struct erasure *out, struct err *e)
{
    return read_one(db, &SET, LOAD, DB_ARGS(db_int(account)), out, e);
}

static int
read_person(struct db *db, const struct db_set *set, int statement, int64_t account,
            struct erasure_person *out, struct err *e)
{
    struct db_rows *rows = NULL;
    int rc = db_query(db, set, statement, DB_ARGS(db_int(account)), &rows, e);

    *out = (struct erasure_person){0};
    if (rc == ST_OK && db_next(rows)) {
        snprintf(out->email, sizeof out->email, "%s", db_get_text(rows, 0, NULL));
        snprintf(out->language, sizeof out->language, "%s", db_get_text(rows, 1, NULL));
        out->proven = db_get_int(rows, 2) != 0;
    } else if (rc == ST_OK) {
        rc = err_set(e, ST_NOTFOUND, "There is no such account.", NULL);
    }
    db_rows_free(rows);
    return rc;
}

int
erasure_store_person(struct db *db, int64_t account, struct erasure_person *out, struct err *e)
{
    return read_person(db, &SET, PERSON, account, out, e);
}

int
erasure_store_lock_person(struct db *db, int64_t account, struct erasure_person *out, struct err *e)
{
    return read_person(db, &RUN, RUN_PERSON, account, out, e);
}

int
erasure_store_jobs(struct db *db, int64_t account, int max, struct db_rows **out, struct err *e)
{
    return db_query(db, &SET, JOBS, DB_ARGS(db_int(account), db_int(max)), out, e);
}

int
erasure_store_receipt(struct db *db, const struct id *code, int64_t *done_at,
                      uint8_t head[CRYPTO_SHA256], struct err *e)
{
    struct db_rows *rows = NULL;
    int rc =
        db_query(db, &SET, RECEIPT, DB_ARGS(db_bytes(code->bytes, sizeof code->bytes)), &rows, e);

    *done_at = 0;
    memset(head, 0, CRYPTO_SHA256);
    if (rc == ST_OK && db_next(rows)) {
        *done_at = db_get_int(rows, 0);
        db_get_bytes(rows, 1, head, CRYPTO_SHA256);
    } else if (rc == ST_OK) {
        rc = err_set(e, ST_NOTFOUND, "There is no receipt with this code.", NULL);
    }
    db_rows_free(rows);
    return rc;
}

/* --- erasing --- */

int
erasure_store_due(struct db *db, int64_t now, int64_t after, struct erasure *out, struct err *e)
{
    return read_one(db, &RUN, DUE, DB_ARGS(db_int(now), db_int(after)), out, e);
}

int
erasure_store_unreminded(struct db *db, int64_t now, int64_t until, struct erasure *out,
                         struct err *e)
{
    return read_one(db, &RUN, UNREMINDED, DB_ARGS(db_int(now), db_int(until)), out, e);
}

int
erasure_store_reminded(struct db *db, int64_t id, int64_t now, bool *first, struct err *e)
{
    return change(db, &RUN, REMINDED, DB_ARGS(db_int(now), db_int(id)), first, e);
}

int
erasure_store_working(struct db *db, int64_t account, bool *working, struct err *e)
{
    struct db_rows *rows = NULL;
    int rc = db_query(db, &RUN, WORKING, DB_ARGS(db_int(account)), &rows, e);

    *working = rc == ST_OK && db_next(rows) && db_get_int(rows, 0) != 0;
    db_rows_free(rows);
    return rc;
}

int
erasure_store_begin(struct db *db, int64_t id, bool *mine, struct err *e)
{
    return change(db, &RUN, BEGIN, DB_ARGS(db_int(id)), mine, e);
}

int
erasure_store_add(struct db *db, int64_t id, const char *what, const char *action, int64_t entries,
                  int64_t files, int64_t now, struct err *e)
{
    return db_run(db, &RUN, ADD,
                  DB_ARGS(db_int(id), db_text(what), db_text(action), db_int(entries),
                          db_int(files), db_int(now)),
                  NULL, e);
}

int
erasure_store_steps(struct db *db, int64_t id, struct db_rows **out, struct err *e)
{
    return db_query(db, &RUN, STEPS, DB_ARGS(db_int(id)), out, e);
}

int
erasure_store_end(struct db *db, const struct erasure *r, const uint8_t head[CRYPTO_SHA256],
                  int64_t now, struct err *e)
{
    bool ended;
    int rc = db_run(db, &RUN, CLOSED, DB_ARGS(db_int(r->account)), NULL, e);

    if (rc == ST_OK)
        rc = change(db, &RUN, END,
                    DB_ARGS(db_int(now), db_bytes(head, CRYPTO_SHA256), db_int(r->id)), &ended, e);
    if (rc == ST_OK && !ended)
        return err_set(e, ST_CONFLICT, "This erasure is done already.", NULL);
    return rc == ST_OK ? db_run(db, &RUN, FORGET_STEPS, DB_ARGS(db_int(r->id)), NULL, e) : rc;
}
