/*
 * Purchases as the staff sees them: a list without persons, and one with its owner, which is
 * written into the audit log first.
 */
#include <stdio.h>
#include <string.h>

#include "app/admin/admin_pages.h"
#include "app/admin/work_store.h"
#include "app/routes.h"
#include "app/view/view.h"
#include "common/arena.h"
#include "common/err.h"
#include "common/language.h"
#include "common/plans.h"
#include "common/refund.h"

#define LIST_MAX 50
#define AMOUNT_MAX 99999999

enum { REASON, AMOUNT };
static const struct field refund_fields[] = {
    [REASON] = {"reason", N_("Reason"), FIELD_LINE, 3, 255, true, NULL},
    [AMOUNT] = {"amount", N_("Amount"), FIELD_INT, 1, AMOUNT_MAX, false, NULL},
};
static const struct form refund_form = {refund_fields, 2};

int
admin_purchases_prepare(struct db *db, struct err *e)
{
    int rc = work_store_prepare(db, e);

    return rc == ST_OK ? refund_prepare(db, e) : rc;
}

static void
put_money(struct view *v, const char *name, int64_t amount, const char *currency)
{
    char text[MONEY_TEXT];

    money_text(amount, currency, text);
    view_text(v, name, text);
}

static int
list_show(struct request *rq, struct response *rs, struct err *e)
{
    struct work_purchase *list = arena_calloc(rq->arena, LIST_MAX, sizeof *list);
    struct view *v = admin_view(rq);
    size_t count;
    int rc;

    if (list == NULL)
        return err_set(e, ST_NOMEM, "Please try again later.", "purchases");
    if ((rc = work_store_purchases(rq->db, 0, list, LIST_MAX, &count, e)) != ST_OK)
        return rc;
    view_flag(v, "any", count > 0);
    for (size_t i = 0; i < count; i++) {
        struct view *item = view_item(v, "purchases");

        view_text(item, "url", url_for(rq, "admin_purchase", &list[i].id, NULL));
        admin_put_time(item, "at", list[i].created_at);
        view_text(item, "plan", list[i].plan);
        view_text(item, "state", admin_word(list[i].state));
        view_flag(item, "test", !list[i].live);
        put_money(item, "amount", list[i].amount, list[i].currency);
        if (list[i].refunded > 0)
            put_money(item, "refunded", list[i].refunded, list[i].currency);
    }
    return page_render(rq, rs, "admin-purchases", N_("Purchases"), v, e);
}

static int
purchase_page(struct request *rq, struct response *rs, struct err *e)
{
    struct view *v = admin_view(rq);
    struct work_purchase p;
    char id[ID_TEXT];
    int rc;

    if ((rc = work_store_purchase(rq->db, &rq->ids[0], &p, e)) != ST_OK ||
        (rc = admin_note(rq, AUDIT_PURCHASE_LOOK, &p.id, "", e)) != ST_OK)
        return rc;
    id_format(&p.id, id);
    view_text(v, "id", id);
    view_text(v, "plan", p.plan);
    view_text(v, "state", admin_word(p.state));
    view_flag(v, "test", !p.live);
    view_text(v, "dispute", strcmp(p.dispute, "none") != 0 ? admin_word(p.dispute) : NULL);
    view_text(v, "payment", p.payment[0] != '\0' ? p.payment : NULL);
    view_int(v, "bought", p.credits);
    put_money(v, "amount", p.amount, p.currency);
    if (p.refunded > 0)
        put_money(v, "refunded", p.refunded, p.currency);
    view_int(v, "refunded_credits", p.refunded_credits);
    if (p.receipt != 0)
        view_int(v, "receipt", p.receipt);
    admin_put_time(v, "created", p.created_at);
    admin_put_time(v, "paid", p.paid_at);
    if (admin_may(rq, PERM_ACCOUNTS))
        view_text(v, "owner", url_for(rq, "admin_person", &p.owner, NULL));
    if (admin_may(rq, PERM_REFUNDS) && strcmp(p.state, "paid") == 0 && p.refunded < p.amount)
        view_text(v, "refund", url_for(rq, "admin_refund", &p.id, NULL));
    if (rq->errors > 0) {
        view_text(v, "reason_error", rq->values[REASON].error);
        view_text(v, "amount_error", rq->values[AMOUNT].error);
        rs->status = 422;
    }
    return page_render(rq, rs, "admin-purchase", N_("Purchase"), v, e);
}

/* The row comes first, in a transaction of its own: asking takes the processor's time. */
static int
refund_send(struct request *rq, struct response *rs, struct err *e)
{
    const struct value *amount = &rq->values[AMOUNT];
    const struct refund_wish wish = {.purchase = rq->ids[0],
                                     .amount = amount->present ? amount->i : 0,
                                     .reason = rq->values[REASON].text};
    struct refund r;
    int rc;

    if (rq->errors > 0)
        return purchase_page(rq, rs, e);
    if ((rc = admin_note(rq, AUDIT_PURCHASE_REFUND, &rq->ids[0], wish.reason, e)) != ST_OK ||
        (rc = refund_ask(rq->db, rq->conf, &wish, &r, e)) != ST_OK ||
        (rc = response_flash(rq, rs, "refund_noted", e)) != ST_OK)
        return rc;
    return response_redirect(rq, rs, url_for(rq, "admin_purchase", &rq->ids[0], NULL), e);
}

const struct route admin_purchases_routes[] = {
    {"admin_purchases", METHOD_GET, "/admin/purchases", list_show, ROUTE_STAFF(PERM_PURCHASES),
     CSRF_NONE, RATE_PAGE, NULL, 0},
    {"admin_purchase", METHOD_GET, "/admin/purchases/{id}", purchase_page,
     ROUTE_STAFF(PERM_PURCHASES), CSRF_NONE, RATE_PAGE, NULL, 0},
    {"admin_refund", METHOD_POST, "/admin/purchases/{id}/refund", refund_send,
     ROUTE_STAFF(PERM_REFUNDS), CSRF_TOKEN, RATE_SUBMIT, &refund_form, ADMIN_BODY},
    {0},
};
