/*
 * Monthly plans: the page that a first payment leads to, what the credits page says of them, and
 * the wish to end one. No page here grants anything by being opened.
 */
#include "app/billing/subscription_pages.h"

#include "app/billing/checkout.h"
#include "app/billing/membership.h"
#include "app/billing/purchase_pages.h"
#include "app/view/view.h"
#include "common/err.h"
#include "common/language.h"
#include "common/log.h"
#include "common/plans.h"
#include "common/processor.h"
#include "common/text.h"

#define SHOWN 6

enum { ENDS, SUBMIT_KEY };
enum { PLAN, CHANGE_KEY };

static const struct field end_fields[] = {
    [ENDS] = {"ends", N_("Form"), FIELD_INT, 0, 1, true, NULL},
    [SUBMIT_KEY] = {"submit_key", N_("Form"), FIELD_ID, 0, 0, true, NULL},
};
const struct form subscription_end_form = {end_fields, sizeof end_fields / sizeof end_fields[0]};

static const struct field change_fields[] = {
    [PLAN] = {"plan", N_("Plan"), FIELD_TEXT, 1, 40, true, NULL},
    [CHANGE_KEY] = {"submit_key", N_("Form"), FIELD_ID, 0, 0, true, NULL},
};
const struct form subscription_change_form = {change_fields,
                                              sizeof change_fields / sizeof change_fields[0]};

/* Messages may be late or ambiguous: then the processor is asked. Without an answer the page shows
 * what is known. */
static int
ask_again(struct request *rq, struct subscription *s, struct err *e)
{
    struct id id = s->public_id;
    struct err why;
    int rc;

    if (!processor_configured(rq->conf))
        return ST_OK;
    if (subscription_ask(rq->db, rq->conf, s, &why) != ST_OK)
        log_err(LOG_LEVEL_WARNING, "asking after a monthly plan", &why);
    rc = subscription_load(rq->db, rq->visitor.account, &id, s, e);
    return rc == ST_OK ? purchase_credits_now(rq, e) : rc;
}

static void
show_terms(struct view *v, const struct subscription *s)
{
    char money[MONEY_TEXT], number[NUMBER_TEXT];

    money_text(s->amount, s->currency, money);
    language_number(s->credits, number);
    view_text(v, "plan", s->plan_name);
    view_text(v, "money", money);
    view_text(v, "credits", number);
    view_flag(v, "expire", s->expires);
    view_flag(v, "test_mode", !s->live);
}

int
subscription_show(struct request *rq, struct response *rs, struct err *e)
{
    struct view *v = view_new(rq->arena);
    struct subscription s;
    char date[DATE_TEXT];
    bool open;
    int rc;

    if ((rc = subscription_load(rq->db, rq->visitor.account, &rq->ids[0], &s, e)) != ST_OK)
        return rc;
    if ((s.period_end == 0 || s.unsure) && (rc = ask_again(rq, &s, e)) != ST_OK)
        return rc;
    open = s.period_end == 0 && s.state != SUBSCRIPTION_EXPIRED && s.state != SUBSCRIPTION_ENDED;
    show_terms(v, &s);
    language_date(s.period_end, date);
    view_text(v, "until", date);
    view_flag(v, "open", open);
    view_flag(v, "paid", s.period_end != 0);
    view_flag(v, "expired", s.period_end == 0 && !open);
    view_text(v, "book", url_for(rq, "credits", NULL, NULL));
    view_text(v, "pricing", url_for(rq, "pricing", NULL, NULL));
    if (open)
        view_int(v, "refresh", 10);
    return page_render(rq, rs, "subscription", N_("Monthly plan"), v, e);
}

/* Other monthly plans in its currency, each with a form; with one that is chosen already, the plan
 * that it has comes first among them as the way back. */
