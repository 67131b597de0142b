/*
 * The rules of refunds; see refund.h. Whatever is heard first, the answer to our request or an
 * event, ends a refund once: each looks at the state under the purchase's lock. Read next:
 * purchase_event.c.
 */
#include "common/refund.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "common/clock.h"
#include "common/conf.h"
#include "common/db.h"
#include "common/err.h"
#include "common/json.h"
#include "common/ledger.h"
#include "common/processor.h"
#include "common/purchase.h"
#include "common/purchase_store.h"
#include "common/refund_store.h"

#define DUE_MAX 50
#define FIRST_PAUSE CLOCK_MINUTE
#define LONGEST_PAUSE (6 * CLOCK_HOUR)

int
refund_prepare(struct db *db, struct err *e)
{
    int rc = purchase_prepare(db, e);

    return rc == ST_OK ? refund_store_prepare(db, e) : rc;
}

int64_t
refund_credits(const struct purchase *p, int64_t amount)
{
    return (p->credits * amount + p->amount - 1) / p->amount - p->refunded_credits;
}

static int64_t
least(int64_t a, int64_t b)
{
    return a < b ? a : b;
}

bool
refund_is_open(const struct refund *r)
{
    return r->id != 0 && (r->state == REFUND_ASKED || r->state == REFUND_SENT);
}

/* --- what may go back --- */

/* The money of the purchase's credits that are still there, and how many of them it takes: rounding
 * never takes a credit whose money is not given. */
static void
value_of_rest(const struct purchase *p, int64_t available, int64_t *amount, int64_t *credits)
{
    int64_t left = p->credits - p->refunded_credits - p->disputed_credits - p->expired_credits;
    int64_t rest = least(left, available);

    *amount = *credits = 0;
    if (rest <= 0)
        return;
    *amount = p->amount * (p->refunded_credits + rest) / p->credits - p->refunded_amount;
    *amount = least(*amount, p->amount - p->refunded_amount);
    if (*amount > 0)
        *credits = refund_credits(p, p->refunded_amount + *amount);
    else
        *amount = 0;
}

/* Why nothing can go back of this purchase, or NULL. */
static const char *
obstacle(const struct purchase *p, const struct refund *last)
{
    if (p->state != PURCHASE_PAID)
        return "This purchase is not paid.";
    if (p->disputed || p->settled_dispute)
        return "This payment was disputed; its money is decided there.";
    if (refund_is_open(last))
        return "A refund of this purchase is on its way already.";
    if (p->refunded_amount >= p->amount)
        return "All of it was paid back already.";
    return NULL;
}

/* As it was sold; what was sold before plans said it, as the configuration has it now. */
static int64_t
asked_until(const struct conf *conf, const struct purchase *p)
{
    int64_t days = p->refund_days >= 0 ? p->refund_days : conf->billing.refund_days;

    return p->paid_at + days * CLOCK_DAY;
}

int
refund_offer(struct db *db, const struct conf *conf, const struct purchase *p,
             struct refund_offer *out, struct err *e)
{
    struct ledger_balance have;
    int rc;

    *out = (struct refund_offer){0};
    if ((rc = refund_prepare(db, e)) != ST_OK ||
        (rc = refund_store_newest(db, p->id, &out->last, e)) != ST_OK ||
        (rc = ledger_balance(db, p->account, &have, e)) != ST_OK)
        return rc;
    out->until = asked_until(conf, p);
    if (obstacle(p, &out->last) == NULL && clock_now() < out->until)
        value_of_rest(p, have.available, &out->amount, &out->credits);
    return ST_OK;
}

/* --- asking --- */

struct asking {
    const struct conf *conf;
    const struct refund_wish *wish;
    struct refund *out;
};

/* A member gets what was offered; the operator may give money back for credits that are gone. */
static int
decide(const struct asking *a, const struct purchase *p, int64_t available, struct err *e)
{
    struct refund *r = a->out;
    int64_t left = p->credits - p->refunded_credits - p->disputed_credits - p->expired_credits;

    if (a->wish->account != 0) {
        value_of_rest(p, available, &r->amount, &r->credits);
        if (clock_now() >= asked_until(a->conf, p))
            return err_setf(e, ST_CONFLICT, "The time to ask for this money back is over.");
        if (r->amount == 0)
            return err_setf(e, ST_CONFLICT, "The credits of this purchase are used up.");
        if (r->amount != a->wish->amount)
            return err_setf(e, ST_CONFLICT,
                            "Your credits have changed in the meantime. Please look at the sum "
                            "again.");
        return ST_OK;
    }
    r->amount = a->wish->amount != 0 ? a->wish->amount : p->amount - p->refunded_amount;
    if (r->amount > p->amount - p->refunded_amount)
        return err_setf(e, ST_CONFLICT,
                        "At most %" PRId64 " (in cents) of this purchase can go back.",
                        p->amount - p->refunded_amount);
    r->credits = least(refund_credits(p, p->refunded_amount + r->amount), least(left, available));
    r->credits = r->credits > 0 ? r->credits : 0;
    return ST_OK;
}

