/*
 * Credits that follow the money: how many of a purchase can be taken back, and how much went in all
 * where messages cannot tell. Once a refund has failed, the processor's list of the payment's
 * refunds is what counts. See refund.h. Read next: purchase_event.c.
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "common/clock.h"
#include "common/db.h"
#include "common/err.h"
#include "common/json.h"
#include "common/ledger.h"
#include "common/processor.h"
#include "common/purchase.h"
#include "common/purchase_store.h"
#include "common/refund_store.h"

#define DUE_MAX 50

/* --- what can be taken --- */

int
refund_held(struct db *db, int64_t purchase, int64_t *held, struct err *e)
{
    struct refund last;
    int rc = refund_prepare(db, e);

    if (rc == ST_OK)
        rc = refund_store_newest(db, purchase, &last, e);
    *held = rc == ST_OK && refund_is_open(&last) ? last.credits : 0;
    return rc;
}

/* What was spent cannot; that it is missing shows in the purchase. What is held for a refund that
 * is on its way belongs to that. */
int
refund_take(struct db *db, const struct purchase *p, int64_t due, const char *key, const char *note,
            int64_t *taken, struct err *e)
{
    int64_t left = p->credits - p->refunded_credits - p->disputed_credits - p->expired_credits;
    struct ledger_balance have;
    int64_t held;
    int rc = ledger_lock(db, p->account, &have, e);

    *taken = 0;
    if (rc != ST_OK || (rc = refund_held(db, p->id, &held, e)) != ST_OK)
        return rc;
    due = due < left - held ? due : left - held;
    due = due < have.available ? due : have.available;
    if (due <= 0)
        return ST_OK;
    *taken = due;
    return ledger_take_back(db, p->account, due, key, note, e);
}

/* Two that went at once may have been rounded up twice: that credit comes back. */
static int
give_back(struct db *db, const struct purchase *p, int64_t credits, const char *key, struct err *e)
{
    int rc = ledger_return(db, p->account, credits, key, "Refund", e);

    return rc == ST_OK ? purchase_store_refund(db, p->id, p->refunded_amount,
                                               p->refunded_credits - credits, e)
                       : rc;
}

int
refund_catch_up(struct db *db, const struct id *purchase, const char *after, bool take,
                struct err *e)
{
    struct purchase p;
    int64_t due, taken;
    char key[100];
    int rc = purchase_store_find(db, PURCHASE_BY_ID, 0, purchase, NULL, &p, e);
    bool gone = p.disputed || p.lost_dispute;

    if (rc != ST_OK)
        return rc;
    due = gone ? p.credits : refund_credits(&p, p.refunded_amount);
    snprintf(key, sizeof key, "purchase:%" PRId64 ":after:%.60s", p.id, after);
    if (due < 0)
        return give_back(db, &p, -due, key, e);
    if (!take ||
        (rc = refund_take(db, &p, due, key, gone ? "Disputed payment" : "Refund", &taken, e)) !=
            ST_OK ||
        taken == 0)
        return rc;
    if (gone)
        return purchase_store_dispute(db, p.id, p.disputed ? "open" : "lost",
                                      p.disputed_credits + taken, e);
    return purchase_store_refund(db, p.id, p.refunded_amount, p.refunded_credits + taken, e);
}

/* --- what went in all --- */

struct settling {
    const struct refund_doubt *doubt;
    const struct json *list; /* the processor's refunds of the payment */
};

/* The sum of those that went. One of ours counts when it has ended well; another one, made at the
 * processor, as soon as it is on its way. */
static int
sum_up(struct db *db, const struct json *list, int64_t *sum, struct err *e)
{
    *sum = 0;
    for (size_t i = 0; i < json_size(list); i++) {
        const struct json *object = json_at(list, i);
        const char *status = json_text(object, "status", "");
        bool ours, gone = strcmp(status, "failed") != 0 && strcmp(status, "canceled") != 0;
        int rc = refund_heard(db, object, &ours, e);

        if (rc != ST_OK)
            return rc;
        if (ours)
            gone = strcmp(status, "succeeded") == 0;
        *sum += gone ? json_int(object, "amount", 0) : 0;
    }
    return ST_OK;
}

/* Credits go or come back until they fit the money. */
static int
fit(struct db *db, const struct purchase *p, int64_t amount, struct err *e)
{
    int64_t due = refund_credits(p, amount), taken = due;
    char key[100];
    int rc;

    snprintf(key, sizeof key, "purchase:%" PRId64 ":sum:%" PRId64, p->id, clock_now());
    rc = due < 0 ? ledger_return(db, p->account, -due, key, "Refund", e)
                 : refund_take(db, p, due, key, "Refund", &taken, e);
    if (rc != ST_OK)
        return rc;
    return purchase_store_refund(db, p->id, amount, p->refunded_credits + taken, e);
}

static int
settle_body(struct db *db, void *arg, struct err *e)
{
    const struct settling *s = arg;
    struct purchase p;
    int64_t sum, doubts;
    int rc;

    /* Locked first. What has come since the question is a new one. */
    if ((rc = purchase_store_find(db, PURCHASE_BY_ID, 0, &s->doubt->purchase, NULL, &p, e)) !=
            ST_OK ||
        (rc = refund_store_doubtful(db, p.id, &doubts, e)) != ST_OK || doubts != s->doubt->doubts)
        return rc;
    /* The ends of refunds may change it. */
    if ((rc = sum_up(db, s->list, &sum, e)) != ST_OK ||
        (rc = purchase_store_find(db, PURCHASE_BY_ID, 0, &s->doubt->purchase, NULL, &p, e)) !=
            ST_OK)
        return rc;
    if (sum > p.amount)
        return err_setf(e, ST_CONFLICT, "more was refunded than paid: %" PRId64 " of %" PRId64, sum,
                        p.amount);
    if (sum != p.refunded_amount && (rc = fit(db, &p, sum, e)) != ST_OK)
        return rc;
    return refund_store_settled(db, p.id, s->doubt->doubts, e);
}

/* More than a hundred refunds of one payment are left to people: reconciliation shows them. */
static int
settle(struct db *db, const struct conf *conf, const struct refund_doubt *doubt, struct err *e)
{
    struct settling s = {.doubt = doubt};
    struct json *answer = NULL;
    char path[340];
    int rc;

    snprintf(path, sizeof path, "/v1/refunds?limit=100&payment_intent=%s", doubt->payment);
    if ((rc = processor_call(conf, path, NULL, NULL, &answer, e)) != ST_OK)
        return rc;
    s.list = json_get(answer, "data");
    rc = db_transaction(db, settle_body, &s, e);
    json_free(answer);
    return rc;
}

int
refund_sums_due(struct db *db, const struct conf *conf, int max, int *settled, struct err *e)
{
    struct refund_doubt doubts[DUE_MAX];
    int count = 0, rc = refund_prepare(db, e);

    *settled = 0;
    if (rc == ST_OK)
        rc = refund_store_doubts(db, doubts, max < DUE_MAX ? max : DUE_MAX, &count, e);
    for (int i = 0; i < count && rc == ST_OK; i++) {
        if ((rc = settle(db, conf, &doubts[i], e)) == ST_OK)
            (*settled)++;
    }
    return rc;
}
