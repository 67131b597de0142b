/*
 * How a job changes its state: the table of allowed moves, and with each move its credits, its
 * media, its preview and its drafts, in one transaction of the caller. Nothing else changes
 * job.state, but for the claim (job_work.c), whose row of the table is here too.
 */
#include <inttypes.h>

#include "common/clock.h"
#include "common/err.h"
#include "common/job_rules.h"
#include "common/job_source_store.h"
#include "common/job_store.h"
#include "common/ledger.h"
#include "common/media.h"

enum settlement { KEEP, CAPTURE, RELEASE };

static const struct {
    enum job_state from, to;
    enum settlement settlement;
} job_moves[] = {
    {JOB_QUEUED, JOB_RUNNING, KEEP},      /* claimed */
    {JOB_QUEUED, JOB_CANCELLED, RELEASE}, /* by its owner */
    {JOB_RUNNING, JOB_QUEUED, KEEP},      /* given back, or the lease was lost */
    {JOB_RUNNING, JOB_DONE, CAPTURE},      {JOB_RUNNING, JOB_FAILED, RELEASE},
    {JOB_RUNNING, JOB_CANCELLED, RELEASE}, /* by its owner, seen by the worker */
};

const char *
job_state_name(enum job_state s)
{
    static const char *const names[] = {"queued", "running", "done", "failed", "cancelled"};

    return names[s];
}

static int
settle(struct db *db, const struct job *j, enum settlement settlement, struct err *e)
{
    if (j->price == 0 || settlement == KEEP)
        return ST_OK;
    if (settlement == CAPTURE)
        return ledger_capture(db, j->account, j->id, j->price, e);
    return ledger_release(db, j->account, j->id, j->price, e);
}

/* What a worker leaves behind: published or doomed, in the move's own transaction. */
static int
leave_work(struct db *db, const struct job_move *m, struct err *e)
{
    const struct job *j = m->job;
    int results, rc;

    if ((rc = job_store_preview_drop(db, j->id, e)) != ST_OK)
        return rc;
    if (m->to != JOB_DONE)
        return media_abandon(db, j->id, e);
    if ((rc = media_publish(db, j, m->media_lives_us, &results, e)) != ST_OK)
        return rc;
    if (results != j->images)
        return err_set(e, ST_INTERNAL, "The pictures are not complete.",
                       "job %" PRId64 " ends with %d of %d pictures", j->id, results, j->images);
    return ST_OK;
}

int
job_move(struct db *db, const struct job_move *m, struct err *e)
{
    const struct job *j = m->job;
    struct job_store_change c = {
        .id = j->id,
        .token = j->lease_token,
        .from = j->state,
        .to = m->to,
        .attempts_back = m->unblamed,
        .token_ahead = m->evict,
        .code = m->code,
        .message = m->message,
        .finished_at = m->to == JOB_QUEUED ? 0 : clock_now(),
        .step = m->to == JOB_DONE     ? j->steps
                : m->to == JOB_QUEUED ? 0
                                      : -1,
        .forget_start = m->to == JOB_QUEUED,
        /* What was never rendered must not put its account's next job further back. */
        .forget_turn = j->state == JOB_QUEUED && m->to == JOB_CANCELLED,
    };
    int rc;

    for (size_t i = 0; i < sizeof job_moves / sizeof job_moves[0]; i++) {
        if (job_moves[i].from != j->state || job_moves[i].to != m->to)
            continue;
        if ((rc = job_store_change(db, &c, e)) != ST_OK)
            return rc;
        if (j->state == JOB_RUNNING && (rc = leave_work(db, m, e)) != ST_OK)
            return rc;
        /* A job that is queued again goes on from what was kept. */
        if (m->to != JOB_QUEUED && (rc = job_store_resume_drop(db, j->id, e)) != ST_OK)
            return rc;
        if (m->to != JOB_QUEUED && j->kind != JOB_GENERATE &&
            (rc = job_source_free(db, j->id, clock_now(), e)) != ST_OK)
            return rc;
        return settle(db, j, job_moves[i].settlement, e);
    }
    return err_set(e, ST_CONFLICT, "The job has moved on.", "job %" PRId64 ": no move %s to %s",
                   j->id, job_state_name(j->state), job_state_name(m->to));
}
