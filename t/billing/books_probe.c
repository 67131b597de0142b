/*
 * Random histories of buying: books_probe SOCKET SCHEMA USER STORE. An account buys, has
 * pictures drawn, and its payments come, fail, go back and are disputed; the processor's messages
 * arrive twice, late and in any order, between everything else. After each history the books must
 * tell the same story as the processor. GEMPIX_SEED=N replays a run; GEMPIX_HISTORIES=N runs
 * another number of them. Run by 35-books.t.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/clock.h"
#include "common/crypto.h"
#include "common/db.h"
#include "common/job.h"
#include "common/json.h"
#include "common/ledger.h"
#include "common/media.h"
#include "common/plans.h"
#include "common/purchase.h"
#include "common/store.h"
#include "t/lib/tap.h"
#include "t/queue/queue_kit.h"

#define PURCHASES 3
#define EVENTS 64
#define JOBS 12
#define WELCOME 5
#define ROUNDS 14

/* What the processor knows of a purchase. */
struct truth {
    struct purchase p;
    bool paid, failed;
    int64_t refunded;    /* of the amount */
    const char *dispute; /* last status, NULL = none */
};

struct event {
    char body[900];
};

struct history {
    int64_t account;
    struct truth truths[PURCHASES];
    int purchases;
    struct event events[EVENTS];
    int count;
    struct id jobs[JOBS];
    int job_count;
    int64_t held, spent; /* by our own count */
};

static struct db *db;
static struct store *store;
static struct err e;
static uint64_t dice;
static int serial;
static int64_t receipts, last_receipt;

/* xorshift: the same numbers for the same seed everywhere. */
static unsigned
roll(unsigned sides)
{
    dice ^= dice << 13;
    dice ^= dice >> 7;
    dice ^= dice << 17;
    return (unsigned)(dice % sides);
}

/* --- what the processor sends --- */

static void
emit(struct history *h, const char *type, const char *object)
{
    int copies = 1 + (roll(3) == 0);

    serial++;
    for (int i = 0; i < copies && h->count < EVENTS; i++)
        snprintf(
            h->events[h->count++].body, sizeof h->events[0].body,
            "{\"id\":\"evt_%d\",\"object\":\"event\",\"type\":\"%s\",\"data\":{\"object\":%s}}",
            serial, type, object);
}

static void
emit_session(struct history *h, const struct truth *t, const char *type, const char *status,
             const char *paid)
{
    char object[600], id[ID_TEXT];

    id_format(&t->p.public_id, id);
    snprintf(object, sizeof object,
             "{\"object\":\"checkout.session\",\"client_reference_id\":\"%s\",\"status\":\"%s\","
             "\"payment_status\":\"%s\",\"amount_total\":%" PRId64
             ",\"currency\":\"eur\",\"livemode\":false,\"payment_intent\":\"pi_%" PRId64 "\"}",
             id, status, paid, t->p.amount, t->p.id);
    emit(h, type, object);
}

static void
emit_charge(struct history *h, const struct truth *t)
{
    char object[300];

    snprintf(object, sizeof object,
             "{\"object\":\"charge\",\"payment_intent\":\"pi_%" PRId64 "\",\"amount\":%" PRId64
             ",\"amount_refunded\":%" PRId64 "}",
             t->p.id, t->p.amount, t->refunded);
    emit(h, "charge.refunded", object);
}

static void
emit_dispute(struct history *h, struct truth *t, const char *type, const char *status)
{
    char object[300];

    t->dispute = status;
    snprintf(object, sizeof object,
             "{\"object\":\"dispute\",\"payment_intent\":\"pi_%" PRId64 "\",\"status\":\"%s\"}",
             t->p.id, status);
    emit(h, type, object);
}

