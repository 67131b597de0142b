/*
 * Rules of monthly plans; see subscription.h. Each change is one transaction under a lock on the
 * subscription, so that messages may come twice, together and in any order. Money and credits hang
 * on invoices alone: what a subscription's state says is for the eyes. Read next: purchase.c,
 * subscription_expiry.c.
 */
#include "common/subscription.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "common/clock.h"
#include "common/crypto.h"
#include "common/db.h"
#include "common/err.h"
#include "common/json.h"
#include "common/language.h"
#include "common/mail.h"
#include "common/plans.h"
#include "common/purchase.h"
#include "common/subscription_store.h"
#include "common/text.h"

#define LEAST_USE (28 * CLOCK_DAY) /* a month that is paid late can still be used for so long */

int
subscription_prepare(struct db *db, struct err *e)
{
    int rc = subscription_store_prepare(db, e);

    return rc == ST_OK ? purchase_prepare(db, e) : rc;
}

/* --- the visitor's side --- */

int
subscription_begin(struct db *db, int64_t account, const struct plan *plan, bool live,
                   const struct id *submit_key, struct subscription *out, struct err *e)
{
    struct subscription s = {
        .account = account,
        .credits = plan->credits,
        .amount = plan->amount,
        .expires = plan->expires,
        .live = live,
        .refund_days = plan->refund_days,
    };
    int64_t going;
    int rc;

    *out = (struct subscription){0};
    if ((rc = subscription_prepare(db, e)) != ST_OK ||
        (rc = subscription_store_going(db, account, &going, e)) != ST_OK)
        return rc;
    if (going > 0)
        return err_set(
            e, ST_CONFLICT,
            "You have a monthly plan already. Your credits page shows it, and you can end "
            "it there.",
            NULL);
    id_random(&s.public_id);
    snprintf(s.plan, sizeof s.plan, "%s", plan->id);
    snprintf(s.plan_name, sizeof s.plan_name, "%s", plan->name);
    snprintf(s.currency, sizeof s.currency, "%s", plan->currency);
    snprintf(s.price, sizeof s.price, "%s", plan->price);
    rc = subscription_store_insert(db, &s, submit_key, clock_now(), e);
    if (rc != ST_OK && rc != ST_CONFLICT)
        return rc;
    return subscription_store_find(db, SUBSCRIPTION_BY_KEY, account, submit_key, out, e);
}

int
subscription_attach(struct db *db, const struct subscription *s, const char *session, struct err *e)
{
    return subscription_store_attach(db, s->id, session, e);
}

int
subscription_load(struct db *db, int64_t account, const struct id *public_id,
                  struct subscription *out, struct err *e)
{
    int rc = subscription_prepare(db, e);

    *out = (struct subscription){0};
    return rc == ST_OK
               ? subscription_store_find(db, SUBSCRIPTION_BY_OWNER, account, public_id, out, e)
               : rc;
}

int
subscription_list(struct db *db, int64_t account, struct subscription *out, int max, int *count,
                  struct err *e)
{
    int rc = subscription_prepare(db, e);

    *count = 0;
    return rc == ST_OK ? subscription_store_list(db, account, out, max, count, e) : rc;
}

static bool
is_over(const struct subscription *s)
{
    return s->state == SUBSCRIPTION_ENDED || s->state == SUBSCRIPTION_EXPIRED;
}

/* --- words of the processor --- */

/* Which subscription here is meant: an event as it is kept says "reference", an answer of the
 * processor has it in its metadata, or in that of the subscription it belongs to. */
static const char *
reference(const struct json *object)
{
    const char *found = json_text(object, "reference", NULL);

    if (found == NULL)
        found = json_text(json_get(object, "metadata"), "subscription", NULL);
    if (found == NULL)
        found = json_text(json_get(json_get(object, "subscription_details"), "metadata"),
                          "subscription", NULL);
    return found;
}

