/*
 * SQL of the account book; see billing_store.h.
 */
#include "app/billing/billing_store.h"

#include <stdio.h>

#include "common/db.h"
#include "common/err.h"

enum { MOVEMENTS };

static const char *const statements[] = {
    [MOVEMENTS] = "SELECT t.id, t.cause, t.note, COALESCE(a.amount, 0), j.public_id, t.created_at"
                  " FROM ledger_transfer t FORCE INDEX (account)"
                  " LEFT JOIN ledger_entry a ON a.transfer_id = t.id AND a.book = 'available'"
                  " LEFT JOIN job j ON j.id = t.job_id"
                  " WHERE t.account_id = ? AND t.id < ? ORDER BY t.id DESC LIMIT ?",
};
static const struct db_set set = {"billing", statements, sizeof statements / sizeof statements[0]};

int
billing_store_prepare(struct db *db, struct err *e)
{
    return db_prepare(db, &set, e);
}

int
billing_store_movements(struct db *db, int64_t account, int64_t before, struct movement *out,
                        int max, int *count, struct err *e)
{
    struct db_rows *rows;
    int rc;

    *count = 0;
    rc = db_query(db, &set, MOVEMENTS,
                  DB_ARGS(db_int(account), db_int(before > 0 ? before : INT64_MAX), db_int(max)),
                  &rows, e);
    if (rc != ST_OK)
        return rc;
    for (; *count < max && db_next(rows); (*count)++) {
        struct movement *m = &out[*count];

        *m = (struct movement){.id = db_get_int(rows, 0)};
        snprintf(m->cause, sizeof m->cause, "%s", db_get_text(rows, 1, NULL));
        snprintf(m->note, sizeof m->note, "%s", db_get_text(rows, 2, NULL));
        m->available = db_get_int(rows, 3);
        m->has_job = !db_is_null(rows, 4);
        if (m->has_job)
            db_get_bytes(rows, 4, m->job.bytes, sizeof m->job.bytes);
        m->at = db_get_int(rows, 5);
    }
    db_rows_free(rows);
    return ST_OK;
}
