/*
 * One job from claim to settlement: the lease, the stop signals, the table of outcomes. Knows no
 * SQL, no pictures and no other jobs. Read next: render_batch.c, which draws.
 */
#include "render/daemon/render_job.h"

#include <inttypes.h>
#include <time.h>

#include "common/clock.h"
#include "common/conf.h"
#include "common/db.h"
#include "common/job.h"
#include "common/log.h"
#include "render/daemon/daemon.h"
#include "render/daemon/heartbeat.h"
#include "render/daemon/notify.h"

#define RENEW_MIN (CLOCK_SECOND / 4) /* a visitor sees steps no finer than this */
#define RETRY (2 * CLOCK_SECOND)     /* after a renewal that the database did not answer */
#define INSIST_MS 300
#define NEARLY_DONE (2 * CLOCK_SECOND)
#define STOP_PATIENCE (5 * CLOCK_SECOND)

static int64_t
lease_us(const struct render_work *w)
{
    return w->daemon->conf->render.lease * CLOCK_SECOND;
}

static bool
end_as(struct render_work *w, enum render_outcome outcome)
{
    w->outcome = outcome;
    return false;
}

/* --- the lease --- */

static bool
renew(struct render_work *w, int64_t now)
{
    bool cancel = false;
    int rc = ST_DB_RETRY;

    /* A whole transaction tries for seconds, in which the picture would stand still; a ping does
     * not. */
    if (db_ping(w->daemon->db))
        rc = job_renew(w->daemon->db, w->job, lease_us(w), w->step, &cancel, &w->why);
    w->renewed_at = now;
    if (rc == ST_OK) {
        w->lease_until = now + lease_us(w);
        heartbeat_hold(w->daemon->heartbeat, w->job, w->lease_until);
        w->sent_step = w->step;
        return cancel ? end_as(w, RENDER_CANCELLED) : true;
    }
    if (rc == ST_LOST || clock_monotonic() >= w->lease_until)
        return end_as(w, RENDER_LOST);
    /* The database is away: the picture goes on as long as the lease may still be ours. */
    w->renew_after = clock_monotonic() + RETRY;
    return true;
}

/* What is left of the job, from how long it took so far. */
static int64_t
time_left(const struct render_work *w, int64_t now)
{
    int all = w->job->images * w->job->params.steps, done = w->step - w->first_step;

    return done <= 0 ? INT64_MAX : (now - w->began_at) / done * (all - w->step);
}

/* What the second thread did for the lease during a long step. */
static bool
hear(struct render_work *w)
{
    bool cancel;
    int64_t until = heartbeat_lease(w->daemon->heartbeat, w->job, &cancel);

    if (until == 0)
        return end_as(w, RENDER_LOST);
    if (until > w->lease_until)
        w->lease_until = until;
    return cancel ? end_as(w, RENDER_CANCELLED) : true;
}

bool
render_keep(struct render_work *w)
{
    int64_t now = clock_monotonic(), since = now - w->renewed_at;

    if (w->outcome != RENDER_GOING || !hear(w))
        return false;
    if (daemon_stopping(w->daemon) && time_left(w, now) > NEARLY_DONE)
        return end_as(w, RENDER_GIVEN_BACK);
    daemon_tick(w->daemon);
    if (now < w->renew_after)
        return now < w->lease_until || end_as(w, RENDER_LOST);
    if ((w->step != w->sent_step && since >= RENEW_MIN) || since >= lease_us(w) / 4)
        return renew(w, now);
    return true;
}

int
render_insist(struct render_work *w, int (*act)(struct render_work *w, void *arg, struct err *e),
              void *arg, struct err *e)
{
    static const struct timespec PAUSE = {.tv_nsec = INSIST_MS * 1000000L};
    int64_t began = clock_monotonic(), until = w->lease_until;
    bool told = false;
    int rc;

    for (;;) {
        if (db_ping(w->daemon->db))
            rc = act(w, arg, e);
        else
            rc = err_set(e, ST_DB_RETRY, "The database does not answer.", "no connection");
        if (rc != ST_DB && rc != ST_DB_RETRY)
            return rc;
        if (daemon_stopping(w->daemon) && until > began + STOP_PATIENCE)
            until = began + STOP_PATIENCE;
        if (clock_monotonic() >= until)
            return ST_LOST;
        heartbeat_touch(w->daemon->heartbeat);
        if (!told)
            log_err(LOG_LEVEL_WARNING, "waiting for the database", e);
        told = true;
        notify_alive();
        nanosleep(&PAUSE, NULL);
    }
}

/* --- settling --- */

