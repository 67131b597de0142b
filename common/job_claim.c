/*
 * The job queue: how a worker gets jobs. The head of a queue decides what is drawn next; jobs that
 * can be drawn together with it may join, the others keep their places. Knows no SQL (job_store.c)
 * and not what makes jobs fit together: the caller says. docs/queue.md tells why this stays fair.
 */
#include "common/clock.h"
#include "common/db.h"
#include "common/err.h"
#include "common/job.h"
#include "common/job_rules.h"
#include "common/job_store.h"

#define WINDOW 32 /* jobs that are looked at for company, from the head on */

struct claim {
    const struct job_claim_ask *ask;
    struct job *out;
    int *count;
};

/* Jobs that nobody could render end here; the others close ranks behind those claimed before. */
static int
keep_claimable(struct db *db, const struct claim *c, int some, struct err *e)
{
    struct job *first = &c->out[*c->count];
    int rc = ST_OK;

    for (int i = 0; i < some; i++) {
        struct job j = first[i];
        struct job_move m = {.job = &j, .to = JOB_FAILED};

        if (rc == ST_OK && j.attempts > c->ask->attempts_max) {
            m.code = "attempts";
            m.message = "This job could not be finished.";
        } else if (rc == ST_OK && j.params.prompt == NULL) {
            m.code = "params";
            m.message = "The settings of this job cannot be read.";
        }
        first[i] = (struct job){0};
        if (rc == ST_OK && m.code == NULL) {
            c->out[(*c->count)++] = j;
            continue;
        }
        if (rc == ST_OK)
            rc = job_move(db, &m, e);
        job_release(&j);
    }
    return rc;
}

/* The current row as the worker's, with its parameters; those that cannot be read leave no prompt.
 * 0 or ST_NOMEM. */
static int
read_row(const struct db_rows *rows, int64_t now, struct job *j, struct err *e)
{
    const char *json;
    int version;

    job_store_read(rows, j);
    j->state = JOB_RUNNING;
    j->lease_token++;
    j->attempts++;
    j->step = 0;
    j->started_at = now;
    json = job_store_params(rows, &version);
    return job_params_read(j->kind, json, version, &j->params, e) == ST_NOMEM ? ST_NOMEM : ST_OK;
}

/* Locked queued jobs at the end of c->out become the worker's, in one statement. */
static int
claim_locked(struct db *db, const struct claim *c, int some, int64_t now, struct err *e)
{
    struct job *first = &c->out[*c->count];
    int64_t ids[JOB_STORE_CLAIM];
    int rc = ST_OK;

    for (int i = 0; i < some; i++)
        ids[i] = first[i].id;
    if (some > 0)
        rc = job_store_claim(db, ids, some, c->ask->worker, now + c->ask->lease_us, now, e);
    return rc == ST_OK ? keep_claimable(db, c, some, e) : rc;
}

static void
release_jobs(struct job *jobs, int count)
{
    for (int i = 0; i < count; i++)
        job_release(&jobs[i]);
}

/* Up to JOB_STORE_CLAIM of the locked rows. */
static int
claim_some(struct db *db, const struct claim *c, struct db_rows *rows, int *some, struct err *e)
{
    struct job *first = &c->out[*c->count];
    int64_t now = clock_now();
    int rc = ST_OK;

    *some = 0;
    while (*some < JOB_STORE_CLAIM && rc == ST_OK && db_next(rows))
        rc = read_row(rows, now, &first[(*some)++], e);
    if (rc == ST_OK && (rc = claim_locked(db, c, *some, now, e)) == ST_OK)
        return ST_OK;
    release_jobs(first, *some);
    return rc;
}

static void
release_claimed(const struct claim *c)
{
    while (*c->count > 0)
        job_release(&c->out[--*c->count]);
}

static int
claim_in_order(struct db *db, const struct claim *c, struct err *e)
{
    struct db_rows *rows;
    int some, rc;

    if ((rc = job_store_next(db, c->ask->model, c->ask->max, &rows, e)) != ST_OK)
        return rc;
    do {
        rc = claim_some(db, c, rows, &some, e);
    } while (rc == ST_OK && some == JOB_STORE_CLAIM);
    db_rows_free(rows);
    return rc;
}

/* --- company --- */

/* Whoever comes before its turn is never ahead of its share by more than a batch. */
static bool
is_near(const struct claim *c, const struct job *j)
{
    return (j->turn - c->out[0].turn) / c->ask->max <= j->cost;
}

/* How many jobs a batch may have. Of a queue that is no longer than the window each worker takes
 * its part, so that none is idle while another draws several jobs. */
