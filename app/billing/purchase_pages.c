/*
 * What is for sale, the way to the payment service and back, and its messages. No page here grants
 * anything by being opened. The account book is credit_pages.c.
 */
#include "app/billing/purchase_pages.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "app/billing/checkout.h"
#include "app/billing/membership.h"
#include "app/billing/refund_pages.h"
#include "app/view/view.h"
#include "common/arena.h"
#include "common/clock.h"
#include "common/conf.h"
#include "common/err.h"
#include "common/language.h"
#include "common/ledger.h"
#include "common/log.h"
#include "common/processor.h"
#include "common/text.h"

enum { PLAN, SUBMIT_KEY };

static const struct field buy_fields[] = {
    [PLAN] = {"plan", N_("Plan"), FIELD_LINE, 1, 40, true, NULL},
    [SUBMIT_KEY] = {"submit_key", N_("Form"), FIELD_ID, 0, 0, true, NULL},
};
const struct form purchase_buy_form = {buy_fields, sizeof buy_fields / sizeof buy_fields[0]};

static int
redirect(struct response *rs, const char *url, struct err *e)
{
    rs->status = 303;
    rs->no_store = true;
    text_clear(&rs->body);
    return response_header(rs, "Location", url, e);
}

static int
show_test_mode(struct request *rq, struct view *v, struct err *e)
{
    bool live;
    int rc = processor_is_live(rq->conf, &live, e);

    view_flag(v, "test_mode", rc == ST_OK && !live);
    return rc;
}

/* Whoever has a monthly plan is led to it and not to a second one. */
static int
show_going(struct request *rq, struct view *v, struct err *e)
{
    struct subscription one;
    int count, rc = ST_OK;

    if (rq->visitor.account == 0)
        return ST_OK;
    rc = subscription_list(rq->db, rq->visitor.account, &one, 1, &count, e);
    if (rc == ST_OK && count > 0 && one.state != SUBSCRIPTION_ENDED)
        view_text(v, "going", url_for(rq, "credits", NULL, NULL));
    return rc;
}

int
pricing_show(struct request *rq, struct response *rs, struct err *e)
{
    struct view *v = view_new(rq->arena);
    char money[MONEY_TEXT], number[NUMBER_TEXT], key[ID_TEXT];
    struct plans plans;
    struct id submit;
    bool monthly = false;
    int rc;

    if ((rc = checkout_plans(rq->conf, rq->arena, &plans, e)) != ST_OK ||
        (rc = show_test_mode(rq, v, e)) != ST_OK)
        return rc;
    if ((rc = show_going(rq, v, e)) != ST_OK)
        return rc;
    for (size_t i = 0; i < plans.count; i++) {
        const struct plan *p = &plans.list[i];
        struct view *item = view_item(v, p->monthly ? "monthly" : "plans");

        monthly = monthly || p->monthly;
        id_random(&submit);
        id_format(&submit, key);
        view_text(item, "submit_key", key);
        view_text(item, "id", p->id);
        view_text(item, "name", p->name);
        language_number(p->credits, number);
        view_text(item, "credits", number);
        view_flag(item, "expire", p->expires);
        money_text(p->amount, p->currency, money);
        view_text(item, "money", money);
        snprintf(money, sizeof money, "%.2f", (double)p->amount / (double)p->credits);
        view_text(item, "each", money);
        if (p->refund_days > 0)
            view_text(item, "refund",
                      arena_printf(rq->arena,
                                   TN("Unused credits can be given back for %d day.",
                                      "Unused credits can be given back for %d days.",
                                      (int)p->refund_days),
                                   (int)p->refund_days));
    }
    view_flag(v, "has_monthly", monthly);
    view_text(v, "csrf", rq->visitor.account != 0 ? rq->csrf : "");
    view_text(v, "buy", url_for(rq, "purchase_buy", NULL, NULL));
    view_text(v, "signup", url_for(rq, "signup", NULL, "next=%2Fpricing"));
    view_int(v, "image", rq->conf->credits.image);
    rs->form_origin = rq->conf->billing.checkout;
    return page_render(rq, rs, "pricing", N_("Prices"), v, e);
}

int
purchase_buy(struct request *rq, struct response *rs, struct err *e)
{
    const struct plan *plan;
    struct plans plans;
    const char *url;
    int rc;

    if ((rc = checkout_plans(rq->conf, rq->arena, &plans, e)) != ST_OK)
        return rc;
    if (rq->errors > 0 || (plan = plans_find(&plans, rq->values[PLAN].text)) == NULL)
        return err_set(e, ST_INVALID, "This plan is not offered any more. Please choose another.",
                       NULL);
    if (plan->monthly)
        rc = membership_begin(rq->db, rq->conf, rq->arena, rq->visitor.account, rq->visitor.email,
                              plan, &rq->values[SUBMIT_KEY].id, &url, e);
    else
        rc = checkout_begin(rq->db, rq->conf, rq->arena, rq->visitor.account, rq->visitor.email,
                            plan, plan->currency, &rq->values[SUBMIT_KEY].id, &url, e);
    if (rc == ST_IO || rc == ST_LIMIT)
        e->code = rc = ST_DB_RETRY; /* 503: it may work in a moment */
    return rc == ST_OK ? redirect(rs, url, e) : rc;
}