static int
ask_body(struct db *db, void *arg, struct err *e)
{
    struct asking *a = arg;
    struct ledger_balance have;
    struct purchase p;
    struct refund last;
    const char *why;
    int rc;

    rc = purchase_store_find(db, PURCHASE_BY_ID, 0, &a->wish->purchase, NULL, &p, e);
    if (rc == ST_OK && a->wish->account != 0 && p.account != a->wish->account)
        rc = err_set(e, ST_NOTFOUND, "There is no such purchase.", NULL);
    if (rc != ST_OK || (rc = refund_store_newest(db, p.id, &last, e)) != ST_OK ||
        (rc = ledger_lock(db, p.account, &have, e)) != ST_OK)
        return rc;
    if ((why = obstacle(&p, &last)) != NULL)
        return err_set(e, ST_CONFLICT, why, NULL);
    a->out->purchase = p.id;
    a->out->account = p.account;
    if ((rc = decide(a, &p, have.available, e)) != ST_OK ||
        (rc = refund_store_insert(db, a->out, a->wish->reason, clock_now(), e)) != ST_OK ||
        a->out->credits == 0)
        return rc;
    return ledger_hold_refund(db, p.account, a->out->id, a->out->credits, e);
}

/* --- ends --- */

/* The held credits go with the money; the purchase remembers both. */
static int
end_paid(struct db *db, const struct refund *r, const struct purchase *p, int64_t at, struct err *e)
{
    int rc = refund_store_state(db, r->id, REFUND_DONE, at, e);

    if (rc == ST_OK && r->credits > 0)
        rc = ledger_settle_refund(db, r->account, r->id, r->credits, true, e);
    if (rc == ST_OK)
        rc = purchase_store_refund(db, p->id, p->refunded_amount + r->amount,
                                   p->refunded_credits + r->credits, e);
    return rc;
}

/* It cannot be: the credits come back, also when the money seemed to be gone already. */
static int
end_failed(struct db *db, const struct refund *r, const struct purchase *p, int64_t at,
           struct err *e)
{
    char key[80];
    int rc = refund_store_state(db, r->id, REFUND_FAILED, at, e);

    if (rc != ST_OK)
        return rc;
    if (r->state != REFUND_DONE)
        return r->credits > 0 ? ledger_settle_refund(db, r->account, r->id, r->credits, false, e)
                              : ST_OK;
    snprintf(key, sizeof key, "refund:%" PRId64 ":failed", r->id);
    if (r->credits > 0 &&
        (rc = ledger_return(db, r->account, r->credits, key, "Refund", e)) != ST_OK)
        return rc;
    return purchase_store_refund(db, p->id, p->refunded_amount - r->amount,
                                 p->refunded_credits - r->credits, e);
}

struct ending {
    int64_t id, purchase;
    bool paid, refused; /* refused: the processor never made it */
    int64_t at;         /* when the processor said so */
    const char *name;   /* the processor's; NULL = known */
};

/* Once, whoever says it first. Inside a transaction. */
static int
end_body(struct db *db, void *arg, struct err *e)
{
    const struct ending *end = arg;
    struct purchase p;
    struct refund r;
    struct id id;
    char payment[256], after[60];
    bool doubtful = false;
    int rc;

    if ((rc = refund_store_payment(db, end->purchase, payment, &id, e)) != ST_OK ||
        (rc = purchase_store_find(db, PURCHASE_BY_ID, 0, &id, NULL, &p, e)) != ST_OK ||
        (rc = refund_store_lock(db, end->id, &r, e)) != ST_OK)
        return rc;
    if (end->name != NULL && r.refund_id[0] == '\0' &&
        (rc = refund_store_name(db, r.id, end->name, e)) != ST_OK)
        return rc;
    snprintf(after, sizeof after, "refund:%" PRId64 ":%s", r.id, end->paid ? "paid" : "failed");
    if (end->paid ? !refund_is_open(&r) : r.state == REFUND_FAILED)
        return ST_OK;
    rc = end->paid ? end_paid(db, &r, &p, end->at, e) : end_failed(db, &r, &p, end->at, e);
    if (rc == ST_OK)
        rc = refund_catch_up(db, &id, after, !end->paid, e);
    if (rc == ST_OK)
        rc = refund_doubtful(db, p.id, &doubtful, e);
    if (rc != ST_OK || end->refused || (end->paid && !doubtful))
        return rc;
    return refund_doubt(db, p.id, e); /* an answer that is on its way may be older than this */
}

