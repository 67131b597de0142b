/*
 * The processor's events: stored, then acted upon. One table says what each type means; every
 * handler looks at the state of things and not at the order of messages, so that any order ends
 * alike. What a handler does and the event's end are one transaction.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/clock.h"
#include "common/db.h"
#include "common/err.h"
#include "common/json.h"
#include "common/ledger.h"
#include "common/purchase.h"
#include "common/purchase_store.h"
#include "common/refund.h"
#include "common/subscription.h"
#include "common/text.h"

#define DEPTH 64
#define LESS_MAX ((size_t)16 << 10) /* bytes of what is kept of an event */
#define FIRST_PAUSE (30 * CLOCK_SECOND)
#define LONGEST_PAUSE (6 * CLOCK_HOUR)

/* --- credits that go back --- */

static int
find_payment(struct db *db, const struct json *object, struct purchase *p, struct err *e)
{
    const char *payment = json_text(object, "payment_intent", "");
    int rc = purchase_store_find(db, PURCHASE_BY_PAYMENT, 0, NULL, payment, p, e);

    /* It may come before the message that says which purchase it paid. */
    if (rc == ST_NOTFOUND)
        err_setf(e, ST_NOTFOUND, "no purchase was paid by %.60s yet", payment);
    return rc;
}

static int
on_refund(struct db *db, const struct json *charge, struct err *e)
{
    int64_t amount = json_int(charge, "amount_refunded", 0), due, taken, ours, held;
    struct purchase p;
    char key[100];
    bool doubtful;
    int rc;

    if ((rc = find_payment(db, charge, &p, e)) != ST_OK ||
        (rc = refund_doubtful(db, p.id, &doubtful, e)) != ST_OK)
        return rc;
    if (doubtful)
        return refund_doubt(db, p.id, e); /* a refund has failed: the processor is asked */
    if (amount <= p.refunded_amount)
        return ST_OK; /* the sum grows: a smaller one is old */
    if (amount > p.amount)
        return err_setf(e, ST_CONFLICT, "more was refunded than paid: %" PRId64 " of %" PRId64,
                        amount, p.amount);
    /* One that was asked for here has its credits held; what is more was made at the processor. */
    if ((rc = refund_settle(db, &p, amount - p.refunded_amount, json_int(charge, "told_at", 0),
                            &ours, &held, e)) != ST_OK)
        return rc;
    p.refunded_amount += ours;
    p.refunded_credits += held;
    due = amount != p.refunded_amount ? refund_credits(&p, amount) : 0;
    snprintf(key, sizeof key, "purchase:%" PRId64 ":refund:%" PRId64, p.id, amount);
    if ((rc = refund_take(db, &p, due, key, "Refund", &taken, e)) != ST_OK ||
        (rc = purchase_store_refund(db, p.id, amount, p.refunded_credits + taken, e)) != ST_OK)
        return rc;
    snprintf(key, sizeof key, "sum:%" PRId64, amount);
    return refund_catch_up(db, &p.public_id, key, false, e);
}

/* What the dispute took comes back, less what a refund during the dispute could not take. */
static int
won(struct db *db, struct purchase *p, struct err *e)
{
    int64_t due, taken;
    char key[100];
    int rc;

    snprintf(key, sizeof key, "purchase:%" PRId64 ":dispute:won", p->id);
    if (p->disputed_credits > 0 &&
        (rc = ledger_return(db, p->account, p->disputed_credits, key, "Dispute ended", e)) != ST_OK)
        return rc;
    if ((rc = purchase_store_dispute(db, p->id, "won", 0, e)) != ST_OK)
        return rc;
    p->disputed_credits = 0;
    due = refund_credits(p, p->refunded_amount);
    snprintf(key, sizeof key, "purchase:%" PRId64 ":dispute:refund", p->id);
    if (due <= 0 || (rc = refund_take(db, p, due, key, "Refund", &taken, e)) != ST_OK)
        return rc;
    return purchase_store_refund(db, p->id, p->refunded_amount, p->refunded_credits + taken, e);
}