/* --- one purchase --- */

static int
show_receipt(struct request *rq, struct view *v, const struct purchase *p, struct err *e)
{
    char money[MONEY_TEXT], date[DATE_TEXT];
    const char *s = rq->conf->billing.seller;

    language_date(p->paid_at, date);
    view_text(v, "paid_at", date);
    view_int(v, "receipt", p->receipt);
    view_text(v, "buyer", rq->visitor.display_name);
    view_text(v, "buyer_email", rq->visitor.email);
    money_text(p->refunded_amount, p->currency, money);
    view_text(v, "refunded", p->refunded_amount > 0 ? money : NULL);
    language_date(p->expires_at, date);
    view_text(v, "until", p->expires_at != 0 ? date : NULL);
    view_flag(v, "disputed", p->disputed);
    while (*s != '\0') {
        size_t len = strcspn(s, "|");

        view_text(view_item(v, "seller"), "line", arena_strndup(rq->arena, s, len));
        s += len + (s[len] == '|');
    }
    view_text(v, "csrf", rq->csrf);
    return refund_show(rq, v, p, e);
}

int
purchase_credits_now(struct request *rq, struct err *e)
{
    struct ledger_balance have;
    int rc = ledger_balance(rq->db, rq->visitor.account, &have, e);

    if (rc == ST_OK)
        rq->visitor.credits = have.available;
    return rc;
}

int
purchase_show(struct request *rq, struct response *rs, struct err *e)
{
    struct view *v = view_new(rq->arena);
    char money[MONEY_TEXT], number[NUMBER_TEXT];
    struct purchase p;
    struct err why;
    int rc;

    if ((rc = purchase_load(rq->db, rq->visitor.account, &rq->ids[0], &p, e)) != ST_OK)
        return rc;
    /* The message may be late: the processor is asked, but an answer is not waited for twice. */
    if ((p.state == PURCHASE_OPEN || p.state == PURCHASE_WAITING) &&
        processor_configured(rq->conf)) {
        if (checkout_ask(rq->db, rq->conf, &p, &why) != ST_OK)
            log_err(LOG_LEVEL_WARNING, "asking after a purchase", &why);
        if ((rc = purchase_load(rq->db, rq->visitor.account, &rq->ids[0], &p, e)) != ST_OK ||
            (rc = purchase_credits_now(rq, e)) != ST_OK)
            return rc;
    }
    money_text(p.amount, p.currency, money);
    language_number(p.credits, number);
    view_text(v, "money", money);
    view_text(v, "credits", number);
    view_text(v, "plan", p.plan_name);
    view_flag(v, "test_mode", !p.live);
    view_flag(v, "paid", p.state == PURCHASE_PAID);
    view_flag(v, "open", p.state == PURCHASE_OPEN);
    view_flag(v, "waiting", p.state == PURCHASE_WAITING);
    view_flag(v, "failed", p.state == PURCHASE_FAILED || p.state == PURCHASE_EXPIRED);
    view_text(v, "book", url_for(rq, "credits", NULL, NULL));
    view_text(v, "pricing", url_for(rq, "pricing", NULL, NULL));
    if (p.state == PURCHASE_PAID)
        rc = show_receipt(rq, v, &p, e);
    else if (p.state == PURCHASE_OPEN || p.state == PURCHASE_WAITING)
        view_int(v, "refresh", 10);
    return rc == ST_OK ? page_render(rq, rs, "purchase", N_("Purchase"), v, e) : rc;
}

/* --- messages --- */

/* Stored first. What acting on it brings does not concern the processor: it would only send it
 * again, which the steward does better. */
int
purchase_webhook(struct request *rq, struct response *rs, struct err *e)
{
    struct err why;
    char id[256];
    bool fresh;
    int rc;

    if (!processor_configured(rq->conf))
        return err_set(e, ST_NOTFOUND, "There is nothing at this address.", NULL);
    if ((rc = processor_verify(rq->conf, rq->signature, rq->body, rq->body_len, clock_now(), e)) !=
            ST_OK ||
        (rc = purchase_event_store(rq->db, rq->body, rq->body_len, id, &fresh, e)) != ST_OK)
        return rc == ST_DENIED ? err_set(e, ST_INVALID, e->message, "%s", e->detail) : rc;
    if (fresh && purchase_event_act(rq->db, id, &why) != ST_OK)
        log_err(LOG_LEVEL_WARNING, "acting on an event", &why);
    rs->type = "application/json";
    text_puts(&rs->body, "{\"received\":true}");
    return ST_OK;
}
