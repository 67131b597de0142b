/*
 * The daemon's second thread; see heartbeat.h. It shares with the main thread only what the lock
 * guards. Knows no engine and no pictures. Read next: render_job.c, which it speaks for.
 */
#include "render/daemon/heartbeat.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <time.h>

#include "common/clock.h"
#include "common/conf.h"
#include "common/db.h"
#include "common/err.h"
#include "common/job.h"
#include "common/log.h"
#include "render/daemon/notify.h"

#define BEAT (CLOCK_SECOND / 2)
#define RETRY (2 * CLOCK_SECOND) /* after the database did not answer */

/* A job in hand. */
struct held {
    int64_t id;
    uint64_t token;
    int64_t until; /* clock_monotonic */
    bool cancel, lost;
};

struct heartbeat {
    struct db *db; /* of the thread alone */
    int64_t lease, patience, stop_wait;
    const atomic_int *stops;
    int64_t stopped_at; /* when the thread saw that; 0 = not yet */
    _Atomic int64_t touched;
    pthread_t thread;
    pthread_mutex_t lock; /* for all below */
    pthread_cond_t wake;
    bool ending;
    struct held held[HEARTBEAT_JOBS];
    size_t count;
};

static struct held *
find(struct heartbeat *h, int64_t id, uint64_t token)
{
    for (size_t i = 0; i < h->count; i++) {
        if (h->held[i].id == id && h->held[i].token == token)
            return &h->held[i];
    }
    return NULL;
}

/* --- the thread --- */

/* The job whose lease has run longest without a renewal, if it is time for one. */
static bool
next_due(struct heartbeat *h, int64_t now, struct held *out)
{
    bool due = false;

    pthread_mutex_lock(&h->lock);
    for (size_t i = 0; i < h->count && !h->ending; i++) {
        const struct held *one = &h->held[i];

        if (one->lost || one->until - now > h->lease / 2 || (due && one->until >= out->until))
            continue;
        *out = *one;
        due = true;
    }
    pthread_mutex_unlock(&h->lock);
    return due;
}

/* One lease over the thread's own connection. False when the database does not answer. */
static bool
prolong(struct heartbeat *h, const struct held *one)
{
    struct job job = {.id = one->id, .lease_token = one->token};
    int64_t now = clock_monotonic();
    bool cancel = false;
    struct held *mine;
    struct err e;
    int rc;

    if (!db_ping(h->db))
        return false;
    /* No step is so small that the row does not know it: progress stays the main thread's. */
    rc = job_renew(h->db, &job, h->lease, 0, &cancel, &e);
    if (rc != ST_OK && rc != ST_LOST)
        return false;
    pthread_mutex_lock(&h->lock);
    if ((mine = find(h, one->id, one->token)) != NULL) {
        mine->lost = rc == ST_LOST;
        mine->cancel = mine->cancel || cancel;
        if (rc == ST_OK && mine->until < now + h->lease)
            mine->until = now + h->lease;
    }
    pthread_mutex_unlock(&h->lock);
    return true;
}

/* Sleeps until the monotonic time or until the end is asked for. True = go on. */
static bool
pause_until(struct heartbeat *h, int64_t until)
{
    struct timespec at = {.tv_sec = (time_t)(until / CLOCK_SECOND),
                          .tv_nsec = (long)(until % CLOCK_SECOND * 1000)};
    bool ending;
    int rc = 0;

    pthread_mutex_lock(&h->lock);
    while (!h->ending && rc == 0)
        rc = pthread_cond_timedwait(&h->wake, &h->lock, &at);
    ending = h->ending;
    pthread_mutex_unlock(&h->lock);
    return !ending;
}

/* Has the daemon been told to end, and was the main thread silent since then, or since its last
 * step, for too long? */
static bool
is_given_up(struct heartbeat *h, int64_t now)
{
    int64_t since = atomic_load(&h->touched);

    if (atomic_load(h->stops) == 0)
        return false;
    if (h->stopped_at == 0)
        h->stopped_at = now;
    return now - (since > h->stopped_at ? since : h->stopped_at) >= h->stop_wait;
}

static bool
next_held(struct heartbeat *h, struct held *out)
{
    bool found = false;

    pthread_mutex_lock(&h->lock);
    for (size_t i = 0; i < h->count && !found && !h->ending; i++) {
        found = !h->held[i].lost;
        *out = h->held[i];
    }
    pthread_mutex_unlock(&h->lock);
    return found;
}

/* The token decides who was first, if the main thread comes back in this moment. False when the
 * database does not answer. */