static int
settle_done(struct render_work *w, void *arg, struct err *e)
{
    (void)arg;
    return job_finish(w->daemon->db, w->job, w->daemon->conf->media.transient * CLOCK_SECOND, e);
}

/* What the visitor reads for a failure; NULL = the engine's own sentence is made for people. */
static const struct {
    int status;
    const char *code, *message;
} FAILURES[] = {
    {ST_INVALID, "params", NULL},
    {ST_UNSUPPORTED, "params", NULL},
    {ST_TOOBIG, "out_of_memory", NULL},
    {ST_TIMEOUT, "params", NULL},
    {ST_NOMEM, "out_of_memory", "There was not enough memory to draw this picture."},
    {ST_INTERNAL, "engine", "This picture could not be computed. Another seed may work."},
};

static int
settle_failed(struct render_work *w, void *arg, struct err *e)
{
    size_t last = sizeof FAILURES / sizeof FAILURES[0] - 1, i = 0; /* anything else: the last */

    (void)arg;
    while (i < last && FAILURES[i].status != w->why.code)
        i++;
    return job_fail(w->daemon->db, w->job, FAILURES[i].code,
                    FAILURES[i].message != NULL ? FAILURES[i].message : w->why.message, e);
}

static int
settle_cancelled(struct render_work *w, void *arg, struct err *e)
{
    (void)arg;
    return job_cancelled(w->daemon->db, w->job, e);
}

static int
settle_given_back(struct render_work *w, void *arg, struct err *e)
{
    (void)arg;
    return job_give_back(w->daemon->db, w->job, e);
}

static const struct {
    const char *name;
    enum log_level level;
    int (*settle)(struct render_work *w, void *arg, struct err *e); /* NULL = hands off */
} OUTCOMES[] = {
    [RENDER_DONE] = {"done", LOG_LEVEL_INFO, settle_done},
    [RENDER_FAILED] = {"failed", LOG_LEVEL_ERROR, settle_failed},
    [RENDER_CANCELLED] = {"cancelled", LOG_LEVEL_INFO, settle_cancelled},
    [RENDER_GIVEN_BACK] = {"given back", LOG_LEVEL_NOTICE, settle_given_back},
    [RENDER_LOST] = {"lease lost", LOG_LEVEL_WARNING, NULL},
};

static void
move(struct render_work *w)
{
    struct err e = {0};
    int rc = ST_OK;

    if (OUTCOMES[w->outcome].settle != NULL)
        rc = render_insist(w, OUTCOMES[w->outcome].settle, NULL, &e);
    if (rc != ST_OK && rc != ST_LOST && w->outcome != RENDER_FAILED) {
        w->outcome = RENDER_FAILED;
        w->why = e;
        rc = render_insist(w, settle_failed, NULL, &e);
    }
    if (rc != ST_OK) {
        log_err(LOG_LEVEL_WARNING, "not settled here", &e);
        w->outcome = RENDER_LOST;
    }
}

/* --- beginning and end --- */

void
render_begin(struct render_work *w, struct daemon *d, const struct job *job)
{
    int64_t now = clock_monotonic();

    *w = (struct render_work){
        .daemon = d,
        .job = job,
        .began_at = now,
        .renewed_at = now,
        .lease_until = now + d->conf->render.lease * CLOCK_SECOND,
    };
    heartbeat_hold(d->heartbeat, job, w->lease_until);
}

void
render_judge(struct render_work *w, int rc)
{
    if (w->outcome != RENDER_GOING || rc == ST_OK)
        return;
    if (rc == ST_LOST) {
        w->outcome = RENDER_LOST;
    } else if (rc == ST_IO) {
        log_err(LOG_LEVEL_ERROR, "writing a picture", &w->why);
        daemon_store_failed(w->daemon);
        w->outcome = RENDER_GIVEN_BACK;
    } else {
        w->outcome = RENDER_FAILED;
    }
}

void
render_settle(struct render_work *w)
{
    const struct job *job = w->job;
    char name[ID_TEXT];

    if (w->settled)
        return;
    w->settled = true;
    id_format(&job->public_id, name);
    log_context(name);
    move(w);
    heartbeat_drop(w->daemon->heartbeat, job);
    if (w->outcome == RENDER_DONE)
        w->daemon->store_pause_ms = 0;
    if (w->outcome == RENDER_FAILED)
        log_err(LOG_LEVEL_ERROR, "drawing", &w->why);
    log_write(OUTCOMES[w->outcome].level, "%s: attempt %d, %d of %d steps in %.2f s",
              OUTCOMES[w->outcome].name, job->attempts, w->step, job->images * job->params.steps,
              (double)(clock_monotonic() - w->began_at) / (double)CLOCK_SECOND);
    log_context("");
}