static int
show_choices(struct request *rq, struct view *item, const struct subscription *s, struct err *e)
{
    const char *now = s->next_price[0] != '\0' ? s->next_price : s->price;
    struct plans plans;
    char money[MONEY_TEXT], number[NUMBER_TEXT], key[ID_TEXT];
    struct id submit;
    int rc = checkout_plans(rq->conf, rq->arena, &plans, e);

    for (size_t i = 0; rc == ST_OK && i < plans.count; i++) {
        const struct plan *p = &plans.list[i];
        struct view *choice;

        if (!p->monthly || strcmp(p->currency, s->currency) != 0 || strcmp(p->price, now) == 0)
            continue;
        view_flag(item, "choices", true);
        choice = view_item(item, "choice");
        money_text(p->amount, p->currency, money);
        language_number(p->credits, number);
        id_random(&submit);
        id_format(&submit, key);
        view_text(choice, "id", p->id);
        view_text(choice, "name", p->name);
        view_text(choice, "price", money);
        view_text(choice, "brings", number);
        view_flag(choice, "back", strcmp(p->price, s->price) == 0);
        view_text(choice, "key", key);
    }
    view_text(item, "change", url_for(rq, "subscription_change", &s->public_id, NULL));
    return rc;
}

/* What begins with the next month, where that is another plan. */
static int
show_next(struct request *rq, struct view *item, const struct subscription *s, struct err *e)
{
    struct subscription_terms next;
    char money[MONEY_TEXT], number[NUMBER_TEXT];
    int rc;

    if (s->next_price[0] == '\0')
        return ST_OK;
    rc = subscription_terms_at(rq->db, s, s->next_price, &next, e);
    if (rc == ST_NOTFOUND) {
        err_clear(e);
        return ST_OK;
    }
    money_text(next.amount, s->currency, money);
    language_number(next.credits, number);
    view_text(item, "next", next.plan_name);
    view_text(item, "next_money", money);
    view_text(item, "next_credits", number);
    return rc;
}

static int
show_item(struct request *rq, struct view *item, const struct subscription *s, struct err *e)
{
    bool goes_on = s->state == SUBSCRIPTION_ACTIVE || s->state == SUBSCRIPTION_PAST_DUE;
    char date[DATE_TEXT], key[ID_TEXT];
    struct id submit;
    int rc;

    show_terms(item, s);
    language_date(s->period_end, date);
    view_text(item, "until", date);
    view_flag(item, "renews", s->state == SUBSCRIPTION_ACTIVE && !s->ends);
    view_flag(item, "ends", goes_on && s->ends);
    view_flag(item, "past_due", s->state == SUBSCRIPTION_PAST_DUE && !s->ends);
    view_flag(item, "ended", s->state == SUBSCRIPTION_ENDED);
    if (!goes_on)
        return ST_OK;
    if (s->state == SUBSCRIPTION_PAST_DUE)
        view_text(item, "pay", url_for(rq, "subscription_pay", &s->public_id, NULL));
    id_random(&submit);
    id_format(&submit, key);
    view_text(item, "submit_key", key);
    view_text(item, "csrf", rq->csrf);
    view_text(item, "end", url_for(rq, "subscription_end", &s->public_id, NULL));
    if (s->state != SUBSCRIPTION_ACTIVE || s->ends || s->price[0] == '\0')
        return ST_OK;
    rc = show_next(rq, item, s, e);
    return rc == ST_OK ? show_choices(rq, item, s, e) : rc;
}

int
subscription_items(struct request *rq, struct view *v, struct err *e)
{
    struct subscription list[SHOWN];
    int count, rc = subscription_list(rq->db, rq->visitor.account, list, SHOWN, &count, e);

    view_flag(v, "has_monthly", rc == ST_OK && count > 0);
    for (int i = 0; rc == ST_OK && i < count; i++) {
        if (subscription_overdue(&list[i]) && (rc = ask_again(rq, &list[i], e)) != ST_OK)
            break;
        rc = show_item(rq, view_item(v, "monthly"), &list[i], e);
    }
    return rc;
}