/* The life of one payment as the processor sees it. */
static void
live(struct history *h, struct truth *t)
{
    unsigned way = roll(8);

    if (way == 0) {
        emit_session(h, t, "checkout.session.expired", "expired", "unpaid");
        t->failed = true;
        return;
    }
    if (way <= 3) { /* the money takes its time */
        emit_session(h, t, "checkout.session.completed", "complete", "unpaid");
        if (way == 1) {
            emit_session(h, t, "checkout.session.async_payment_failed", "complete", "unpaid");
            t->failed = true;
            return;
        }
        emit_session(h, t, "checkout.session.async_payment_succeeded", "complete", "paid");
    } else {
        emit_session(h, t, "checkout.session.completed", "complete", "paid");
    }
    t->paid = true;
    for (unsigned n = roll(3); n > 0 && t->refunded < t->p.amount; n--) {
        t->refunded += 1 + (int64_t)roll((unsigned)(t->p.amount - t->refunded));
        emit_charge(h, t);
    }
    if (roll(4) == 0) {
        emit_dispute(h, t, "charge.dispute.created", "needs_response");
        if (roll(2) == 0)
            emit_dispute(h, t, "charge.dispute.closed", roll(2) == 0 ? "won" : "lost");
    }
}

static void
shuffle(struct history *h)
{
    for (int i = h->count - 1; i > 0; i--) {
        int k = (int)roll((unsigned)i + 1);
        struct event swap = h->events[i];

        h->events[i] = h->events[k];
        h->events[k] = swap;
    }
}

/* --- what happens here --- */

static bool
begin(struct history *h)
{
    static const char *const names[PURCHASES] = {"One", "Two", "Three"};

    memset(h, 0, sizeof *h);
    h->account = kit_account(db, WELCOME);
    h->purchases = 1 + (int)roll(PURCHASES);
    for (int i = 0; i < h->purchases; i++) {
        struct plan plan = {.id = "p", .name = names[i], .price = "price_p"};
        struct id key;

        plan.credits = 1 + roll(60);
        plan.amount = 1 + roll(3000);
        id_random(&key);
        if (purchase_begin(db, h->account, &plan, "eur", false, &key, &h->truths[i].p, &e) != ST_OK)
            return false;
        live(h, &h->truths[i]);
    }
    shuffle(h);
    return true;
}

/* A job for whatever is there; more than that must be refused. */
static bool
submit(struct history *h)
{
    struct job_submission s = kit_submission(h->account, "histories", NULL);
    struct ledger_balance have;
    int rc;

    if (h->job_count == JOBS || ledger_balance(db, h->account, &have, &e) != ST_OK)
        return h->job_count == JOBS;
    s.price = 1 + roll(25);
    rc = job_submit(db, &s, &h->jobs[h->job_count], &e);
    if (s.price > have.available)
        return rc == ST_FUNDS;
    h->job_count += rc == ST_OK;
    return rc == ST_OK;
}

static bool
work(void)
{
    struct media m = {.kind = MEDIA_RESULT, .extension = "png", .width = 8, .height = 8};
    struct job j = {0};
    int count, rc;

    if (job_claim(db, "here:1", "histories", 30 * CLOCK_SECOND, 3, 1, &j, &count, &e) != ST_OK)
        return false;
    if (count == 0)
        return true;
    if (roll(3) == 0)
        rc = job_fail(db, &j, "test", "It did not work.", &e);
    else if ((rc = media_write(db, store, &j, &m, "x", 1, &e)) == ST_OK)
        rc = job_finish(db, &j, CLOCK_HOUR, &e);
    job_release(&j);
    return rc == ST_OK;
}

/* The page that a visitor comes back to asks for the session instead of waiting for its message. */
static bool
ask(const char *body)
{
    struct json *event = NULL;
    int rc;

    if (strstr(body, "\"checkout.session\"") == NULL ||
        strstr(body, "async_payment_failed") != NULL)
        return true;
    if ((rc = json_parse(body, strlen(body), 16, &event, &e)) == ST_OK)
        rc = purchase_session(db, json_get(json_get(event, "data"), "object"), false, &e);
    json_free(event);
    return rc == ST_OK;
}

static bool
deliver(const struct event *event)
{
    char id[256];
    bool fresh;

    if (roll(3) == 0 && !ask(event->body))
        return false;

    /* A message that came before is not acted upon by its delivery. */
    return purchase_event_store(db, event->body, strlen(event->body), id, &fresh, &e) == ST_OK &&
           (!fresh || roll(5) == 0 || purchase_event_act(db, id, &e) == ST_OK);
}

