/*
 * Rules of purchases; see purchase.h. Each change is one transaction with the credits it moves,
 * under a lock on the purchase, so that events may come twice, together and in any order. Read
 * next: purchase_event.c.
 */
#include "common/purchase.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "common/clock.h"
#include "common/db.h"
#include "common/err.h"
#include "common/json.h"
#include "common/language.h"
#include "common/ledger.h"
#include "common/mail.h"
#include "common/plans.h"
#include "common/purchase_store.h"

int
purchase_prepare(struct db *db, struct err *e)
{
    int rc = purchase_store_prepare(db, e);

    if (rc == ST_OK)
        rc = ledger_prepare(db, e);
    return rc == ST_OK ? mail_prepare(db, e) : rc;
}

int
purchase_begin(struct db *db, int64_t account, const struct plan *plan, const char *currency,
               bool live, const struct id *submit_key, struct purchase *out, struct err *e)
{
    struct purchase_new n = {
        .submit_key = *submit_key,
        .account = account,
        .credits = plan->credits,
        .amount = plan->amount,
        .now = clock_now(),
        .plan = plan->id,
        .name = plan->name,
        .currency = currency,
        .refund_days = plan->refund_days,
        .live = live,
    };
    int rc;

    id_random(&n.public_id);
    if ((rc = purchase_prepare(db, e)) != ST_OK)
        return rc;
    rc = purchase_store_insert(db, &n, e);
    if (rc != ST_OK && rc != ST_CONFLICT)
        return rc;
    return purchase_store_find(db, PURCHASE_BY_KEY, account, submit_key, NULL, out, e);
}

int
purchase_attach(struct db *db, const struct purchase *p, const char *session, struct err *e)
{
    return purchase_store_attach(db, p->id, session, e);
}

int
purchase_load(struct db *db, int64_t account, const struct id *public_id, struct purchase *out,
              struct err *e)
{
    int rc = purchase_prepare(db, e);

    return rc == ST_OK
               ? purchase_store_find(db, PURCHASE_BY_OWNER, account, public_id, NULL, out, e)
               : rc;
}

int
purchase_list(struct db *db, int64_t account, struct purchase *out, int max, int *count,
              struct err *e)
{
    int rc = purchase_prepare(db, e);

    *count = 0;
    return rc == ST_OK ? purchase_store_list(db, account, out, max, count, e) : rc;
}

/* --- paid --- */

/* The letter goes with the credits or not at all. An account that was closed meanwhile gets none.
 */
static int
queue_receipt(struct db *db, const struct purchase *p, int64_t receipt, struct err *e)
{
    char key[60], subject[200], body[2000], email[256], name[321], language[LANGUAGE_TAG];
    char money[MONEY_TEXT];
    int rc = purchase_store_address(db, p->account, email, name, language, e), before;

    if (rc != ST_OK || email[0] == '\0')
        return rc;
    money_text(p->amount, p->currency, money);
    snprintf(key, sizeof key, "purchase:%" PRId64 ":paid", p->id);
    before = language_for_reader(language);
    snprintf(subject, sizeof subject, T("Receipt %lld: %lld credits"), (long long)receipt,
             (long long)p->credits);
    snprintf(body, sizeof body,
             T("Hello %s,\n\n"
               "thank you. %s were paid and %lld credits are on your account.\n\n"
               "Plan: %s\nReceipt number: %lld\n%s\n"
               "The receipt is on your credits page, where you can print it.\n"),
             name, money, (long long)p->credits, p->plan_name, (long long)receipt,
             p->live ? "" : T("Test mode: no money was moved.\n"));
    language_use(before);
    return mail_queue(db, key, p->account, email, subject, body, e);
}

static int
pay(struct db *db, const struct purchase *p, const char *payment, struct err *e)
{
    char key[60];
    int64_t receipt;
    int rc;

    if (p->state == PURCHASE_PAID)
        return ST_OK;
    snprintf(key, sizeof key, "purchase:%" PRId64 ":paid", p->id);
    if ((rc = purchase_store_pay(db, p->id, payment, clock_now(), &receipt, e)) != ST_OK ||
        (rc = ledger_sell(db, p->account, p->credits, key, p->plan_name, e)) != ST_OK)
        return rc;
    return queue_receipt(db, p, receipt, e);
}

/* What was paid must be what was ordered, or nothing is granted and somebody looks. */
static int
check_sum(const struct purchase *p, const struct json *session, struct err *e)
{
    int64_t amount = json_int(session, "amount_total", -1);
    const char *currency = json_text(session, "currency", "");

    if (amount == p->amount && strcmp(currency, p->currency) == 0 &&
        json_bool(session, "livemode", false) == p->live)
        return ST_OK;
    return err_setf(e, ST_CONFLICT,
                    "purchase %" PRId64 ": ordered %" PRId64 " %s, the session says %" PRId64
                    " %.3s",
                    p->id, p->amount, p->currency, amount, currency);
}

int
purchase_paid(struct db *db, const struct id *public_id, const char *payment, struct err *e)
{
    struct purchase p;
    int rc = purchase_store_find(db, PURCHASE_BY_ID, 0, public_id, NULL, &p, e);

    return rc == ST_OK ? pay(db, &p, payment, e) : rc;
}

int
purchase_reader(struct db *db, int64_t account, struct purchase_reader *out, struct err *e)
{
    _Static_assert(sizeof out->language >= LANGUAGE_TAG, "the tag fits");

    return purchase_store_address(db, account, out->email, out->name, out->language, e);
}

struct session {
    const struct json *json;
    bool failed;
};

static int
session_body(struct db *db, void *arg, struct err *e)
{
    const struct session *s = arg;
    const char *reference = json_text(s->json, "client_reference_id", "");
    const char *status = json_text(s->json, "status", "");
    const char *paid = json_text(s->json, "payment_status", "unpaid");
    struct purchase p;
    struct id id;
    int rc;

    if (id_parse(reference, &id) != ST_OK)
        return err_set(e, ST_NOTFOUND, "This session is of no purchase here.", NULL);
    if ((rc = purchase_store_find(db, PURCHASE_BY_ID, 0, &id, NULL, &p, e)) != ST_OK)
        return rc;
    if (strcmp(paid, "unpaid") != 0 && !s->failed) {
        rc = check_sum(&p, s->json, e);
        return rc == ST_OK ? pay(db, &p, json_text(s->json, "payment_intent", ""), e) : rc;
    }
    if (p.state == PURCHASE_PAID)
        return ST_OK; /* an older message that comes late */
    if (s->failed)
        return purchase_store_state(db, p.id, "failed", e);
    if (strcmp(status, "expired") == 0)
        return purchase_store_state(db, p.id, "expired", e);
    if (strcmp(status, "complete") == 0)
        return purchase_store_state(db, p.id, "waiting", e);
    return ST_OK;
}

int
purchase_session(struct db *db, const struct json *session, bool failed, struct err *e)
{
    struct session s = {session, failed};
    int rc = purchase_prepare(db, e);

    return rc == ST_OK ? db_transaction(db, session_body, &s, e) : rc;
}