static int
fair_part(const struct job_claim_ask *ask, size_t waiting)
{
    size_t workers = ask->workers > 1 ? (size_t)ask->workers : 1;
    size_t part = (waiting + workers - 1) / workers;
    int most = ask->max < JOB_STORE_CLAIM ? ask->max : JOB_STORE_CLAIM;

    return waiting < WINDOW && part < (size_t)most ? (int)part : most;
}

/* Jobs behind the head, from rows that nobody has locked, that may join what was taken. */
static int
choose_company(const struct claim *c, struct db_rows *rows, int64_t now, int *some, struct err *e)
{
    const struct job_claim_ask *ask = c->ask;
    int most = fair_part(ask, db_count(rows)), rc = ST_OK;

    while (rc == ST_OK && *some < most && db_next(rows)) {
        struct job *j = &c->out[*some];

        rc = read_row(rows, now, j, e);
        if (rc == ST_OK && j->id != c->out[0].id && j->attempts <= ask->attempts_max &&
            j->params.prompt != NULL && is_near(c, j) && ask->joins(ask->ctx, c->out, *some, j))
            (*some)++;
        else
            job_release(j);
    }
    return rc;
}

/* Locks what was chosen; what others were quicker to take leaves again. */
static int
lock_company(struct db *db, const struct claim *c, int *some, struct err *e)
{
    int64_t ids[JOB_STORE_CLAIM];
    bool got[JOB_STORE_CLAIM] = {true};
    int kept = 1, rc;

    for (int i = 0; i < *some; i++)
        ids[i] = c->out[i].id;
    if ((rc = job_store_lock_queued(db, ids + 1, *some - 1, got + 1, e)) != ST_OK)
        return rc;
    for (int i = 1; i < *some; i++) {
        struct job j = c->out[i];

        c->out[i] = (struct job){0};
        if (got[i])
            c->out[kept++] = j;
        else
            job_release(&j);
    }
    *some = kept;
    return ST_OK;
}

/* The head is locked, the others are read first: so two workers never keep jobs from each other
   that neither of them takes. */
static int
claim_together(struct db *db, const struct claim *c, struct err *e)
{
    struct db_rows *head = NULL, *rows = NULL;
    int64_t now = clock_now();
    int some = 0, rc;

    if ((rc = job_store_next(db, c->ask->model, 1, &head, e)) != ST_OK || !db_next(head))
        goto out;
    some = 1;
    if ((rc = read_row(head, now, &c->out[0], e)) != ST_OK)
        goto out;
    if (c->out[0].params.prompt != NULL && c->ask->max > 1) {
        if ((rc = job_store_window(db, c->ask->model, WINDOW, &rows, e)) != ST_OK ||
            (rc = choose_company(c, rows, now, &some, e)) != ST_OK)
            goto out;
        if (some > 1 && (rc = lock_company(db, c, &some, e)) != ST_OK)
            goto out;
    }
    rc = claim_locked(db, c, some, now, e);
out:
    if (rc != ST_OK) {
        release_jobs(c->out, some);
        *c->count = 0;
    }
    db_rows_free(rows);
    db_rows_free(head);
    return rc;
}

/* --- the transaction --- */

static int
claim_body(struct db *db, void *arg, struct err *e)
{
    const struct claim *c = arg;

    release_claimed(c); /* of a run that was rolled back */
    return c->ask->joins != NULL ? claim_together(db, c, e) : claim_in_order(db, c, e);
}

int
job_claim_batch(struct db *db, const struct job_claim_ask *ask, struct job *out, int *count,
                struct err *e)
{
    struct claim c = {ask, out, count};
    int rc;

    *count = 0;
    if ((rc = job_work_prepare(db, e)) != ST_OK)
        return rc;
    rc = db_transaction(db, claim_body, &c, e);
    if (rc != ST_OK)
        release_claimed(&c);
    return rc;
}

int
job_claim(struct db *db, const char *worker, const char *model, int64_t lease_us, int attempts_max,
          int max, struct job *out, int *count, struct err *e)
{
    struct job_claim_ask ask = {.worker = worker,
                                .model = model,
                                .lease_us = lease_us,
                                .attempts_max = attempts_max,
                                .max = max};

    return job_claim_batch(db, &ask, out, count, e);
}

int
job_waiting(struct db *db, const char *model, bool *waiting, struct err *e)
{
    int rc = job_work_prepare(db, e);

    *waiting = false;
    return rc == ST_OK ? job_store_waiting(db, model, waiting, e) : rc;
}