/* Until when an invoice's lines are paid for, in seconds. Its own period is the one before. */
static int64_t
period_end(const struct json *object)
{
    const struct json *lines = json_get(json_get(object, "lines"), "data");
    int64_t end = json_int(object, "period_ends", 0);

    for (size_t i = 0; i < json_size(lines); i++) {
        int64_t one = json_int(json_get(json_at(lines, i), "period"), "end", 0);

        end = one > end ? one : end;
    }
    return end > 0 && end < INT64_C(100000000000) ? end : 0;
}

/* The price of a subscription's only item, or of the line of an invoice that is paid for longest;
 * "" where none is told. */
static const char *
price_of(const struct json *object)
{
    const struct json *items = json_get(json_get(object, "items"), "data"),
                      *lines = json_get(json_get(object, "lines"), "data");
    const char *found = json_text(json_get(json_at(items, 0), "price"), "id", "");
    int64_t latest = -1;

    for (size_t i = 0; i < json_size(lines); i++) {
        int64_t end = json_int(json_get(json_at(lines, i), "period"), "end", 0);
        const char *price = json_text(json_get(json_at(lines, i), "price"), "id", "");

        if (end > latest && price[0] != '\0') {
            latest = end;
            found = price;
        }
    }
    return json_text(object, "price", found);
}

void
subscription_put_words(struct text *t, const struct json *object)
{
    const char *which = reference(object);

    if (which == NULL)
        return;
    text_puts(t, ",\"reference\":");
    json_put_string(t, which);
    text_printf(t, ",\"period_ends\":%" PRId64, period_end(object));
    if (price_of(object)[0] != '\0') {
        text_puts(t, ",\"price\":");
        json_put_string(t, price_of(object));
    }
}

/* Finds and locks the subscription that an object is about. */
static int
find(struct db *db, const char *which, struct subscription *s, struct err *e)
{
    struct id id;

    *s = (struct subscription){0};
    if (which == NULL || id_parse(which, &id) != ST_OK)
        return err_set(e, ST_NOTFOUND, "This is of no monthly plan here.", NULL);
    return subscription_store_find(db, SUBSCRIPTION_BY_ID, 0, &id, s, e);
}

/* Keeps the processor's name of it. Another one than before is somebody else's. */
static int
learn(struct subscription *s, const char *processor_id, struct err *e)
{
    if (processor_id[0] == '\0' || strcmp(s->processor_id, processor_id) == 0)
        return ST_OK;
    if (s->processor_id[0] != '\0')
        return err_setf(e, ST_CONFLICT,
                        "monthly plan %" PRId64 ": is %.60s, the message says %.60s", s->id,
                        s->processor_id, processor_id);
    snprintf(s->processor_id, sizeof s->processor_id, "%s", processor_id);
    return ST_OK;
}

static void
reach(struct subscription *s, int64_t seconds)
{
    if (seconds * CLOCK_SECOND > s->period_end)
        s->period_end = seconds * CLOCK_SECOND;
}

/* --- letters --- */

struct letter {
    char subject[200], body[1400];
};

static void
write_end(struct letter *l, const struct subscription *s, const char *name, const char *day)
{
    snprintf(l->subject, sizeof l->subject, T("Your monthly plan ends: %s"), s->plan_name);
    snprintf(l->body, sizeof l->body,
             T("Hello %s,\n\n"
               "you have ended your monthly plan %s. It is paid until %s, and nothing will be "
               "charged after that. Until then you can take this back on your credits page.\n"),
             name, s->plan_name, day);
}

static void
write_failed(struct letter *l, const struct subscription *s, const char *name, const char *day)
{
    snprintf(l->subject, sizeof l->subject, T("A payment did not work: %s"), s->plan_name);
    snprintf(l->body, sizeof l->body,
             T("Hello %s,\n\n"
               "your monthly plan %s could not be renewed on %s: the payment did not work. No new "
               "credits came. The payment service tries again in the next days and writes to you "
               "when it needs another card. If nothing can be paid, the plan ends.\n"),
             name, s->plan_name, day);
}

