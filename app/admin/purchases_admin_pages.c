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

#define LIST_MAX 50

int
admin_purchases_prepare(struct db *db, struct err *e)
{
    return work_store_prepare(db, e);
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
    if ((rc = work_store_purchases(rq->db, list, LIST_MAX, &count, e)) != ST_OK)
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
purchase_look(struct request *rq, struct response *rs, struct err *e)
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
    return page_render(rq, rs, "admin-purchase", N_("Purchase"), v, e);
}

const struct route admin_purchases_routes[] = {
    {"admin_purchases", METHOD_GET, "/admin/purchases", list_show, ROUTE_STAFF(PERM_PURCHASES),
     CSRF_NONE, RATE_PAGE, NULL, 0},
    {"admin_purchase", METHOD_GET, "/admin/purchases/{id}", purchase_look,
     ROUTE_STAFF(PERM_PURCHASES), CSRF_NONE, RATE_PAGE, NULL, 0},
    {0},
};
