/*
 * The job queue, the worker's and the clock's side: renew, end, and take back what lost workers
 * held; job_claim.c claims. A lease that has ended never comes back to life: so whoever finds one
 * ended may act on it. Knows no SQL (job_store.c); states and credits move in job_move.c.
 */
#include <inttypes.h>
#include <stdio.h>

#include "common/clock.h"
#include "common/db.h"
#include "common/err.h"
#include "common/job.h"
#include "common/job_rules.h"
#include "common/job_source_store.h"
#include "common/job_store.h"
#include "common/ledger.h"
#include "common/media.h"
#include "common/rates.h"

#define PREVIEW_MAX ((size_t)1 << 20)
#define WORKER_FORGET CLOCK_DAY /* a worker that died without a word */

int
job_work_prepare(struct db *db, struct err *e)
{
    int rc = job_store_prepare(db, e);

    if (rc == ST_OK)
        rc = ledger_prepare(db, e);
    if (rc == ST_OK)
        rc = job_store_prepare_work(db, e);
    if (rc == ST_OK)
        rc = job_source_prepare(db, e);
    if (rc == ST_OK)
        rc = rates_work_prepare(db, e);
    if (rc == ST_OK)
        rc = rates_prepare(db, e);
    return rc == ST_OK ? media_work_prepare(db, e) : rc;
}

static int
lost(const struct job *j, struct err *e)
{
    return err_set(e, ST_LOST, "The job belongs to another worker now.",
                   "job %" PRId64 ", token %" PRIu64, j->id, j->lease_token);
}

int
job_hold_lease(struct db *db, const struct job *j, struct err *e)
{
    struct job row;
    bool held;
    int rc = job_store_lock(db, j->id, j->lease_token, clock_now(), &held, &row, e);

    if (rc == ST_NOTFOUND || (rc == ST_OK && !held))
        return lost(j, e);
    return rc;
}

/* --- under a lease --- */

int
job_renew(struct db *db, const struct job *j, int64_t lease_us, int step, bool *cancel,
          struct err *e)
{
    int64_t now = clock_now();
    int rc;

    *cancel = false;
    if ((rc = job_work_prepare(db, e)) != ST_OK ||
        (rc = job_store_renew(db, j, now, now + lease_us, step, e)) != ST_OK)
        return rc;
    return job_store_cancel_asked(db, j->id, cancel, e);
}

struct preview {
    const struct job *job;
    int step;
    const void *jpeg;
    size_t size;
};

static int
preview_body(struct db *db, void *arg, struct err *e)
{
    const struct preview *p = arg;
    int rc = job_hold_lease(db, p->job, e);

    if (rc != ST_OK)
        return rc;
    return job_store_preview_put(db, p->job->id, p->step, p->jpeg, p->size, clock_now(), e);
}

int
job_preview_store(struct db *db, const struct job *j, int step, const void *jpeg, size_t size,
                  struct err *e)
{
    struct preview p = {j, step, jpeg, size};
    int rc;

    if (size > PREVIEW_MAX)
        return err_setf(e, ST_TOOBIG, "A preview has at most %zu bytes.", PREVIEW_MAX);
    if ((rc = job_work_prepare(db, e)) != ST_OK)
        return rc;
    return db_transaction(db, preview_body, &p, e);
}

struct resume {
    const struct job *job;
    int position, step;
    const void *state;
    size_t size;
};

static int
resume_body(struct db *db, void *arg, struct err *e)
{
    const struct resume *r = arg;
    int rc = job_hold_lease(db, r->job, e);

    if (rc != ST_OK)
        return rc;
    return job_store_resume_put(db, r->job->id, r->position, r->step, r->state, r->size,
                                clock_now(), e);
}

int
job_resume_store(struct db *db, const struct job *j, int position, int step, const void *state,
                 size_t size, struct err *e)
{
    struct resume r = {j, position, step, state, size};
    int rc;

    if (size > JOB_RESUME_MAX)
        return err_setf(e, ST_TOOBIG, "A state has at most %zu bytes.", JOB_RESUME_MAX);
    if ((rc = job_work_prepare(db, e)) != ST_OK)
        return rc;
    return db_transaction(db, resume_body, &r, e);
}

int
job_resume_load(struct db *db, const struct job *j, int position, int *step, void **state,
                size_t *size, struct err *e)
{
    int rc = job_work_prepare(db, e);

    *state = NULL;
    return rc == ST_OK ? job_store_resume_get(db, j->id, position, step, state, size, e) : rc;
}

/* How a worker ends its job: the move it wants, checked against its lease. */
struct ending {
    const struct job *job;
    struct job_move move;
    bool needs_cancel;
};

