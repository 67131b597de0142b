/*
 * The loop of the render daemon: claim, draw, wait. Knows no SQL and no pictures. Read next:
 * render_job.c.
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
#include "render/daemon/notify.h"
#include "render/daemon/render_job.h"

#define ANNOUNCE (10 * CLOCK_SECOND)
#define SWEEP (15 * CLOCK_SECOND)
#define SWEEP_MAX 20
#define STORE_PAUSE_MIN_MS 2000
#define STORE_PAUSE_MAX_MS 60000
#define MEASURE_SHARE 3 /* a new measurement counts one third */

bool
daemon_stopping(const struct daemon *d)
{
    return *d->stops > 0;
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

void
daemon_tick(struct daemon *d)
{
    int64_t now = clock_monotonic();
    struct err e;
    int rc;

    notify_alive();
    if (d->announced_at != 0 && now - d->announced_at < ANNOUNCE)
        return;
    d->announced_at = now;
    if (d->database_away && !db_ping(d->db))
        return;
    rc = job_worker_seen(d->db, d->worker, d->conf->model.name, d->speed, &e);
    note_database(d, rc, &e);
}

void
daemon_measure(struct daemon *d, int64_t work, int64_t us)
{
    int64_t speed = us > 0 ? (int64_t)((double)work * (double)CLOCK_SECOND / (double)us) : 0;

    if (speed < 1)
        return;
    d->speed = d->speed == 0 ? speed : d->speed + (speed - d->speed) / MEASURE_SHARE;
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

/* One claim and, where it brought a job, the job. True when there was one. */
static bool
work_once(struct daemon *d)
{
    const struct conf *c = d->conf;
    struct job job;
    struct err e;
    int count = 0, rc;

    if (d->database_away && !db_ping(d->db))
        return false;
    rc = job_claim(d->db, d->worker, c->model.name, c->render.lease * CLOCK_SECOND,
                   (int)c->render.attempts, 1, &job, &count, &e);
    note_database(d, rc, &e);
    if (rc != ST_OK || count == 0)
        return false;
    render_job(d, &job);
    job_release(&job);
    return true;
}

int
daemon_run(struct daemon *d, struct err *e)
{
    const struct conf *c = d->conf;
    int rc = job_worker_seen(d->db, d->worker, c->model.name, 0, e);

    if (rc != ST_OK)
        return rc;
    d->announced_at = clock_monotonic();
    d->idle_ms = c->render.poll_min;
    notify_ready();
    notify_status("waiting for work");
    log_write(LOG_LEVEL_NOTICE, "ready for %s as %s", c->model.name, d->worker);
    while (!daemon_stopping(d)) {
        daemon_tick(d);
        if (work_once(d)) {
            d->idle_ms = c->render.poll_min;
            notify_status("waiting for work");
            if (d->store_pause_ms > 0)
                wait_ms(d, d->store_pause_ms);
            continue;
        }
        if (d->once && !d->database_away)
            break;
        sweep(d);
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