static bool
step(struct history *h, int *next)
{
    switch (roll(4)) {
    case 0:
        return submit(h);
    case 1:
        return work();
    case 2:
        return h->job_count == 0 ||
               job_cancel(db, h->account, &h->jobs[roll((unsigned)h->job_count)], &e) == ST_OK;
    default:
        return *next >= h->count || deliver(&h->events[(*next)++]);
    }
}

/* What could not be acted upon is, later; afterwards nothing is left to do. */
static bool
settle(void)
{
    struct purchase_event left;
    int acted, failed, count;

    for (int i = 0; i < ROUNDS; i++) {
        clock_shift(6 * CLOCK_HOUR);
        if (purchase_events_due(db, 1000, &acted, &failed, &e) != ST_OK)
            return false;
        if (acted == 0 && failed == 0)
            break;
    }
    return purchase_event_list(db, "failed", &left, 1, &count, &e) == ST_OK && count == 0;
}

/* --- the books --- */

static const char *
compare(struct history *h)
{
    struct ledger_balance have;
    int64_t bought = 0, back = 0;

    for (int i = 0; i < h->purchases; i++) {
        const struct truth *t = &h->truths[i];
        struct purchase p;

        if (purchase_load(db, h->account, &t->p.public_id, &p, &e) != ST_OK)
            return "a purchase is gone";
        if ((p.state == PURCHASE_PAID) != t->paid || (p.receipt != 0) != t->paid)
            return "paid here and there differ";
        if (t->failed && p.state != PURCHASE_FAILED && p.state != PURCHASE_EXPIRED)
            return "failed here and there differ";
        if (p.refunded_amount != t->refunded)
            return "the money that went back differs";
        if (p.refunded_credits > (p.credits * t->refunded + p.amount - 1) / p.amount)
            return "more credits went back than money";
        if (t->dispute != NULL && strcmp(t->dispute, "won") == 0 && p.disputed_credits != 0)
            return "a dispute was won, the credits are not back";
        if (t->dispute == NULL && p.disputed_credits != 0)
            return "credits are disputed, nobody disputes";
        receipts += t->paid;
        last_receipt = p.receipt > last_receipt ? p.receipt : last_receipt;
        bought += t->paid ? p.credits : 0;
        back += p.refunded_credits + p.disputed_credits;
    }
    if (receipts != last_receipt)
        return "there is a gap in the receipts' numbers";
    if (ledger_balance(db, h->account, &have, &e) != ST_OK || have.available < 0 || have.held < 0)
        return "a balance is negative";
    if (have.available + have.held + back > WELCOME + bought)
        return "there is more than there can be";
    h->spent = WELCOME + bought - back - have.available - have.held;
    return h->spent < 0 ? "more was spent than there was" : NULL;
}

static const char *
run(struct history *h)
{
    int next = 0, steps = 0;

    if (!begin(h))
        return "it cannot begin";
    while (next < h->count || steps < 24) {
        if (!step(h, &next))
            return e.message;
        steps++;
    }
    if (!settle())
        return "messages are left";
    return compare(h);
}

int
main(int argc, char **argv)
{
    static struct history h;
    const char *given = getenv("GEMPIX_SEED"), *many = getenv("GEMPIX_HISTORIES"), *wrong = NULL;
    int histories = many != NULL ? (int)strtol(many, NULL, 10) : 60, done = 0;
    uint64_t seed;

    if (argc != 5)
        return 2;
    if (store_open(argv[4], &store, &e) != ST_OK)
        kit_die("store", &e);
    db = kit_open(argv[1], argv[2], argv[3]);
    kit_prepare(db);
    seed = given != NULL ? strtoull(given, NULL, 10) : crypto_random_u32();
    for (; done < histories && wrong == NULL; done++) {
        dice = (seed + (uint64_t)done) * UINT64_C(0x9E3779B97F4A7C15) + 1;
        wrong = run(&h);
    }
    ok(wrong == NULL, "%d histories of buying agree with the processor", done);
    if (wrong != NULL)
        printf("# %s; GEMPIX_SEED=%" PRIu64 " GEMPIX_HISTORIES=1 replays it\n", wrong,
               seed + (uint64_t)done - 1);
    ok(kit_clean(db, store), "the ledger, its holds and the store are clean after all of them");
    db_close(db);
    store_close(store);
    return tap_done();
}
