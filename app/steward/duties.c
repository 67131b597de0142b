/*
 * The duties, each a loop of small batches until nothing is left. Knows no SQL: the queue, the
 * media and the outbox have their own, that of sessions is in steward_store.c. Read next:
 * main_steward.c.
 */
#include "app/steward/steward.h"

#include <inttypes.h>

#include "app/steward/steward_store.h"
#include "common/clock.h"
#include "common/conf.h"
#include "common/err.h"
#include "common/job.h"
#include "common/mail.h"
#include "common/media.h"
#include "common/store.h"
#include "common/text.h"

#define BATCH 100
#define LETTERS 20                    /* a batch of them: each may take a minute */
#define BATCHES 1000                  /* in one run; the rest waits for the next */
#define WINDOW_LIVES CLOCK_HOUR       /* the longest rate limit is shorter */
#define LETTER_LIVES (30 * CLOCK_DAY) /* after its last try */

/* "3 moved on, 1 failed": only what happened. */
static void
tell(struct text *done, int64_t count, const char *what)
{
    if (count != 0)
        text_printf(done, "%s%" PRId64 " %s", done->len > 0 ? ", " : "", count, what);
}

static int
run_leases(struct steward *s, struct text *done, struct err *e)
{
    int64_t all = 0;
    int moved = BATCH, rc = ST_OK;

    for (int i = 0; i < BATCHES && moved == BATCH && rc == ST_OK && !s->stopping(); i++) {
        rc = job_requeue_lost(s->db, (int)s->conf->render.attempts, BATCH, &moved, e);
        all += moved;
    }
    tell(done, all, "lost jobs moved on");
    return rc;
}

static int
run_media(struct steward *s, struct text *done, struct err *e)
{
    struct media_sweep sum = {0}, one = {.expired = 1};
    int rc = ST_OK;

    if (s->store == NULL && (rc = store_open(s->conf->media.root, &s->store, e)) != ST_OK)
        return rc;
    for (int i = 0;
         i < BATCHES && rc == ST_OK && one.expired + one.stale + one.removed > 0 && !s->stopping();
         i++) {
        rc = media_sweep(s->db, s->store, BATCH, &one, e);
        sum.expired += one.expired;
        sum.stale += one.stale;
        sum.removed += one.removed;
    }
    tell(done, sum.expired, "expired");
    tell(done, sum.stale, "unfinished");
    tell(done, sum.removed, "files removed");
    return rc;
}

/* Repeats one bounded DELETE. */
static int
delete_all(struct steward *s,
           int (*delete_some)(struct db *db, int64_t before, int max, int64_t *deleted,
                              struct err *e),
           int64_t before, int64_t *all, struct err *e)
{
    int64_t deleted = BATCH;
    int rc = ST_OK;

    *all = 0;
    for (int i = 0; i < BATCHES && deleted == BATCH && rc == ST_OK && !s->stopping(); i++) {
        rc = delete_some(s->db, before, BATCH, &deleted, e);
        *all += rc == ST_OK ? deleted : 0;
    }
    return rc;
}

static int
run_mail(struct steward *s, struct text *done, struct err *e)
{
    int64_t all_sent = 0, all_failed = 0, old;
    int sent = LETTERS, failed = 0, rc = ST_OK;

    for (int i = 0; i < BATCHES && sent + failed == LETTERS && rc == ST_OK && !s->stopping(); i++) {
        rc = mail_deliver(s->db, s->conf, LETTERS, &sent, &failed, e);
        all_sent += sent;
        all_failed += failed;
    }
    tell(done, all_sent, "letters sent");
    tell(done, all_failed, "tries failed");
    if (rc != ST_OK)
        return rc;
    rc = delete_all(s, mail_forget, clock_now() - LETTER_LIVES, &old, e);
    tell(done, old, "old letters forgotten");
    return rc;
}

static int
run_sessions(struct steward *s, struct text *done, struct err *e)
{
    int64_t now = clock_now(), all;
    int rc = steward_store_prepare(s->db, e);

    if (rc != ST_OK)
        return rc;
    rc = delete_all(s, steward_store_sessions, now, &all, e);
    tell(done, all, "sessions ended");
    if (rc != ST_OK)
        return rc;
    rc = delete_all(s, steward_store_windows, now - WINDOW_LIVES, &all, e);
    tell(done, all, "old rate windows removed");
    return rc;
}

const struct steward_duty steward_duties[] = {
    {"leases", "puts jobs of lost render daemons back into the queue, or ends them", run_leases},
    {"media", "removes expired, deleted and unfinished pictures", run_media},
    {"mail", "delivers the letters of the outbox, forgets old ones", run_mail},
    {"sessions", "forgets expired sessions and old rate windows", run_sessions},
};

const size_t steward_duty_count = sizeof steward_duties / sizeof steward_duties[0];
