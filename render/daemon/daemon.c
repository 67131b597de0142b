/*
 * The loop of the render daemon: choose a model, claim, draw, wait. Knows no SQL and no pictures.
 * Read next: rota.h, models.h, render_batch.c.
 */
#include "render/daemon/daemon.h"

#include <errno.h>
#include <inttypes.h>
#include <poll.h>
#include <time.h>

#include "common/clock.h"
#include "common/conf.h"
#include "common/crypto.h"
#include "common/db.h"
#include "common/err.h"
#include "common/job.h"
#include "common/log.h"
#include "common/rates.h"
#include "render/daemon/heartbeat.h"
#include "render/daemon/notify.h"
#include "render/daemon/render_batch.h"

#define ANNOUNCE (10 * CLOCK_SECOND)
#define SWEEP (15 * CLOCK_SECOND)
#define SWEEP_MAX 20
#define STORE_PAUSE_MIN_MS 2000
#define STORE_PAUSE_MAX_MS 60000
#define QUIET (10 * CLOCK_SECOND) /* nothing to do for so long: time to measure */
#define LOOK (60 * CLOCK_SECOND)  /* for models that were installed meanwhile */

bool
daemon_stopping(const struct daemon *d)
{
    return atomic_load(d->stops) > 0;
}

/* Says once that the database is away, and once that it is back. */
static void
note_database(struct daemon *d, int rc, const struct err *e)
{
    if (rc != ST_OK && !d->database_away)
        log_err(LOG_LEVEL_ERROR, "the database does not answer", e);
    else if (rc == ST_OK && d->database_away)
        log_write(LOG_LEVEL_NOTICE, "the database answers again");
    d->database_away = rc != ST_OK;
}

static int
announce(struct daemon *d, struct err *e)
{
    const struct model *last = &d->models.list[d->last];
    int rc = job_worker_seen(d->db, d->worker, last->name, last->speed, e);

    for (size_t i = 0; i < d->models.count && rc == ST_OK; i++) {
        struct model *one = &d->models.list[i];
        struct rates rates;

        if (one->refused_until >= clock_monotonic())
            continue;
        rc = rates_put(d->db, d->worker, one->name, one->speed, one->measured ? &one->curves : NULL,
                       e);
        if (rc == ST_OK && (rc = rates_load(d->db, one->name, &rates, e)) == ST_OK)
            one->workers = rates.workers;
    }
    return rc;
}

void
daemon_tick(struct daemon *d)
{
    int64_t now = clock_monotonic();
    struct err e;
    int rc;

    heartbeat_touch(d->heartbeat);
    notify_alive();
    if (d->announced_at != 0 && now - d->announced_at < ANNOUNCE)
        return;
    d->announced_at = now;
    if (d->database_away && !db_ping(d->db))
        return;
    rc = announce(d, &e);
    note_database(d, rc, &e);
}

void
daemon_store_failed(struct daemon *d)
{
    d->store_pause_ms = d->store_pause_ms == 0 ? STORE_PAUSE_MIN_MS : d->store_pause_ms * 2;
    if (d->store_pause_ms > STORE_PAUSE_MAX_MS)
        d->store_pause_ms = STORE_PAUSE_MAX_MS;
    log_write(LOG_LEVEL_ERROR, "the media store failed; the next job waits %" PRId64 " s",
              d->store_pause_ms / 1000);
}

/* Up to a quarter more or less, so that daemons started together do not ask together. */
static int64_t
jitter(int64_t ms)
{
    int64_t span = ms / 2 + 1;

    return ms - span / 2 + crypto_random_u32() % span;
}

/* Sleeps until the time is over or a signal comes, with a sign of life every few seconds. */
static void
wait_ms(struct daemon *d, int64_t ms)
{
    int64_t until = clock_monotonic() + ms * 1000, left;

    while (!daemon_stopping(d) && (left = until - clock_monotonic()) > 0) {
        struct pollfd wake = {.fd = d->wake, .events = POLLIN};

        if (poll(&wake, 1, left > 5 * CLOCK_SECOND ? 5000 : (int)(left / 1000) + 1) < 0 &&
            errno != EINTR)
            return;
        daemon_tick(d);
    }
}

/* What lost workers held goes back into the queue; the steward does it too, where there is one. */
static void
sweep(struct daemon *d)
{
    int64_t now = clock_monotonic();
    struct err e;
    int moved;

    if (d->database_away || (d->swept_at != 0 && now - d->swept_at < SWEEP))
        return;
    d->swept_at = now;
    if (job_requeue_lost(d->db, (int)d->conf->render.attempts, SWEEP_MAX, &moved, &e) != ST_OK)
        log_err(LOG_LEVEL_WARNING, "looking for lost jobs", &e);
    else if (moved > 0)
        log_write(LOG_LEVEL_NOTICE, "%d jobs of lost workers moved on", moved);
}

/* --- work --- */

