/*
 * The job queue, the application's side: submit, look, cancel, how long to wait. Knows no SQL
 * (job_store.c), no worker (job_work.c) and no credits but their hold. docs/queue.md tells why it
 * looks like this.
 */
#include "common/job.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "common/clock.h"
#include "common/db.h"
#include "common/err.h"
#include "common/job_rules.h"
#include "common/job_source_store.h"
#include "common/job_store.h"
#include "common/ledger.h"
#include "common/rates.h"

#define PERCENT 100                       /* steps of kinds that have none */
#define NOMINAL (INT64_C(256) * 256 * 20) /* pixel-steps of kinds that have no size */
#define AHEAD_MAX 10000                   /* jobs counted at most for a waiting time */

int
job_prepare(struct db *db, struct err *e)
{
    int rc = job_store_prepare(db, e);

    if (rc == ST_OK)
        rc = job_store_prepare_submit(db, e);
    if (rc == ST_OK)
        rc = job_source_prepare(db, e);
    if (rc == ST_OK)
        rc = job_source_prepare_submit(db, e);
    if (rc == ST_OK)
        rc = rates_prepare(db, e);
    return rc == ST_OK ? ledger_prepare(db, e) : rc;
}

void
job_release(struct job *j)
{
    job_params_release(&j->params);
    *j = (struct job){0};
}

/* --- submitting --- */

struct submit {
    const struct job_submission *s;
    struct job_insert row;
    struct id *out;
};

/* The account's balance is locked before anything is looked at. So two submissions of one account
   run one after the other: the second sees the first's key, its turn and what it left to spend. */
static int
submit_body(struct db *db, void *arg, struct err *e)
{
    struct submit *u = arg;
    const struct job_submission *s = u->s;
    struct ledger_balance have;
    int64_t head, own, id;
    int rc;

    if ((rc = ledger_lock(db, s->account, &have, e)) != ST_OK)
        return rc;
    if ((rc = job_store_find_submit(db, s->account, &s->submit_key, u->out, e)) != ST_NOTFOUND)
        return rc;
    if (have.available < s->price)
        return err_setf(e, ST_FUNDS, "This needs %" PRId64 " credits and you have %" PRId64 ".",
                        s->price, have.available);
    if ((rc = job_store_turns(db, s->model, s->account, &head, &own, e)) != ST_OK)
        return rc;
    u->row.turn = (head > own ? head : own) + u->row.cost;
    rc = job_store_insert(db, &u->row, &id, e);
    if (rc == ST_CONFLICT) /* an account without a balance to lock, raced by itself */
        return job_store_find_submit(db, s->account, &s->submit_key, u->out, e);
    if (rc == ST_OK)
        rc = job_source_keep(db, s, id, e);
    if (rc == ST_OK && s->price > 0)
        rc = ledger_hold(db, s->account, id, s->price, e);
    if (rc == ST_OK)
        *u->out = u->row.public_id;
    return rc;
}

static int
check_submission(const struct job_submission *s, struct err *e)
{
    size_t model = s->model != NULL ? strnlen(s->model, 65) : 0;
    int rc;

    if (s->images < 1 || s->images > JOB_IMAGES_MAX)
        return err_setf(e, ST_INVALID, "A job makes 1 to %d pictures.", JOB_IMAGES_MAX);
    if (model == 0 || model > 64 || s->account <= 0 || s->price < 0)
        return err_set(e, ST_INTERNAL, "Something went wrong on our side. Please try again later.",
                       "submission: model %zu letters, account %" PRId64 ", price %" PRId64, model,
                       s->account, s->price);
    if (s->kind == JOB_CLEANUP && !s->params.rights)
        return err_set(e, ST_INVALID, "Confirm that you may do this to the picture.", NULL);
    if ((rc = job_source_check(s, e)) != ST_OK)
        return rc;
    return job_params_check(s->kind, &s->params, e);
}

/* Pixel-steps of one picture; of a kind that has no size, as many as a small picture has. */
static int64_t
own_work(const struct job_params *p)
{
    int64_t frames = p->frames > 0 ? p->frames : 1;

    return p->width > 0 ? frames * p->width * p->height * p->steps : NOMINAL;
}

int
job_submit(struct db *db, const struct job_submission *s, struct id *out, struct err *e)
{
    const struct job_params *p = &s->params;
    struct submit u = {.s = s, .out = out};
    char *json = NULL;
    int rc;

    *out = (struct id){0};
    if ((rc = check_submission(s, e)) != ST_OK ||
        (rc = job_params_write(s->kind, p, &json, e)) != ST_OK)
        return rc;
    u.row = (struct job_insert){
        .submission = s,
        .params = json,
        .cost = s->work > 0 ? s->work : s->images * own_work(p),
        .steps = s->images * (p->steps > 0 ? p->steps : PERCENT),
        .now = clock_now(),
    };
    id_random(&u.row.public_id);
    rc = db_transaction(db, submit_body, &u, e);
    if (rc != ST_OK)
        *out = (struct id){0};
    free(json);
    return rc;
}

/* --- looking --- */

int
job_load(struct db *db, int64_t account, const struct id *public_id, struct job *out, struct err *e)
{
    struct db_rows *rows;
    const char *json;
    int version, rc;

    *out = (struct job){0};
    rc = job_store_by_public(db, JOB_BY_PUBLIC, public_id, account, &rows, e);
    if (rc != ST_OK)
        return rc;
    job_store_read(rows, out);
    json = job_store_params(rows, &version);
    rc = job_params_read(out->kind, json, version, &out->params, e);
    db_rows_free(rows);
    if (rc != ST_OK)
        job_release(out);
    return rc;
}

int
job_ahead(struct db *db, const struct job *j, int64_t speed, int64_t *jobs, int64_t *work,
          struct err *e)
{
    int64_t running;
    double others;
    int rc;

    *jobs = *work = 0;
    if (j->state != JOB_QUEUED)
        return ST_OK;
    if ((rc = job_store_ahead(db, j, AHEAD_MAX, jobs, work, e)) != ST_OK)
        return rc;
    if ((rc = job_store_running_work(db, j->model, j->id, &running, e)) != ST_OK)
        return rc;
    *work += running;
    if (speed <= 0)
        return ST_OK;
    rc = rates_shared(db, j->model, (double)*work / (double)speed, &others, e);
    if (rc == ST_OK)
        *work += (int64_t)(others * (double)speed);
    return rc;
}

int
job_preview_load(struct db *db, int64_t job, int after_step, int *step, void **data, size_t *size,
                 struct err *e)
{
    return job_store_preview_get(db, job, after_step, step, data, size, e);
}

/* --- cancelling --- */

struct cancel {
    int64_t account;
    const struct id *public_id;
};

static int
cancel_body(struct db *db, void *arg, struct err *e)
{
    const struct cancel *c = arg;
    struct job_move m = {.to = JOB_CANCELLED};
    struct db_rows *rows;
    struct job j;
    int rc;

    rc = job_store_by_public(db, JOB_BY_PUBLIC_LOCKED, c->public_id, c->account, &rows, e);
    if (rc != ST_OK)
        return rc;
    job_store_read(rows, &j);
    db_rows_free(rows);
    m.job = &j;
    if (j.state == JOB_QUEUED)
        return job_move(db, &m, e);
    if (j.state == JOB_RUNNING && !j.cancel_asked)
        return job_store_ask_cancel(db, j.id, e);
    return ST_OK;
}

int
job_cancel(struct db *db, int64_t account, const struct id *public_id, struct err *e)
{
    struct cancel c = {account, public_id};

    return db_transaction(db, cancel_body, &c, e);
}
