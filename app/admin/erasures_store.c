/*
 * SQL of the page of deletions; see erasures_store.h.
 */
#include "app/admin/erasures_store.h"

#include "common/db.h"
#include "common/err.h"

enum { ERASURES_WAITING, ERASURES_ENDED, ERASURES_BEHIND };

static const char *const statements[] = {
    [ERASURES_WAITING] = "SELECT a.public_id, e.asked_at, e.due_at, e.state = 'running',"
                         " (SELECT COUNT(*) FROM job j WHERE j.account_id = e.account_id"
                         " AND j.state IN ('queued', 'running')) FROM erasure e"
                         " JOIN account a ON a.id = e.account_id"
                         " WHERE e.state IN ('asked', 'running') ORDER BY e.due_at, e.id LIMIT ?",
    [ERASURES_ENDED] = "SELECT public_id, asked_at, done_at FROM erasure WHERE state = 'done'"
                       " ORDER BY done_at DESC, id DESC LIMIT ?",
    [ERASURES_BEHIND] = "SELECT COUNT(*), COALESCE(MIN(due_at), 0) FROM erasure"
                        " WHERE state IN ('asked', 'running') AND due_at < ?",
};

static const struct db_set set = {"erasures", statements, sizeof statements / sizeof statements[0]};

int
erasures_store_prepare(struct db *db, struct err *e)
{
    return db_prepare(db, &set, e);
}

int
erasures_store_waiting(struct db *db, struct erasure_wait *out, size_t max, size_t *count,
                       struct err *e)
{
    struct db_rows *rows = NULL;
    int rc = db_query(db, &set, ERASURES_WAITING, DB_ARGS(db_int((int64_t)max)), &rows, e);

    *count = 0;
    if (rc != ST_OK)
        return rc;
    for (; *count < max && db_next(rows); (*count)++) {
        out[*count] = (struct erasure_wait){.asked_at = db_get_int(rows, 1),
                                            .due_at = db_get_int(rows, 2),
                                            .running = db_get_int(rows, 3) != 0,
                                            .jobs = db_get_int(rows, 4)};
        db_get_bytes(rows, 0, out[*count].account.bytes, sizeof out->account.bytes);
    }
    db_rows_free(rows);
    return ST_OK;
}

int
erasures_store_ended(struct db *db, struct erasure_end *out, size_t max, size_t *count,
                     struct err *e)
{
    struct db_rows *rows = NULL;
    int rc = db_query(db, &set, ERASURES_ENDED, DB_ARGS(db_int((int64_t)max)), &rows, e);

    *count = 0;
    if (rc != ST_OK)
        return rc;
    for (; *count < max && db_next(rows); (*count)++) {
        out[*count] =
            (struct erasure_end){.asked_at = db_get_int(rows, 1), .done_at = db_get_int(rows, 2)};
        db_get_bytes(rows, 0, out[*count].code.bytes, sizeof out->code.bytes);
    }
    db_rows_free(rows);
    return ST_OK;
}

int
erasures_store_late(struct db *db, int64_t now, int64_t *count, int64_t *since, struct err *e)
{
    struct db_rows *rows = NULL;
    int rc = db_query(db, &set, ERASURES_BEHIND, DB_ARGS(db_int(now - ERASURES_LATE)), &rows, e);

    *count = *since = 0;
    if (rc == ST_OK && db_next(rows)) {
        *count = db_get_int(rows, 0);
        *since = db_get_int(rows, 1);
    }
    db_rows_free(rows);
    return rc;
}
