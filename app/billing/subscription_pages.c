/*
 * Monthly plans: the page that a first payment leads to, what the credits page says of them, and
 * the wish to end one. No page here grants anything by being opened.
 */
#include "app/billing/subscription_pages.h"

#include "app/billing/membership.h"
#include "app/view/view.h"
#include "common/err.h"
#include "common/language.h"
#include "common/log.h"
#include "common/plans.h"
#include "common/processor.h"
#include "common/text.h"

#define SHOWN 6

enum { ENDS, SUBMIT_KEY };

static const struct field end_fields[] = {
    [ENDS] = {"ends", N_("Form"), FIELD_INT, 0, 1, true, NULL},
    [SUBMIT_KEY] = {"submit_key", N_("Form"), FIELD_ID, 0, 0, true, NULL},
};
const struct form subscription_end_form = {end_fields, sizeof end_fields / sizeof end_fields[0]};

/* Messages may be late or ambiguous: then the processor is asked. Without an answer the page shows
 * what is known. */
static int
ask_again(struct request *rq, struct subscription *s, struct err *e)
{
    struct id id = s->public_id;
    struct err why;

    if (!processor_configured(rq->conf))
        return ST_OK;
    if (subscription_ask(rq->db, rq->conf, s, &why) != ST_OK)
        log_err(LOG_LEVEL_WARNING, "asking after a monthly plan", &why);
    return subscription_load(rq->db, rq->visitor.account, &id, s, e);
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

static void
show_item(struct request *rq, struct view *item, const struct subscription *s)
{
    bool goes_on = s->state == SUBSCRIPTION_ACTIVE || s->state == SUBSCRIPTION_PAST_DUE;
    char date[DATE_TEXT], key[ID_TEXT];
    struct id submit;

    show_terms(item, s);
    language_date(s->period_end, date);
    view_text(item, "until", date);
    view_flag(item, "renews", s->state == SUBSCRIPTION_ACTIVE && !s->ends);
    view_flag(item, "ends", goes_on && s->ends);
    view_flag(item, "past_due", s->state == SUBSCRIPTION_PAST_DUE && !s->ends);
    view_flag(item, "ended", s->state == SUBSCRIPTION_ENDED);
    if (!goes_on)
        return;
    if (s->state == SUBSCRIPTION_PAST_DUE)
        view_text(item, "pay", url_for(rq, "subscription_pay", &s->public_id, NULL));
    id_random(&submit);
    id_format(&submit, key);
    view_text(item, "submit_key", key);
    view_text(item, "csrf", rq->csrf);
    view_text(item, "end", url_for(rq, "subscription_end", &s->public_id, NULL));
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
        show_item(rq, view_item(v, "monthly"), &list[i]);
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