int
subscription_pay(struct request *rq, struct response *rs, struct err *e)
{
    struct subscription s;
    const char *url;
    int rc;

    if (!processor_configured(rq->conf))
        return err_set(e, ST_NOTFOUND, "There is nothing at this address.", NULL);
    if ((rc = subscription_load(rq->db, rq->visitor.account, &rq->ids[0], &s, e)) != ST_OK)
        return rc;
    rc = membership_invoice(rq->conf, rq->arena, &s, &url, e);
    if (rc == ST_IO || rc == ST_LIMIT)
        e->code = rc = ST_DB_RETRY; /* 503: it may work in a moment */
    if (rc != ST_OK)
        return rc;
    rs->status = 303;
    rs->no_store = true;
    text_clear(&rs->body);
    return response_header(rs, "Location", url, e);
}

int
subscription_end(struct request *rq, struct response *rs, struct err *e)
{
    bool ends = rq->values[ENDS].i == 1;
    struct subscription s;
    int rc;

    if (rq->errors > 0)
        return err_set(e, ST_INVALID, "This form is not complete. Please try again.", NULL);
    if (!processor_configured(rq->conf))
        return err_set(e, ST_NOTFOUND, "There is nothing at this address.", NULL);
    if ((rc = subscription_load(rq->db, rq->visitor.account, &rq->ids[0], &s, e)) != ST_OK)
        return rc;
    rc = membership_end(rq->db, rq->conf, &s, ends, &rq->values[SUBMIT_KEY].id, e);
    if (rc == ST_IO || rc == ST_LIMIT)
        e->code = rc = ST_DB_RETRY; /* 503: it may work in a moment */
    if (rc != ST_OK || (rc = response_flash(rq, rs, ends ? "plan_ends" : "plan_stays", e)) != ST_OK)
        return rc;
    return response_redirect(rq, rs, url_for(rq, "credits", NULL, NULL), e);
}

/* The plan of that name, if this subscription may change to it. */
static int
find_choice(struct request *rq, const struct subscription *s, const char *id,
            const struct plan **out, struct plans *plans, struct err *e)
{
    bool live;
    int rc = checkout_plans(rq->conf, rq->arena, plans, e);

    if (rc != ST_OK || (rc = processor_is_live(rq->conf, &live, e)) != ST_OK)
        return rc;
    *out = plans_find(plans, id);
    if (*out == NULL || !(*out)->monthly || strcmp((*out)->currency, s->currency) != 0 ||
        live != s->live || s->price[0] == '\0')
        return err_set(e, ST_CONFLICT, "Your monthly plan cannot change to this one.", NULL);
    return ST_OK;
}

int
subscription_change(struct request *rq, struct response *rs, struct err *e)
{
    const struct plan *plan;
    struct plans plans;
    struct subscription s;
    int rc;

    if (rq->errors > 0)
        return err_set(e, ST_INVALID, "This form is not complete. Please try again.", NULL);
    if (!processor_configured(rq->conf))
        return err_set(e, ST_NOTFOUND, "There is nothing at this address.", NULL);
    if ((rc = subscription_load(rq->db, rq->visitor.account, &rq->ids[0], &s, e)) != ST_OK ||
        (rc = find_choice(rq, &s, rq->values[PLAN].text, &plan, &plans, e)) != ST_OK)
        return rc;
    rc = membership_change(rq->db, rq->conf, &s, plan, &rq->values[CHANGE_KEY].id, e);
    if (rc == ST_IO || rc == ST_LIMIT)
        e->code = rc = ST_DB_RETRY; /* 503: it may work in a moment */
    if (rc != ST_OK ||
        (rc = response_flash(rq, rs,
                             strcmp(plan->price, s.price) == 0 ? "plan_stays" : "plan_changes",
                             e)) != ST_OK)
        return rc;
    return response_redirect(rq, rs, url_for(rq, "credits", NULL, NULL), e);
}