static int
on_dispute(struct db *db, const struct json *dispute, struct err *e)
{
    const char *status = json_text(dispute, "status", "");
    struct purchase p;
    char key[100];
    int64_t taken;
    int rc;

    if (strncmp(status, "warning_", 8) == 0)
        return ST_OK; /* an inquiry takes no money */
    if ((rc = find_payment(db, dispute, &p, e)) != ST_OK)
        return rc;
    if (strcmp(status, "won") == 0)
        return won(db, &p, e);
    if (p.settled_dispute || (p.disputed && strcmp(status, "lost") != 0))
        return ST_OK; /* known, or over */
    snprintf(key, sizeof key, "purchase:%" PRId64 ":dispute", p.id);
    if ((rc = refund_take(db, &p, p.disputed ? 0 : p.credits, key, "Disputed payment", &taken,
                          e)) != ST_OK)
        return rc;
    return purchase_store_dispute(db, p.id, strcmp(status, "lost") == 0 ? "lost" : "open",
                                  p.disputed_credits + taken, e);
}

static int
on_session(struct db *db, const struct json *session, struct err *e)
{
    if (strcmp(json_text(session, "mode", ""), "subscription") == 0)
        return subscription_session(db, session, e);
    return purchase_session(db, session, false, e);
}

static int
on_session_failed(struct db *db, const struct json *session, struct err *e)
{
    return purchase_session(db, session, true, e);
}

static const struct {
    const char *type;
    int (*act)(struct db *db, const struct json *object, struct err *e);
} handlers[] = {
    {"checkout.session.completed", on_session},
    {"checkout.session.async_payment_succeeded", on_session},
    {"checkout.session.async_payment_failed", on_session_failed},
    {"checkout.session.expired", on_session},
    {"charge.refunded", on_refund},
    {"charge.refund.updated", refund_event},
    {"refund.updated", refund_event},
    {"refund.failed", refund_event},
    {"charge.dispute.created", on_dispute},
    {"charge.dispute.updated", on_dispute},
    {"charge.dispute.closed", on_dispute},
    {"charge.dispute.funds_withdrawn", on_dispute},
    {"charge.dispute.funds_reinstated", on_dispute},
    {"customer.subscription.created", subscription_event},
    {"customer.subscription.updated", subscription_event},
    {"customer.subscription.deleted", subscription_event},
    {"invoice.paid", subscription_invoice},
    {"invoice.payment_failed", subscription_invoice_failed},
};

/* --- storing --- */

/* Ids and types are the processor's own words: printable ASCII. */
static bool
is_word(const char *s, size_t most)
{
    size_t len = strlen(s);

    for (size_t i = 0; i < len; i++) {
        if (s[i] <= ' ' || s[i] > '~')
            return false;
    }
    return len > 0 && len <= most;
}

/* What the handlers read. Names, addresses and what the processor tells of a card stay with it
 * (P8): they are dropped before anything is stored. */
static const char *const kept[] = {
    "id",
    "object",
    "client_reference_id",
    "status",
    "payment_status",
    "amount_total",
    "currency",
    "livemode",
    "payment_intent",
    "amount",
    "amount_refunded",
    "mode",
    "subscription",
    "billing_reason",
    "amount_paid",
    "cancel_at_period_end",
};

static void
put_members(struct text *t, const struct json *from, const char *const *names, size_t count,
            bool first)
{
    for (size_t i = 0; i < count; i++) {
        const struct json *member = json_get(from, names[i]);
        enum json_kind kind = json_kind(member);

        if (member == NULL || kind == JSON_KIND_OBJECT || kind == JSON_KIND_ARRAY)
            continue;
        if (!first)
            text_putc(t, ',');
        first = false;
        json_put_string(t, names[i]);
        text_putc(t, ':');
        json_put(t, member);
    }
}

/* The event with those members alone. */
static void
put_event(struct text *t, const struct json *event)
{
    static const char *const head[] = {"id", "object", "type", "created", "livemode"};

    text_putc(t, '{');
    const struct json *object = json_get(json_get(event, "data"), "object");

    put_members(t, event, head, sizeof head / sizeof head[0], true);
    text_printf(t, ",\"data\":{\"object\":{\"told_at\":%" PRId64, json_int(event, "created", 0));
    subscription_put_words(t, object);
    if (json_text(json_get(object, "metadata"), "refund", "")[0] != '\0') {
        text_puts(t, ",\"our_refund\":");
        json_put_string(t, json_text(json_get(object, "metadata"), "refund", ""));
    }
    put_members(t, object, kept, sizeof kept / sizeof kept[0], false);
    text_puts(t, "}}}");
}

int
purchase_event_store(struct db *db, const char *body, size_t len, char id[256], bool *fresh,
                     struct err *e)
{
    struct json *event = NULL;
    struct text less;
    int rc;