static void
write_change(struct letter *l, const struct subscription *s, const char *name, const char *day)
{
    snprintf(l->subject, sizeof l->subject, T("Your monthly plan changes: %s"), s->plan_name);
    snprintf(
        l->body, sizeof l->body,
        T("Hello %s,\n\n"
          "you have changed your monthly plan to %s. It begins on %s; what you have paid until "
          "then stays as it is. Until that day you can take this back on your credits page.\n"),
        name, s->plan_name, day);
}

/* In the member's language. An account that was closed meanwhile gets none. */
static int
queue_letter(struct db *db, const struct subscription *s, const char *key, int64_t day,
             void (*write)(struct letter *l, const struct subscription *s, const char *name,
                           const char *day),
             struct err *e)
{
    struct purchase_reader reader;
    struct letter letter;
    char date[DATE_TEXT];
    int rc = purchase_reader(db, s->account, &reader, e), before;

    if (rc != ST_OK || reader.email[0] == '\0')
        return rc;
    before = language_for_reader(reader.language);
    language_date(day, date);
    write(&letter, s, reader.name, date);
    language_use(before);
    return mail_queue(db, key, s->account, reader.email, letter.subject, letter.body, e);
}

static int
tell_end(struct db *db, const struct subscription *s, struct err *e)
{
    char key[80];

    snprintf(key, sizeof key, "subscription:%" PRId64 ":ends:%" PRId64, s->id,
             s->period_end / CLOCK_SECOND);
    return queue_letter(db, s, key, s->period_end, write_end, e);
}

/* --- terms --- */

static void
take_terms(struct subscription *s, const struct subscription_terms *t)
{
    snprintf(s->price, sizeof s->price, "%s", t->price);
    snprintf(s->plan, sizeof s->plan, "%s", t->plan);
    snprintf(s->plan_name, sizeof s->plan_name, "%s", t->plan_name);
    s->credits = t->credits;
    s->amount = t->amount;
    s->expires = t->expires;
    s->refund_days = t->refund_days;
}

static int
tell_change(struct db *db, const struct subscription *s, struct err *e)
{
    struct subscription next = *s;
    struct subscription_terms terms;
    char key[80];
    int rc = subscription_store_terms(db, s->id, s->next_price, &terms, e);

    if (rc == ST_NOTFOUND) { /* changed at the processor itself */
        err_clear(e);
        return ST_OK;
    }
    if (rc != ST_OK)
        return rc;
    take_terms(&next, &terms);
    snprintf(key, sizeof key, "subscription:%" PRId64 ":next:%" PRId64 ":%.20s", s->id,
             s->period_end / CLOCK_SECOND, terms.plan);
    return queue_letter(db, &next, key, s->period_end, write_change, e);
}

/* What costs another price from the next month on. One that was sold before prices were kept
 * learns its own. */
static int
apply_price(struct db *db, struct subscription *s, const char *price, struct err *e)
{
    const char *next = strcmp(price, s->price) == 0 ? "" : price;

    if (price[0] == '\0' || strcmp(next, s->next_price) == 0)
        return ST_OK;
    if (s->price[0] == '\0') {
        snprintf(s->price, sizeof s->price, "%s", price);
        return ST_OK;
    }
    snprintf(s->next_price, sizeof s->next_price, "%s", next);
    return next[0] != '\0' && !is_over(s) ? tell_change(db, s, e) : ST_OK;
}

static bool
is_price(const struct subscription *s, const char *price)
{
    const char *known = s->next_price[0] != '\0' ? s->next_price : s->price;

    return price[0] == '\0' || known[0] == '\0' || strcmp(known, price) == 0;
}