static bool
give_back(struct heartbeat *h, const struct held *one)
{
    struct job job = {.id = one->id, .lease_token = one->token};
    struct held *mine;
    struct err e;
    int rc;

    if (!db_ping(h->db))
        return false;
    rc = job_give_back(h->db, &job, &e);
    if (rc != ST_OK && rc != ST_LOST)
        return false;
    if (rc == ST_OK)
        log_write(LOG_LEVEL_NOTICE, "given back in the middle of a long step");
    pthread_mutex_lock(&h->lock);
    if ((mine = find(h, one->id, one->token)) != NULL)
        mine->lost = true;
    pthread_mutex_unlock(&h->lock);
    return true;
}

static void *
beat(void *arg)
{
    struct heartbeat *h = arg;
    bool silent = false;
    struct held one;

    for (int64_t now = clock_monotonic(), pause = BEAT; pause_until(h, now + pause);) {
        pause = BEAT;
        now = clock_monotonic();
        if (is_given_up(h, now)) {
            while (pause == BEAT && next_held(h, &one))
                pause = give_back(h, &one) ? BEAT : RETRY;
            notify_alive();
            continue;
        }
        if (now - atomic_load(&h->touched) > h->patience) {
            if (!silent)
                log_write(LOG_LEVEL_ERROR, "one step takes longer than render.patience");
            silent = true;
            continue;
        }
        silent = false;
        notify_alive();
        while (next_due(h, clock_monotonic(), &one)) {
            if (prolong(h, &one))
                continue;
            pause = RETRY;
            break;
        }
        now = clock_monotonic();
    }
    return NULL;
}

/* --- the main thread's side --- */

static int
start_thread(struct heartbeat *h, struct err *e)
{
    pthread_condattr_t monotonic;

    pthread_mutex_init(&h->lock, NULL);
    pthread_condattr_init(&monotonic);
    pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
    pthread_cond_init(&h->wake, &monotonic);
    pthread_condattr_destroy(&monotonic);
    if (pthread_create(&h->thread, NULL, beat, h) == 0)
        return ST_OK;
    pthread_cond_destroy(&h->wake);
    pthread_mutex_destroy(&h->lock);
    return err_set(e, ST_NOMEM, "The daemon cannot start.", "no thread for signs of life");
}

int
heartbeat_start(const struct conf *conf, const atomic_int *stops, int64_t stop_wait,
                struct heartbeat **out, struct err *e)
{
    struct heartbeat *h = calloc(1, sizeof *h);
    int rc;

    *out = NULL;
    if (h == NULL)
        return err_set(e, ST_NOMEM, "Out of memory.", "heartbeat");
    h->lease = conf->render.lease * CLOCK_SECOND;
    h->patience = conf->render.patience * CLOCK_SECOND;
    h->stop_wait = stop_wait;
    h->stops = stops;
    atomic_init(&h->touched, clock_monotonic());
    if ((rc = db_open(conf, &h->db, e)) != ST_OK || (rc = job_work_prepare(h->db, e)) != ST_OK ||
        (rc = start_thread(h, e)) != ST_OK) {
        db_close(h->db);
        free(h);
        return rc;
    }
    *out = h;
    return ST_OK;
}

void
heartbeat_stop(struct heartbeat *h)
{
    if (h == NULL)
        return;
    pthread_mutex_lock(&h->lock);
    h->ending = true;
    pthread_cond_signal(&h->wake);
    pthread_mutex_unlock(&h->lock);
    pthread_join(h->thread, NULL);
    pthread_cond_destroy(&h->wake);
    pthread_mutex_destroy(&h->lock);
    db_close(h->db);
    free(h);
}

void
heartbeat_touch(struct heartbeat *h)
{
    atomic_store(&h->touched, clock_monotonic());
}

void
heartbeat_hold(struct heartbeat *h, const struct job *job, int64_t until)
{
    struct held *one;

    pthread_mutex_lock(&h->lock);
    if ((one = find(h, job->id, job->lease_token)) == NULL && h->count < HEARTBEAT_JOBS) {
        one = &h->held[h->count++];
        *one = (struct held){.id = job->id, .token = job->lease_token};
    }
    if (one != NULL && one->until < until)
        one->until = until;
    pthread_mutex_unlock(&h->lock);
}

void
heartbeat_drop(struct heartbeat *h, const struct job *job)
{
    struct held *one;

    pthread_mutex_lock(&h->lock);
    if ((one = find(h, job->id, job->lease_token)) != NULL)
        *one = h->held[--h->count];
    pthread_mutex_unlock(&h->lock);
}

int64_t
heartbeat_lease(struct heartbeat *h, const struct job *job, bool *cancel)
{
    const struct held *one;
    int64_t until = 0;

    *cancel = false;
    pthread_mutex_lock(&h->lock);
    if ((one = find(h, job->id, job->lease_token)) != NULL) {
        until = one->lost ? 0 : one->until;
        *cancel = one->cancel;
    }
    pthread_mutex_unlock(&h->lock);
    return until;
}
