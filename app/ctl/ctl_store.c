/*
 * The SQL of gempixctl; see ctl_store.h.
 */
#include "app/ctl/ctl_store.h"

#include <stdio.h>
#include <string.h>

#include "common/db.h"
#include "common/err.h"

enum { ACCOUNT, PUBLIC_ID, JOBS, JOBS_OF_STATE, JOB, END_LEASE, JOBS_OF_MODEL };

#define JOB_COLUMNS                                                                                \
    "SELECT id, account_id, public_id, state, model, lease_owner, error_code, error_message,"      \
    " images, attempts, price, step, steps, queued_at, started_at, finished_at, lease_until"       \
    " FROM job "

static const char *const ctl_sql[] = {
    [ACCOUNT] = "SELECT id FROM account WHERE email_key = ?"
                " ORDER BY verified_at IS NULL, id LIMIT 1",
    [PUBLIC_ID] = "SELECT public_id FROM account WHERE id = ?",
    [JOBS] = JOB_COLUMNS "ORDER BY id DESC LIMIT ?",
    [JOBS_OF_STATE] = JOB_COLUMNS "WHERE state = ? ORDER BY id DESC LIMIT ?",
    [JOB] = JOB_COLUMNS "WHERE public_id = ?",
    [END_LEASE] = "UPDATE job SET lease_until = 0 WHERE public_id = ? AND state = 'running'",
    [JOBS_OF_MODEL] = "SELECT COUNT(*) FROM job WHERE model = ? AND state IN ('queued', 'running')",
};
static const struct db_set CTL = {"ctl", ctl_sql, sizeof ctl_sql / sizeof ctl_sql[0]};

int
ctl_store_prepare(struct db *db, struct err *e)
{
    return db_prepare(db, &CTL, e);
}

int
ctl_store_account(struct db *db, const char *email_key, int64_t *account, struct err *e)
{
    struct db_rows *rows;
    int rc;

    *account = 0;
    if ((rc = db_query(db, &CTL, ACCOUNT, DB_ARGS(db_text(email_key)), &rows, e)) != ST_OK)
        return rc;
    if (db_next(rows))
        *account = db_get_int(rows, 0);
    else
        rc = err_setf(e, ST_NOTFOUND, "There is no account with this address.");
    db_rows_free(rows);
    return rc;
}

int
ctl_store_public_id(struct db *db, int64_t account, struct id *out, struct err *e)
{
    struct db_rows *rows;
    int rc;

    *out = (struct id){0};
    if ((rc = db_query(db, &CTL, PUBLIC_ID, DB_ARGS(db_int(account)), &rows, e)) != ST_OK)
        return rc;
    if (db_next(rows))
        db_get_bytes(rows, 0, out->bytes, sizeof out->bytes);
    else
        rc = err_setf(e, ST_NOTFOUND, "There is no such account.");
    db_rows_free(rows);
    return rc;
}

static void
read_job(const struct db_rows *rows, struct ctl_job *j)
{
    *j = (struct ctl_job){0};
    j->id = db_get_int(rows, 0);
    j->account = db_get_int(rows, 1);
    db_get_bytes(rows, 2, j->public_id.bytes, sizeof j->public_id.bytes);
    snprintf(j->state, sizeof j->state, "%s", db_get_text(rows, 3, NULL));
    snprintf(j->model, sizeof j->model, "%s", db_get_text(rows, 4, NULL));
    snprintf(j->worker, sizeof j->worker, "%s", db_get_text(rows, 5, NULL));
    snprintf(j->error_code, sizeof j->error_code, "%s", db_get_text(rows, 6, NULL));
    snprintf(j->error_message, sizeof j->error_message, "%s", db_get_text(rows, 7, NULL));
    j->images = db_get_int(rows, 8);
    j->attempts = db_get_int(rows, 9);
    j->price = db_get_int(rows, 10);
    j->step = db_get_int(rows, 11);
    j->steps = db_get_int(rows, 12);
    j->queued_at = db_get_int(rows, 13);
    j->started_at = db_get_int(rows, 14);
    j->finished_at = db_get_int(rows, 15);
    j->lease_until = db_get_int(rows, 16);
}

int
ctl_store_jobs(struct db *db, const char *state, struct ctl_job *out, int max, int *count,
               struct err *e)
{
    struct db_rows *rows;
    int rc;

    *count = 0;
    if (state != NULL)
        rc = db_query(db, &CTL, JOBS_OF_STATE, DB_ARGS(db_text(state), db_int(max)), &rows, e);
    else
        rc = db_query(db, &CTL, JOBS, DB_ARGS(db_int(max)), &rows, e);
    if (rc != ST_OK)
        return rc;
    while (*count < max && db_next(rows))
        read_job(rows, &out[(*count)++]);
    db_rows_free(rows);
    return ST_OK;
}

int
ctl_store_job(struct db *db, const struct id *public_id, struct ctl_job *out, struct err *e)
{
    struct db_rows *rows;
    int rc;

    *out = (struct ctl_job){0};
    rc = db_query(db, &CTL, JOB, DB_ARGS(db_bytes(public_id->bytes, sizeof public_id->bytes)),
                  &rows, e);
    if (rc != ST_OK)
        return rc;
    if (db_next(rows))
        read_job(rows, out);
    else
        rc = err_setf(e, ST_NOTFOUND, "There is no such job.");
    db_rows_free(rows);
    return rc;
}

int
ctl_store_end_lease(struct db *db, const struct id *public_id, struct err *e)
{
    struct db_done done;
    int rc;

    rc = db_run(db, &CTL, END_LEASE, DB_ARGS(db_bytes(public_id->bytes, sizeof public_id->bytes)),
                &done, e);
    if (rc == ST_OK && done.affected == 0)
        rc = err_setf(e, ST_CONFLICT, "The job does not run.");
    return rc;
}

int
ctl_store_jobs_of_model(struct db *db, const char *model, int64_t *count, struct err *e)
{
    struct db_rows *rows;
    int rc;

    *count = 0;
    if ((rc = db_query(db, &CTL, JOBS_OF_MODEL, DB_ARGS(db_text(model)), &rows, e)) != ST_OK)
        return rc;
    if (db_next(rows))
        *count = db_get_int(rows, 0);
    db_rows_free(rows);
    return ST_OK;
}