static int
ending_body(struct db *db, void *arg, struct err *e)
{
    const struct ending *end = arg;
    const struct job *j = end->job;
    struct job_move m = end->move;
    struct job row;
    bool held;
    int rc;

    rc = job_store_lock(db, j->id, j->lease_token, clock_now(), &held, &row, e);
    if (rc == ST_NOTFOUND)
        return lost(j, e);
    if (rc != ST_OK)
        return rc;
    /* Ended under our own token: the answer to our COMMIT got lost, and this is the second run. */
    if (row.state == m.to && row.lease_token == j->lease_token)
        return ST_OK;
    if (!held)
        return lost(j, e);
    if (end->needs_cancel && !row.cancel_asked)
        return err_set(e, ST_CONFLICT, "Nobody asked to cancel this job.", "job %" PRId64, j->id);
    if (m.to == JOB_QUEUED && row.cancel_asked)
        m.to = JOB_CANCELLED;
    m.job = &row;
    return job_move(db, &m, e);
}

static int
end_job(struct db *db, const struct ending *end, struct err *e)
{
    struct ending copy = *end;
    int rc = job_work_prepare(db, e);

    return rc == ST_OK ? db_transaction(db, ending_body, &copy, e) : rc;
}

int
job_finish(struct db *db, const struct job *j, int64_t media_lives_us, struct err *e)
{
    struct ending end = {.job = j, .move = {.to = JOB_DONE, .media_lives_us = media_lives_us}};

    return end_job(db, &end, e);
}

int
job_fail(struct db *db, const struct job *j, const char *code, const char *message, struct err *e)
{
    struct err cut; /* cuts between characters what is longer than the column */
    char short_code[sizeof j->error_code];
    struct ending end = {
        .job = j,
        .move = {.to = JOB_FAILED, .code = short_code, .message = cut.message},
    };

    err_set(&cut, ST_INTERNAL, message, NULL);
    snprintf(short_code, sizeof short_code, "%s", code);
    return end_job(db, &end, e);
}

int
job_cancelled(struct db *db, const struct job *j, struct err *e)
{
    struct ending end = {.job = j, .move = {.to = JOB_CANCELLED}, .needs_cancel = true};

    return end_job(db, &end, e);
}

int
job_give_back(struct db *db, const struct job *j, struct err *e)
{
    struct ending end = {.job = j, .move = {.to = JOB_QUEUED, .unblamed = true}};

    return end_job(db, &end, e);
}

/* --- workers --- */

int
job_worker_seen(struct db *db, const char *worker, const char *model, int64_t speed, struct err *e)
{
    int rc = job_work_prepare(db, e);

    return rc == ST_OK ? job_store_worker_put(db, worker, model, speed, clock_now(), e) : rc;
}

int
job_worker_bye(struct db *db, const char *worker, struct err *e)
{
    int rc = job_work_prepare(db, e);

    if (rc == ST_OK)
        rc = rates_drop(db, worker, e);
    return rc == ST_OK ? job_store_worker_drop(db, worker, e) : rc;
}

/* --- the clock's side --- */

struct requeue {
    int attempts_max, max;
    int *moved;
};

static int
requeue_locked(struct db *db, const struct requeue *r, const struct db_rows *rows, struct err *e)
{
    struct job j;
    struct job_move m = {.job = &j, .to = JOB_QUEUED, .evict = true};

    job_store_read(rows, &j);
    if (j.cancel_asked) {
        m.to = JOB_CANCELLED;
    } else if (j.attempts >= r->attempts_max) {
        m.to = JOB_FAILED;
        m.code = "attempts";
        m.message = "This job could not be finished.";
    }
    return job_move(db, &m, e);
}

/* Locks one by one: what runs well is never locked, and rivals share the work. */
static int
requeue_body(struct db *db, void *arg, struct err *e)
{
    const struct requeue *r = arg;
    struct db_rows *rows, *locked;
    int64_t now = clock_now();
    int rc;

    *r->moved = 0;
    if ((rc = job_store_expired(db, now, r->max, &rows, e)) != ST_OK)
        return rc;
    while (rc == ST_OK && db_next(rows)) {
        rc = job_store_lock_expired(db, db_get_int(rows, 0), now, &locked, e);
        if (rc == ST_OK && db_next(locked)) {
            rc = requeue_locked(db, r, locked, e);
            (*r->moved)++;
        }
        db_rows_free(locked);
    }
    db_rows_free(rows);
    return rc;
}

int
job_requeue_lost(struct db *db, int attempts_max, int max, int *moved, struct err *e)
{
    struct requeue r = {attempts_max, max, moved};
    int rc;

    *moved = 0;
    if ((rc = job_work_prepare(db, e)) != ST_OK)
        return rc;
    if ((rc = db_transaction(db, requeue_body, &r, e)) != ST_OK) {
        *moved = 0;
        return rc;
    }
    if ((rc = rates_forget(db, clock_now() - WORKER_FORGET, e)) != ST_OK)
        return rc;
    return job_store_workers_forget(db, clock_now() - WORKER_FORGET, e);
}
