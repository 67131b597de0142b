/*
 * The duties, each a loop of small batches until nothing is left. Knows no SQL: the queue, the
 * media, the outbox and retention have their own. Read next: main_steward.c.
 */
#include "app/steward/steward.h"

#include <inttypes.h>
#include <stdio.h>

#include "app/steward/anomaly.h"
#include "app/steward/copies.h"
#include "app/steward/notices.h"
#include "app/steward/usage_store.h"
#include "common/arena.h"
#include "common/clock.h"
#include "common/conf.h"
#include "common/erasure.h"
#include "common/err.h"
#include "common/job.h"
#include "common/mail.h"
#include "common/media.h"
#include "common/processor.h"
#include "common/purchase.h"
#include "common/purge.h"
#include "common/reconcile.h"
#include "common/refund.h"
#include "common/register.h"
#include "common/rights.h"
#include "common/store.h"
#include "common/subscription.h"
#include "common/text.h"

#define RECONCILE_EVERY (20 * CLOCK_HOUR)
#define RECONCILE_BACK                                                                             \
    (35 * CLOCK_DAY) /* disputes come for older payments, too: gempixctl reconcile */
#define BATCH 100
#define PURGE_BATCHES 10000
#define VIEWS_LEAST 5 /* fewer views of a page on a day could point at somebody */
#define LETTERS 20    /* a batch of them, or of questions to others: each may take a minute */
#define BATCHES 1000  /* in one run; the rest waits for the next */
#define REGISTER_MAX ((size_t)8 * 1024 * 1024)
#define PATH_MAX_BYTES 4200

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

static int
run_mail(struct steward *s, struct text *done, struct err *e)
{
    int64_t all_sent = 0, all_failed = 0;
    int sent = LETTERS, failed = 0, rc = ST_OK;

    for (int i = 0; i < BATCHES && sent + failed == LETTERS && rc == ST_OK && !s->stopping(); i++) {
        rc = mail_deliver(s->db, s->conf, LETTERS, &sent, &failed, e);
        all_sent += sent;
        all_failed += failed;
    }
    tell(done, all_sent, "letters sent");
    tell(done, all_failed, "tries failed");
    return rc;
}

/* Read once, for as long as the connection lives. */
static int
open_register(struct steward *s, struct err *e)
{
    char path[PATH_MAX_BYTES];
    int rc;

    if (s->data != NULL)
        return ST_OK;
    if ((s->arena = arena_new(REGISTER_MAX)) == NULL)
        return err_set(e, ST_NOMEM, "Out of memory.", "the data register");
    snprintf(path, sizeof path, "%s/register.yaml", s->conf->policy.dir);
    if ((rc = register_load(path, s->arena, &s->data, e)) != ST_OK) {
        arena_free(s->arena);
        s->arena = NULL;
    }
    return rc;
}

/* One rule that fails does not keep the others from their work. */
static int
run_purge(struct steward *s, struct text *done, struct err *e)
{
    int64_t changed;
    int rc = ST_OK, worst = ST_OK;

    if ((rc = open_register(s, e)) != ST_OK ||
        (s->purge == NULL && (rc = purge_open(s->db, s->data, false, &s->purge, e)) != ST_OK))
        return rc;
    for (size_t i = 0; i < purge_count(s->purge) && !s->stopping(); i++) {
        const struct purge_rule *rule = purge_rule_at(s->purge, i);
        struct err one = {0};

        if (rule->keep->by == REGISTER_MEDIA)
            continue;
        rc = purge_run(s->purge, i, PURGE_BATCHES, s->stopping, &changed, &one);
        tell(done, changed, rule->name);
        if (rc != ST_OK) {
            *e = one;
            worst = rc;
        }
    }
    return worst;
}

/* Whole days. The clock of another host may be a little behind: an hour is left for it. */
static int
run_usage(struct steward *s, struct text *done, struct err *e)
{
    int64_t before = (clock_now() - CLOCK_HOUR) / CLOCK_DAY * CLOCK_DAY, events;
    int rc = usage_store_add_up(s->db, before, VIEWS_LEAST, &events, e);

    if (rc == ST_CONFLICT) { /* another steward was faster */
        err_clear(e);
        return ST_OK;
    }
    tell(done, events, "page views added up");
    return rc;
}

static int
run_flags(struct steward *s, struct text *done, struct err *e)
{
    int64_t flagged;
    int rc = anomaly_search(s->db, &flagged, e);

    tell(done, flagged, "accounts pointed out");
    return rc;
}

static int
run_payments(struct steward *s, struct text *done, struct err *e)
{
    int64_t all = 0, all_failed = 0;
    int acted = BATCH, failed = 0, rc = ST_OK;

    for (int i = 0; i < BATCHES && acted + failed == BATCH && rc == ST_OK && !s->stopping(); i++) {
        rc = purchase_events_due(s->db, BATCH, &acted, &failed, e);
        all += acted;
        all_failed += failed;
    }
    tell(done, all, "events acted upon");
    tell(done, all_failed, "events failed");
    if (rc == ST_OK && processor_configured(s->conf)) {
        rc = refund_due(s->db, s->conf, BATCH, &acted, e);
        tell(done, acted, "refunds moved on");
        if (rc == ST_OK)
            rc = refund_sums_due(s->db, s->conf, BATCH, &acted, e);
        tell(done, acted, "sums of refunds asked for");
    }
    return rc;
}

