/*
 * Money back: what the page of a purchase says of it, and the form that asks for it. The sum stands
 * in the form, so that nobody gets another one than they read.
 */
#include "app/billing/refund_pages.h"

#include "app/view/view.h"
#include "common/err.h"
#include "common/language.h"
#include "common/plans.h"
#include "common/purchase.h"
#include "common/refund.h"

static const struct field fields[] = {
    {"amount", N_("Form"), FIELD_INT, 1, 99999999, true, NULL},
};
const struct form refund_form = {fields, 1};

static void
show_last(struct view *v, const struct purchase *p, const struct refund *last)
{
    struct view *out = view_section(v, "refund");
    char money[MONEY_TEXT], number[NUMBER_TEXT];

    money_text(last->amount, p->currency, money);
    language_number(last->credits, number);
    view_text(out, "money", money);
    view_text(out, "credits", number);
    view_flag(out, "moving", last->state == REFUND_ASKED || last->state == REFUND_SENT);
    view_flag(out, "failed", last->state == REFUND_FAILED);
}

int
refund_show(struct request *rq, struct view *v, const struct purchase *p, struct err *e)
{
    char money[MONEY_TEXT], number[NUMBER_TEXT], date[DATE_TEXT];
    struct refund_offer offer;
    struct view *out;
    int rc = refund_offer(rq->db, rq->conf, p, &offer, e);

    if (rc != ST_OK)
        return rc;
    if (offer.last.id != 0)
        show_last(v, p, &offer.last);
    if (offer.amount == 0)
        return ST_OK;
    out = view_section(v, "offer");
    money_text(offer.amount, p->currency, money);
    language_number(offer.credits, number);
    language_date(offer.until, date);
    view_text(out, "money", money);
    view_text(out, "credits", number);
    view_text(out, "until", date);
    view_int(out, "amount", offer.amount);
    view_text(out, "action", url_for(rq, "purchase_refund", &p->public_id, NULL));
    return ST_OK;
}

int
refund_send(struct request *rq, struct response *rs, struct err *e)
{
    const struct refund_wish wish = {
        .purchase = rq->ids[0], .account = rq->visitor.account, .amount = rq->values[0].i};
    struct refund r;
    int rc;

    if (rq->errors > 0)
        return err_set(e, ST_INVALID, "Use the button on the page of the purchase.", NULL);
    rc = refund_ask(rq->db, rq->conf, &wish, &r, e);
    if (rc != ST_OK)
        return rc;
    rc = response_flash(rq, rs, r.state == REFUND_DONE ? "refunded" : "refund_asked", e);
    return rc == ST_OK ? response_redirect(rq, rs, url_for(rq, "purchase", &rq->ids[0], NULL), e)
                       : rc;
}
