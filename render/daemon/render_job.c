/*
 * One job from claim to settlement: the lease, the stop signals, the table of outcomes. Knows no
 * SQL and no picture formats. Read next: render_image.c.
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
    int all = w->job->images * w->job->params.steps;

    return w->step == 0 ? INT64_MAX : (now - w->began_at) / w->step * (all - w->step);
}

bool
render_keep(struct render_work *w)
{
    int64_t now = clock_monotonic(), since = now - w->renewed_at;

    if (w->outcome != RENDER_GOING)
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
    {ST_NOMEM, "out_of_memory", "There was not enough memory to draw this picture."},
    {ST_INTERNAL, "engine", "This picture could not be computed. Another seed may work."},
};

static int
settle_failed(struct render_work *w, void *arg, struct err *e)
{
    size_t last = sizeof FAILURES / sizeof FAILURES[0] - 1, i = 0;

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
settle(struct render_work *w)
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

/* --- the job --- */

/* Rows are input: what this site does not offer is not drawn, whoever wrote the row. */
static int
check_limits(const struct render_work *w, struct err *e)
{
    const struct job_params *p = &w->job->params;
    const struct conf *c = w->daemon->conf;

    if (p->width > c->model.size_max || p->height > c->model.size_max)
        return err_setf(e, ST_INVALID, "A picture has at most %" PRId64 " pixels on a side.",
                        c->model.size_max);
    if (p->steps > c->model.steps_max)
        return err_setf(e, ST_INVALID, "A picture takes at most %" PRId64 " steps.",
                        c->model.steps_max);
    return ST_OK;
}

static void
draw_all(struct render_work *w)
{
    int rc = check_limits(w, &w->why);

    for (; rc == ST_OK && w->image < w->job->images; w->image++) {
        notify_status("drawing picture %d of %d", w->image + 1, w->job->images);
        rc = render_image(w, &w->why);
    }
    if (w->outcome != RENDER_GOING)
        return;
    if (rc == ST_OK) {
        w->outcome = RENDER_DONE;
    } else if (rc == ST_LOST) {
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
render_job(struct daemon *d, const struct job *job)
{
    int64_t now = clock_monotonic();
    struct render_work w = {
        .daemon = d,
        .job = job,
        .began_at = now,
        .renewed_at = now,
        .lease_until = now + d->conf->render.lease * CLOCK_SECOND,
    };
    char name[ID_TEXT];

    id_format(&job->public_id, name);
    log_context(name);
    draw_all(&w);
    settle(&w);
    if (w.outcome == RENDER_DONE)
        d->store_pause_ms = 0;
    if (w.outcome == RENDER_FAILED)
        log_err(LOG_LEVEL_ERROR, "drawing", &w.why);
    log_write(OUTCOMES[w.outcome].level, "%s: attempt %d, %d of %d steps in %.2f s",
              OUTCOMES[w.outcome].name, job->attempts, w.step, job->images * job->params.steps,
              (double)(clock_monotonic() - now) / (double)CLOCK_SECOND);
    log_context("");
}