/* What the end of a month brings: its renewal, where nothing was heard of it, and the end of
 * credits that were to be used within it. */
static int
run_months(struct steward *s, struct text *done, struct err *e)
{
    int64_t all = 0, credits;
    int count = BATCH, asked, rc = subscription_ask_due(s->db, s->conf, LETTERS, &asked, e);

    tell(done, rc == ST_OK ? asked : 0, "monthly plans asked after");
    for (int i = 0; i < BATCHES && count == BATCH && rc == ST_OK && !s->stopping(); i++) {
        rc = subscription_expire(s->db, BATCH, &count, &credits, e);
        all += credits;
    }
    tell(done, all, "credits expired");
    return rc;
}

static int
run_rights(struct steward *s, struct text *done, struct err *e)
{
    int due, rc = rights_remind(s->db, s->conf, &due, e);

    tell(done, due, "requests about personal data due or late");
    return rc;
}

/* Once a day: the timer asks more often after a restart, and a letter a day is enough. */
static int
run_reconcile(struct steward *s, struct text *done, struct err *e)
{
    struct reconcile_report r;
    int rc;

    if (!processor_configured(s->conf))
        return ST_OK;
    if ((rc = reconcile_newest(s->db, &r, e)) != ST_OK || clock_now() - r.ran_at < RECONCILE_EVERY)
        return rc;
    rc = reconcile_run(s->db, s->conf, clock_now() - RECONCILE_BACK, &r, e);
    tell(done, rc == ST_OK ? r.charges : 0, "payments compared");
    tell(done, rc == ST_OK ? r.differences : 0, "differences found");
    return rc;
}

static int
run_notices(struct steward *s, struct text *done, struct err *e)
{
    int64_t all = 0;
    int told = BATCH, rc = open_register(s, e);

    if (rc != ST_OK || s->data->material == NULL)
        return rc;
    for (int i = 0; i < BATCHES && told == BATCH && rc == ST_OK && !s->stopping(); i++) {
        rc = notices_tell(s->db, s->conf, s->data->material, BATCH, &told, e);
        all += told;
    }
    tell(done, all, "account holders told of the new policy");
    return rc;
}

static int
run_erasure(struct steward *s, struct text *done, struct err *e)
{
    int told = 0, erased = 0, rc;

    if ((rc = open_register(s, e)) != ST_OK ||
        (s->plan == NULL && (rc = erasure_plan_open(s->db, s->data, &s->plan, e)) != ST_OK) ||
        (s->store == NULL && (rc = store_open(s->conf->media.root, &s->store, e)) != ST_OK))
        return rc;
    rc = erasure_remind(s->db, s->conf, BATCH, &told, e);
    tell(done, told, "reminded of the end of their account");
    if (rc == ST_OK)
        rc = erasure_run(s->db, s->conf, s->store, s->plan, s->stopping, &erased, e);
    tell(done, erased, "accounts erased");
    return rc;
}

static int
run_copies(struct steward *s, struct text *done, struct err *e)
{
    struct copies_done did;
    int rc = open_register(s, e);

    if (rc != ST_OK)
        return rc;
    rc = copies_run(s->db, s->conf, s->data, s->stopping, &did, e);
    tell(done, did.written, "copies written");
    tell(done, did.failed, "attempts failed");
    tell(done, did.removed, "files removed");
    return rc;
}

const struct steward_duty steward_duties[] = {
    {"leases", "puts jobs of lost render daemons back into the queue, or ends them", run_leases},
    {"media", "removes expired, deleted and unfinished pictures", run_media},
    {"notices", "tells account holders of a material change of the policy", run_notices},
    {"erasure", "erases accounts whose owners asked for it, when the grace is over", run_erasure},
    {"copies", "writes the copies of their data that members asked for, and removes old ones",
     run_copies},
    {"mail", "delivers the letters of the outbox", run_mail},
    {"usage", "adds page views up by day, for those who agreed to it", run_usage},
    {"flags", "points out accounts that behave unlike a person, for people to decide", run_flags},
    {"purge", "deletes or replaces what is due by the data register", run_purge},
    {"payments",
     "acts on messages of the payment processor that could not be acted upon at once, and on "
     "refunds",
     run_payments},
    {"reconcile", "compares the payment processor's lists with our books, once a day",
     run_reconcile},
    {"rights", "reminds the operator of requests about personal data that are due or late",
     run_rights},
    {"months",
     "asks after renewals of monthly plans, and takes back credits that were to be used by now",
     run_months},
};

const size_t steward_duty_count = sizeof steward_duties / sizeof steward_duties[0];