    *fresh = false;
    text_init(&less, LESS_MAX);
    id[0] = '\0';
    if ((rc = purchase_prepare(db, e)) != ST_OK ||
        (rc = json_parse(body, len, DEPTH, &event, e)) != ST_OK)
        return rc;
    snprintf(id, 256, "%s", json_text(event, "id", ""));
    if (!is_word(json_text(event, "id", ""), 255) || !is_word(json_text(event, "type", ""), 100) ||
        strcmp(json_text(event, "object", ""), "event") != 0)
        rc = err_set(e, ST_INVALID, "This is no event.", NULL);
    if (rc == ST_OK) {
        put_event(&less, event);
        rc = less.failed ? err_set(e, ST_NOMEM, "Please try again later.", "event")
                         : purchase_store_event(db, id, json_text(event, "type", ""),
                                                text_cstr(&less), less.len, clock_now(), e);
    }
    *fresh = rc == ST_OK;
    text_release(&less);
    json_free(event);
    return rc == ST_CONFLICT ? ST_OK : rc;
}

/* --- acting --- */

static int
act_body(struct db *db, void *arg, struct err *e)
{
    const char *id = arg, *state = "ignored";
    struct json *event = NULL;
    char type[101], *body;
    size_t len;
    bool todo;
    int rc = purchase_store_event_lock(db, id, type, &body, &len, &todo, e);

    if (rc == ST_OK && todo && (rc = json_parse(body, len, DEPTH, &event, e)) == ST_OK) {
        for (size_t i = 0; i < sizeof handlers / sizeof handlers[0] && rc == ST_OK; i++) {
            if (strcmp(handlers[i].type, type) != 0)
                continue;
            state = "done";
            rc = handlers[i].act(db, json_get(json_get(event, "data"), "object"), e);
        }
        if (rc == ST_OK)
            rc = purchase_store_event_end(db, id, state, e);
    }
    json_free(event);
    free(body);
    return rc;
}

/* Later and later, so that what cannot work costs little and what can is soon done. */
static int
note_failure(struct db *db, const char *id, const struct err *why, struct err *e)
{
    int64_t pause = FIRST_PAUSE;
    int attempts, rc = purchase_store_event_attempts(db, id, &attempts, e);

    for (; attempts > 0 && pause < LONGEST_PAUSE; attempts--)
        pause *= 2;
    if (rc != ST_OK)
        return rc;
    return purchase_store_event_failed(
        db, id, why->message, clock_now() + (pause < LONGEST_PAUSE ? pause : LONGEST_PAUSE), e);
}

static int
act(struct db *db, const char *id, bool *done, struct err *e)
{
    struct err why;
    int rc = db_transaction(db, act_body, (void *)(uintptr_t)id, &why);

    *done = rc == ST_OK;
    if (rc == ST_OK)
        return ST_OK;
    if (rc == ST_DB || rc == ST_DB_RETRY || rc == ST_NOMEM) {
        *e = why;
        return rc;
    }
    return note_failure(db, id, &why, e);
}

int
purchase_event_act(struct db *db, const char *id, struct err *e)
{
    bool done;
    int rc = purchase_prepare(db, e);

    return rc == ST_OK ? act(db, id, &done, e) : rc;
}

int
purchase_events_due(struct db *db, int max, int *acted, int *failed, struct err *e)
{
    char(*ids)[256] = calloc((size_t)max, sizeof *ids);
    int count = 0, rc = purchase_prepare(db, e);

    *acted = *failed = 0;
    if (ids == NULL)
        return err_set(e, ST_NOMEM, "Out of memory.", "events");
    if (rc == ST_OK)
        rc = purchase_store_events_due(db, clock_now(), ids, max, &count, e);
    for (int i = 0; i < count && rc == ST_OK; i++) {
        bool done;

        rc = act(db, ids[i], &done, e);
        *acted += rc == ST_OK && done;
        *failed += rc == ST_OK && !done;
    }
    free(ids);
    return rc;
}

int
purchase_event_replay(struct db *db, const char *id, struct err *e)
{
    int64_t changed;
    int rc = purchase_prepare(db, e);

    if (rc == ST_OK &&
        (rc = purchase_store_event_again(db, id, clock_now(), &changed, e)) == ST_OK &&
        changed == 0)
        rc = err_set(e, ST_NOTFOUND, "There is no such event.", NULL);
    return rc;
}

int
purchase_event_list(struct db *db, const char *state, struct purchase_event *out, int max,
                    int *count, struct err *e)
{
    int rc = purchase_prepare(db, e);

    *count = 0;
    return rc == ST_OK ? purchase_store_event_list(db, state, out, max, count, e) : rc;
}