int
subscription_offer(struct db *db, const struct subscription *s, const struct plan *plan,
                   struct err *e)
{
    struct subscription_terms now = {.credits = s->credits,
                                     .amount = s->amount,
                                     .expires = s->expires,
                                     .refund_days = s->refund_days},
                              next = {.credits = plan->credits,
                                      .amount = plan->amount,
                                      .expires = plan->expires,
                                      .refund_days = plan->refund_days},
                              old;
    int rc = subscription_store_terms(db, s->id, s->price, &old, e);

    snprintf(now.price, sizeof now.price, "%s", s->price);
    snprintf(now.plan, sizeof now.plan, "%s", s->plan);
    snprintf(now.plan_name, sizeof now.plan_name, "%s", s->plan_name);
    snprintf(next.price, sizeof next.price, "%s", plan->price);
    snprintf(next.plan, sizeof next.plan, "%s", plan->id);
    snprintf(next.plan_name, sizeof next.plan_name, "%s", plan->name);
    if (rc == ST_NOTFOUND) {
        err_clear(e);
        rc = subscription_store_offer(db, s->id, &now, clock_now(), e);
    }
    return rc == ST_OK ? subscription_store_offer(db, s->id, &next, clock_now(), e) : rc;
}

int
subscription_terms_at(struct db *db, const struct subscription *s, const char *price,
                      struct subscription_terms *out, struct err *e)
{
    return subscription_store_terms(db, s->id, price, out, e);
}

/* --- sessions --- */

static int
session_body(struct db *db, void *arg, struct err *e)
{
    const struct json *session = arg;
    const char *status = json_text(session, "status", "");
    struct subscription s;
    int rc = find(db, json_text(session, "client_reference_id", NULL), &s, e);

    if (rc != ST_OK)
        return rc;
    if (strcmp(status, "expired") == 0) {
        if (s.state != SUBSCRIPTION_OPEN)
            return ST_OK;
        s.state = SUBSCRIPTION_EXPIRED;
        return subscription_store_save(db, &s, e);
    }
    if (strcmp(status, "complete") != 0)
        return ST_OK;
    if ((rc = learn(&s, json_text(session, "subscription", ""), e)) != ST_OK)
        return rc;
    return subscription_store_save(db, &s, e);
}

int
subscription_session(struct db *db, const struct json *session, struct err *e)
{
    int rc = subscription_prepare(db, e);

    return rc == ST_OK ? db_transaction(db, session_body, (void *)(uintptr_t)session, e) : rc;
}

/* --- the state --- */

static enum subscription_state
state_of(const struct json *object, enum subscription_state now)
{
    static const struct {
        const char *status;
        enum subscription_state state;
    } table[] = {
        {"incomplete", SUBSCRIPTION_OPEN},   {"incomplete_expired", SUBSCRIPTION_EXPIRED},
        {"trialing", SUBSCRIPTION_ACTIVE},   {"active", SUBSCRIPTION_ACTIVE},
        {"past_due", SUBSCRIPTION_PAST_DUE}, {"unpaid", SUBSCRIPTION_PAST_DUE},
        {"paused", SUBSCRIPTION_PAST_DUE},   {"canceled", SUBSCRIPTION_ENDED},
    };
    const char *status = json_text(object, "status", "");

    for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
        if (strcmp(table[i].status, status) == 0)
            return table[i].state;
    }
    return now;
}

/* Writes what an object says over what was known. */
static int
apply(struct db *db, struct subscription *s, const struct json *object, struct err *e)
{
    bool ended = s->ends;
    int rc = learn(s, json_text(object, "id", ""), e);

    if (rc != ST_OK)
        return rc;
    s->state = state_of(object, s->state);
    s->ends = json_bool(object, "cancel_at_period_end", false);
    if (s->ends && !ended && !is_over(s) && (rc = tell_end(db, s, e)) != ST_OK)
        return rc;
    if ((rc = apply_price(db, s, price_of(object), e)) != ST_OK)
        return rc;
    return subscription_store_save(db, s, e);
}

/* Two messages of one second cannot be told apart by their times. The first steps of a
 * subscription are known; for the rest the processor is asked. */
