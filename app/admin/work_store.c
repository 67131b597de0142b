/*
 * The SQL behind the staff's pages of jobs and purchases; see work_store.h.
 */
#include "app/admin/work_store.h"

#include <stdio.h>

#include "common/db.h"
#include "common/err.h"

#define JOB                                                                                        \
    "SELECT public_id, state, kind, model, images, price, queued_at, started_at,"                  \
    " finished_at FROM job "
#define PURCHASE                                                                                   \
    "SELECT p.public_id, a.public_id, p.account_id, p.plan_name, p.currency, p.state, p.dispute,"  \
    " p.payment_id, p.live, p.credits, p.amount, p.refunded_amount, p.refunded_credits,"           \
    " p.receipt, p.created_at, p.paid_at FROM purchase p JOIN account a ON a.id = p.account_id "

enum { JOBS, JOBS_OF_STATE, OWNER, PURCHASES, PURCHASES_OF, PURCHASE_ONE };

static const char *const statements[] = {
    [JOBS] = JOB "ORDER BY id DESC LIMIT ?",
    [JOBS_OF_STATE] = JOB "WHERE state = ? ORDER BY id DESC LIMIT ?",
    [OWNER] = "SELECT j.account_id, a.public_id FROM job j JOIN account a ON a.id = j.account_id"
              " WHERE j.public_id = ?",
    [PURCHASES] = PURCHASE "ORDER BY p.id DESC LIMIT ?",
    [PURCHASES_OF] = PURCHASE "WHERE p.account_id = ? ORDER BY p.id DESC LIMIT ?",
    [PURCHASE_ONE] = PURCHASE "WHERE p.public_id = ?",
};
static const struct db_set SET = {"work", statements, sizeof statements / sizeof statements[0]};

int
work_store_prepare(struct db *db, struct err *e)
{
    return db_prepare(db, &SET, e);
}

int
work_store_jobs(struct db *db, const char *state, struct work_job *out, size_t max, size_t *count,
                struct err *e)
{
    struct db_rows *rows = NULL;
    int rc;

    *count = 0;
    if (state[0] != '\0')
        rc = db_query(db, &SET, JOBS_OF_STATE, DB_ARGS(db_text(state), db_int((int64_t)max)), &rows,
                      e);
    else
        rc = db_query(db, &SET, JOBS, DB_ARGS(db_int((int64_t)max)), &rows, e);
    while (rc == ST_OK && *count < max && db_next(rows)) {
        struct work_job *j = &out[(*count)++];

        db_get_bytes(rows, 0, j->id.bytes, sizeof j->id.bytes);
        snprintf(j->state, sizeof j->state, "%s", db_get_text(rows, 1, NULL));
        snprintf(j->kind, sizeof j->kind, "%s", db_get_text(rows, 2, NULL));
        snprintf(j->model, sizeof j->model, "%s", db_get_text(rows, 3, NULL));
        j->images = db_get_int(rows, 4);
        j->price = db_get_int(rows, 5);
        j->queued_at = db_get_int(rows, 6);
        j->started_at = db_get_int(rows, 7);
        j->finished_at = db_get_int(rows, 8);
    }
    db_rows_free(rows);
    return rc;
}

int
work_store_owner(struct db *db, const struct id *job, int64_t *account, struct id *owner,
                 struct err *e)
{
    struct db_rows *rows = NULL;
    int rc = db_query(db, &SET, OWNER, DB_ARGS(db_bytes(job->bytes, sizeof job->bytes)), &rows, e);

    *account = 0;
    *owner = (struct id){0};
    if (rc == ST_OK && db_next(rows)) {
        *account = db_get_int(rows, 0);
        db_get_bytes(rows, 1, owner->bytes, sizeof owner->bytes);
    } else if (rc == ST_OK) {
        rc = err_set(e, ST_NOTFOUND, "There is no such job.", NULL);
    }
    db_rows_free(rows);
    return rc;
}

static void
read_purchase(const struct db_rows *rows, struct work_purchase *p)
{
    db_get_bytes(rows, 0, p->id.bytes, sizeof p->id.bytes);
    db_get_bytes(rows, 1, p->owner.bytes, sizeof p->owner.bytes);
    p->account = db_get_int(rows, 2);
    snprintf(p->plan, sizeof p->plan, "%s", db_get_text(rows, 3, NULL));
    snprintf(p->currency, sizeof p->currency, "%s", db_get_text(rows, 4, NULL));
    snprintf(p->state, sizeof p->state, "%s", db_get_text(rows, 5, NULL));
    snprintf(p->dispute, sizeof p->dispute, "%s", db_get_text(rows, 6, NULL));
    snprintf(p->payment, sizeof p->payment, "%s", db_get_text(rows, 7, NULL));
    p->live = db_get_int(rows, 8) != 0;
    p->credits = db_get_int(rows, 9);
    p->amount = db_get_int(rows, 10);
    p->refunded = db_get_int(rows, 11);
    p->refunded_credits = db_get_int(rows, 12);
    p->receipt = db_get_int(rows, 13);
    p->created_at = db_get_int(rows, 14);
    p->paid_at = db_get_int(rows, 15);
}

int
work_store_purchases(struct db *db, int64_t account, struct work_purchase *out, size_t max,
                     size_t *count, struct err *e)
{
    struct db_rows *rows = NULL;
    int rc;

    *count = 0;
    if (account != 0)
        rc = db_query(db, &SET, PURCHASES_OF, DB_ARGS(db_int(account), db_int((int64_t)max)), &rows,
                      e);
    else
        rc = db_query(db, &SET, PURCHASES, DB_ARGS(db_int((int64_t)max)), &rows, e);
    while (rc == ST_OK && *count < max && db_next(rows))
        read_purchase(rows, &out[(*count)++]);
    db_rows_free(rows);
    return rc;
}

int
work_store_purchase(struct db *db, const struct id *id, struct work_purchase *out, struct err *e)
{
    struct db_rows *rows = NULL;
    int rc =
        db_query(db, &SET, PURCHASE_ONE, DB_ARGS(db_bytes(id->bytes, sizeof id->bytes)), &rows, e);

    *out = (struct work_purchase){0};
    if (rc == ST_OK && db_next(rows))
        read_purchase(rows, out);
    else if (rc == ST_OK)
        rc = err_set(e, ST_NOTFOUND, "There is no such purchase.", NULL);
    db_rows_free(rows);
    return rc;
}