static int
end(struct db *db, const struct refund *r, bool paid, int64_t at, struct err *e)
{
    struct ending ending = {.id = r->id, .purchase = r->purchase, .paid = paid, .at = at};

    return db_transaction(db, end_body, &ending, e);
}

static int
end_refused(struct db *db, const struct refund *r, struct err *e)
{
    struct ending ending = {
        .id = r->id, .purchase = r->purchase, .refused = true, .at = clock_now()};

    return db_transaction(db, end_body, &ending, e);
}

/* --- the processor --- */

/* What its refund object says: 1 the money went, -1 it will not, 0 not yet. */
static int
verdict(const struct json *object)
{
    const char *status = json_text(object, "status", "");

    if (strcmp(status, "succeeded") == 0)
        return 1;
    return strcmp(status, "failed") == 0 || strcmp(status, "canceled") == 0 ? -1 : 0;
}

static int64_t
next_try(const struct refund *r)
{
    int64_t pause = FIRST_PAUSE;

    for (int i = 0; i < r->attempts && pause < LONGEST_PAUSE; i++)
        pause *= 2;
    return clock_now() + least(pause, LONGEST_PAUSE);
}

static int
tell(struct db *db, const struct conf *conf, const struct refund *r, struct json **out,
     struct err *e)
{
    char payment[256], amount[24], id[ID_TEXT], key[ID_TEXT + 16];
    struct id purchase;
    int rc = refund_store_payment(db, r->purchase, payment, &purchase, e);

    if (rc != ST_OK)
        return rc;
    id_format(&r->public_id, id);
    snprintf(key, sizeof key, "refund-%s", id);
    snprintf(amount, sizeof amount, "%" PRId64, r->amount);
    const struct processor_field fields[] = {
        {"payment_intent", payment},
        {"amount", amount},
        {"metadata[refund]", id},
        {NULL, NULL},
    };
    return processor_call(conf, "/v1/refunds", fields, key, out, e);
}

/* Tells the processor, or asks it, and notes what it says. ST_INVALID: it refuses. */
static int
advance(struct db *db, const struct conf *conf, struct refund *r, bool *moved, struct err *e)
{
    struct json *answer = NULL;
    char path[320];
    int rc, said;

    *moved = false;
    snprintf(path, sizeof path, "/v1/refunds/%s", r->refund_id);
    rc = r->refund_id[0] == '\0' ? tell(db, conf, r, &answer, e)
                                 : processor_call(conf, path, NULL, NULL, &answer, e);
    if (rc == ST_INVALID) {
        struct err why = *e;

        *moved = true;
        if ((rc = end_refused(db, r, e)) == ST_OK)
            return err_set(e, ST_INVALID,
                           "The payment service refuses this refund. Your credits are back.", "%s",
                           why.detail);
        return rc;
    }
    if (rc != ST_OK) {
        int later = refund_store_later(db, r->id, next_try(r), NULL);

        return rc == ST_IO || rc == ST_LIMIT || rc == ST_NOTFOUND ? later : rc;
    }
    rc = refund_store_sent(db, r->id, json_text(answer, "id", ""), next_try(r), e);
    if (rc == ST_OK && (said = verdict(answer)) != 0) {
        *moved = true;
        rc = end(db, r, said > 0, clock_now(), e);
        r->state = said > 0 ? REFUND_DONE : REFUND_FAILED;
    } else if (rc == ST_OK) {
        *moved = r->state == REFUND_ASKED;
        r->state = REFUND_SENT;
    }
    json_free(answer);
    return rc;
}

int
refund_ask(struct db *db, const struct conf *conf, const struct refund_wish *wish,
           struct refund *out, struct err *e)
{
    struct asking a = {conf, wish, out};
    bool moved;
    int rc;