static int
event_body(struct db *db, void *arg, struct err *e)
{
    const struct json *object = arg;
    int64_t told = json_int(object, "told_at", 0);
    struct subscription s;
    enum subscription_state says;
    int rc;

    if (reference(object) == NULL)
        return ST_OK; /* made elsewhere, with the same processor */
    if ((rc = find(db, reference(object), &s, e)) != ST_OK)
        return rc;
    says = state_of(object, s.state);
    if (is_over(&s) || (told < s.told_at && says != SUBSCRIPTION_ENDED))
        return ST_OK;
    if (told == s.told_at && says == SUBSCRIPTION_OPEN)
        return ST_OK;
    s.unsure = told == s.told_at && says != SUBSCRIPTION_ENDED &&
               (says != s.state || json_bool(object, "cancel_at_period_end", false) != s.ends ||
                !is_price(&s, price_of(object)));
    s.told_at = told > s.told_at ? told : s.told_at;
    return apply(db, &s, object, e);
}

int
subscription_event(struct db *db, const struct json *object, struct err *e)
{
    int rc = subscription_prepare(db, e);

    return rc == ST_OK ? db_transaction(db, event_body, (void *)(uintptr_t)object, e) : rc;
}

struct answer {
    const struct json *object;
    const struct subscription *seen;
};

static int
answer_body(struct db *db, void *arg, struct err *e)
{
    const struct answer *a = arg;
    struct subscription s;
    int rc = subscription_store_find(db, SUBSCRIPTION_BY_ID, 0, &a->seen->public_id, &s, e);

    if (rc != ST_OK || is_over(&s))
        return rc;
    s.unsure = s.told_at != a->seen->told_at;
    return s.unsure ? subscription_store_save(db, &s, e) : apply(db, &s, a->object, e);
}

int
subscription_answer(struct db *db, const struct json *object, const struct subscription *seen,
                    struct err *e)
{
    struct answer a = {object, seen};

    return db_transaction(db, answer_body, &a, e);
}

/* --- invoices --- */

/* A name for the invoice of a fixed length: the purchase's form key, part of a letter's key. */
static void
invoice_key(const char *invoice, struct id *out)
{
    uint8_t hash[CRYPTO_SHA256];

    crypto_sha256(invoice, strlen(invoice), hash);
    memcpy(out->bytes, hash, sizeof out->bytes);
}

/* What was paid must be one month of the plan, or nothing is granted and somebody looks. */
static int
check_invoice(const struct subscription *s, const struct json *invoice, struct err *e)
{
    const char *why = json_text(invoice, "billing_reason", "");
    int64_t amount = json_int(invoice, "amount_paid", -1);
    const char *currency = json_text(invoice, "currency", "");

    if (strcmp(why, "subscription_create") != 0 && strcmp(why, "subscription_cycle") != 0)
        return err_setf(e, ST_CONFLICT, "monthly plan %" PRId64 ": an invoice for \"%.40s\"", s->id,
                        why);
    if (amount != s->amount || strcmp(currency, s->currency) != 0 ||
        json_bool(invoice, "livemode", false) != s->live)
        return err_setf(e, ST_CONFLICT,
                        "monthly plan %" PRId64 ": costs %" PRId64 " %s, the invoice says %" PRId64
                        " %.3s",
                        s->id, s->amount, s->currency, amount, currency);
    return ST_OK;
}

/* The subscription as this invoice was sold. */
static int
sold_as(struct db *db, const struct subscription *s, const struct json *invoice,
        struct subscription *out, struct err *e)
{
    const char *price = price_of(invoice);
    struct subscription_terms terms;
    int rc;