/* Models come and go while the daemon runs. */
static void
look_for_models(struct daemon *d)
{
    int64_t now = clock_monotonic();
    struct err e;

    if (d->looked_at != 0 && now - d->looked_at < LOOK)
        return;
    d->looked_at = now;
    d->last = 0; /* places in the list may change */
    if (models_find(&d->models, d->conf, &e) != ST_OK)
        log_err(LOG_LEVEL_WARNING, "looking for models", &e);
}

/* Asks each queue whether somebody waits in it. */
static int
ask_queues(struct daemon *d, struct err *e)
{
    struct models *m = &d->models;
    int64_t now = clock_monotonic();
    int rc = ST_OK;

    for (size_t i = 0; i < m->count && rc == ST_OK; i++) {
        bool waiting = false;

        if (m->list[i].refused_until < now)
            rc = job_waiting(d->db, m->list[i].name, &waiting, e);
        rota_note(m->rota, m->count, i, waiting);
    }
    return rc;
}

/* The model comes before the claim: no lease runs while it is opened. */
static bool
open_model(struct daemon *d, size_t which)
{
    struct err e;

    if (models_open(&d->models, which, &e) == ST_OK)
        return true;
    log_err(LOG_LEVEL_ERROR, d->models.list[which].name, &e);
    return false;
}

static bool
draw_with(struct daemon *d, size_t which, struct err *e, int *rc)
{
    const struct conf *c = d->conf;
    struct job_claim_ask ask = {
        .worker = d->worker,
        .model = d->models.list[which].name,
        .lease_us = c->render.lease * CLOCK_SECOND,
        .attempts_max = (int)c->render.attempts,
        .max = c->render.batch < DAEMON_JOBS ? (int)c->render.batch : DAEMON_JOBS,
        .workers = d->models.list[which].workers,
        .joins = render_joins,
        .ctx = d,
    };
    int64_t began = clock_monotonic();
    struct job jobs[DAEMON_JOBS];
    int count;

    *rc = job_claim_batch(d->db, &ask, jobs, &count, e);
    if (*rc != ST_OK || count == 0)
        return false;
    d->last = which;
    render_jobs(d, which, jobs, count);
    for (int i = 0; i < count; i++)
        job_release(&jobs[i]);
    rota_served(&d->models.rota[which], (double)(clock_monotonic() - began) / (double)CLOCK_SECOND);
    return true;
}

/* One claim and, where it brought jobs, the jobs. True when there were some. */
static bool
work_once(struct daemon *d)
{
    struct models *m = &d->models;
    bool worked = false;
    struct err e;
    size_t which;
    int rc;

    if (d->database_away && !db_ping(d->db))
        return false;
    look_for_models(d);
    rc = ask_queues(d, &e);
    /* Where others were quicker, or the model cannot be opened, the next one has its chance. */
    while (rc == ST_OK && !worked && (which = rota_next(m->rota, m->count)) < m->count) {
        worked = open_model(d, which) && draw_with(d, which, &e, &rc);
        if (!worked)
            m->rota[which].waiting = false;
    }
    note_database(d, rc, &e);
    return worked;
}

/* While nobody waits, models in memory are measured, each once. */
static void
measure_idly(struct daemon *d)
{
    int64_t now = clock_monotonic();

    if (d->database_away || now - d->worked_at < QUIET)
        return;
    for (size_t i = 0; i < d->models.count; i++) {
        const struct model *one = &d->models.list[i];

        if (one->pipeline == NULL || one->measured || one->unmeasurable)
            continue;
        notify_status("measuring %s", one->name);
        models_calibrate(&d->models, i, d->conf);
        notify_status("waiting for work");
        d->announced_at = 0;
        return;
    }
}

int
daemon_run(struct daemon *d, struct err *e)
{
    const struct conf *c = d->conf;
    int rc = announce(d, e);

    if (rc != ST_OK)
        return rc;
    d->announced_at = d->worked_at = clock_monotonic();
    d->idle_ms = c->render.poll_min;
    notify_ready();
    notify_status("waiting for work");
    log_write(LOG_LEVEL_NOTICE, "ready for %s and %zu more models as %s", c->model.name,
              d->models.count - 1, d->worker);
    while (!daemon_stopping(d)) {
        daemon_tick(d);
        if (work_once(d)) {
            d->worked_at = clock_monotonic();
            d->idle_ms = c->render.poll_min;
            notify_status("waiting for work");
            if (d->store_pause_ms > 0)
                wait_ms(d, d->store_pause_ms);
            continue;
        }
        if (d->once && !d->database_away)
            break;
        sweep(d);
        measure_idly(d);
        wait_ms(d, jitter(d->idle_ms));
        d->idle_ms += d->idle_ms / 2 + 1;
        if (d->idle_ms > c->render.poll_max)
            d->idle_ms = c->render.poll_max;
    }
    notify_stopping();
    if (job_worker_bye(d->db, d->worker, e) != ST_OK)
        log_err(LOG_LEVEL_WARNING, "saying good-bye", e);
    log_write(LOG_LEVEL_NOTICE, "ended");
    return ST_OK;
}