    *out = (struct refund){0};
    id_random(&out->public_id);
    if ((rc = refund_prepare(db, e)) != ST_OK ||
        (rc = db_transaction(db, ask_body, &a, e)) != ST_OK)
        return rc;
    return advance(db, conf, out, &moved, e);
}

int
refund_due(struct db *db, const struct conf *conf, int max, int *moved, struct err *e)
{
    int64_t ids[DUE_MAX];
    struct refund r;
    struct err refused;
    int count = 0, rc = refund_prepare(db, e);

    *moved = 0;
    if (rc == ST_OK)
        rc = refund_store_due(db, clock_now(), ids, max < DUE_MAX ? max : DUE_MAX, &count, e);
    for (int i = 0; i < count && rc == ST_OK; i++) {
        bool one = false;

        if ((rc = refund_store_find(db, ids[i], &r, e)) != ST_OK)
            break;
        rc = advance(db, conf, &r, &one, &refused);
        if (rc == ST_INVALID) /* noted, and shown to the member */
            rc = ST_OK;
        else if (rc != ST_OK)
            *e = refused;
        *moved += one;
    }
    return rc;
}

/* --- events --- */

int
refund_settle(struct db *db, const struct purchase *p, int64_t growth, int64_t told_at,
              int64_t *amount, int64_t *credits, struct err *e)
{
    struct refund r;
    int rc;

    *amount = *credits = 0;
    if ((rc = refund_prepare(db, e)) != ST_OK ||
        (rc = refund_store_newest(db, p->id, &r, e)) != ST_OK || r.id == 0)
        return rc;
    if (!refund_is_open(&r) || r.amount > growth)
        return ST_OK;
    *amount = r.amount;
    *credits = r.credits;
    return end_paid(db, &r, p, told_at * CLOCK_SECOND, e);
}

int
refund_doubtful(struct db *db, int64_t purchase, bool *doubtful, struct err *e)
{
    int64_t doubts = 0;
    int rc = refund_prepare(db, e);

    if (rc == ST_OK)
        rc = refund_store_doubtful(db, purchase, &doubts, e);
    *doubtful = doubts > 0;
    return rc;
}

int
refund_doubt(struct db *db, int64_t purchase, struct err *e)
{
    return refund_store_doubt(db, purchase, e);
}

/* Made at the processor. That it went is told by its charge; that it failed, by nothing else. */
static int
hear_other(struct db *db, const struct json *object, struct err *e)
{
    struct purchase p;
    int rc = purchase_store_find(db, PURCHASE_BY_PAYMENT, 0, NULL,
                                 json_text(object, "payment_intent", ""), &p, e);

    if (rc == ST_NOTFOUND) {
        err_clear(e);
        return ST_OK;
    }
    return rc == ST_OK && verdict(object) < 0 ? refund_doubt(db, p.id, e) : rc;
}

/* Ends one of ours. The message may be faster than the answer that told its id. */
static int
hear(struct db *db, const struct json *object, const char *ours, bool *known, struct err *e)
{
    int64_t told_at = json_int(object, "told_at", clock_now() / CLOCK_SECOND);
    int said = verdict(object), rc;
    struct ending ending;
    struct refund r;
    struct id id = {0};

    (void)id_parse(ours, &id);
    rc = refund_store_known(db, json_text(object, "id", ""), &id, &r, e);
    *known = rc == ST_OK;
    if (rc == ST_NOTFOUND) {
        err_clear(e);
        return ST_OK;
    }
    if (rc != ST_OK || said == 0)
        return rc;
    ending = (struct ending){.id = r.id,
                             .purchase = r.purchase,
                             .paid = said > 0,
                             .at = told_at * CLOCK_SECOND,
                             .name = json_text(object, "id", NULL)};
    return db_transaction(db, end_body, &ending, e);
}

int
refund_event(struct db *db, const struct json *object, struct err *e)
{
    bool known;
    int rc = refund_prepare(db, e);

    if (rc == ST_OK)
        rc = hear(db, object, json_text(object, "our_refund", ""), &known, e);
    return rc == ST_OK && !known ? hear_other(db, object, e) : rc;
}

int
refund_heard(struct db *db, const struct json *object, bool *ours, struct err *e)
{
    return hear(db, object, json_text(json_get(object, "metadata"), "refund", ""), ours, e);
}