    *out = *s;
    if (price[0] == '\0' || s->price[0] == '\0' || strcmp(price, s->price) == 0)
        return ST_OK;
    rc = subscription_store_terms(db, s->id, price, &terms, e);
    if (rc == ST_NOTFOUND)
        return err_setf(e, ST_CONFLICT, "monthly plan %" PRId64 ": nothing was offered at %.60s",
                        s->id, price);
    if (rc == ST_OK)
        take_terms(out, &terms);
    return rc;
}

/* The purchase of the month that the invoice paid, with everything that belongs to it. */
static int
grant_month(struct db *db, const struct subscription *s, const struct json *invoice, struct err *e)
{
    struct subscription_month m = {.invoice = json_text(invoice, "id", ""), .now = clock_now()};
    int64_t end = period_end(invoice) * CLOCK_SECOND;
    int rc;

    if (s->expires)
        m.expires_at = end > m.now + LEAST_USE ? end : m.now + LEAST_USE;
    id_random(&m.public_id);
    invoice_key(m.invoice, &m.submit_key);
    if ((rc = subscription_store_month(db, s, &m, e)) != ST_OK)
        return rc;
    return purchase_paid(db, &m.public_id, json_text(invoice, "payment_intent", ""), e);
}

static int
invoice_body(struct db *db, void *arg, struct err *e)
{
    const struct json *invoice = arg;
    const char *id = json_text(invoice, "id", "");
    struct subscription s, sold;
    bool known;
    int rc;

    if (reference(invoice) == NULL || strcmp(json_text(invoice, "status", ""), "paid") != 0)
        return ST_OK;
    if (id[0] == '\0')
        return err_set(e, ST_INVALID, "an invoice without a number", NULL);
    if ((rc = find(db, reference(invoice), &s, e)) != ST_OK ||
        (rc = subscription_store_has_month(db, id, &known, e)) != ST_OK || known)
        return rc;
    if ((rc = learn(&s, json_text(invoice, "subscription", ""), e)) != ST_OK ||
        (rc = sold_as(db, &s, invoice, &sold, e)) != ST_OK ||
        (rc = check_invoice(&sold, invoice, e)) != ST_OK ||
        (rc = grant_month(db, &sold, invoice, e)) != ST_OK)
        return rc;
    if (period_end(invoice) * CLOCK_SECOND > s.period_end)
        s = sold; /* the newest month: its terms are the subscription's */
    if (strcmp(s.next_price, s.price) == 0)
        s.next_price[0] = '\0';
    reach(&s, period_end(invoice));
    if (s.state == SUBSCRIPTION_OPEN)
        s.state = SUBSCRIPTION_ACTIVE;
    return subscription_store_save(db, &s, e);
}

int
subscription_invoice(struct db *db, const struct json *invoice, struct err *e)
{
    int rc = subscription_prepare(db, e);

    return rc == ST_OK ? db_transaction(db, invoice_body, (void *)(uintptr_t)invoice, e) : rc;
}

static int
failed_body(struct db *db, void *arg, struct err *e)
{
    const struct json *invoice = arg;
    const char *id = json_text(invoice, "id", "");
    char key[100], name[ID_TEXT];
    struct subscription s;
    struct id hash;
    bool paid;
    int rc;

    if (reference(invoice) == NULL ||
        strcmp(json_text(invoice, "billing_reason", ""), "subscription_cycle") != 0)
        return ST_OK; /* the first payment is made at the processor's page, which tells itself */
    if ((rc = find(db, reference(invoice), &s, e)) != ST_OK ||
        (rc = subscription_store_has_month(db, id, &paid, e)) != ST_OK || paid || is_over(&s))
        return rc;
    invoice_key(id, &hash);
    id_format(&hash, name);
    snprintf(key, sizeof key, "invoice:%s:failed", name);
    return queue_letter(db, &s, key, clock_now(), write_failed, e);
}

int
subscription_invoice_failed(struct db *db, const struct json *invoice, struct err *e)
{
    int rc = subscription_prepare(db, e);

    return rc == ST_OK ? db_transaction(db, failed_body, (void *)(uintptr_t)invoice, e) : rc;
}
