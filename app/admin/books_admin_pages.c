/*
 * Money as the staff sees it beside the purchases: what differs between our books and the
 * processor's lists, and giving money back. Read next: common/reconcile.h, common/refund.h.
 */
#include "app/admin/admin_pages.h"
#include "app/routes.h"
#include "app/view/view.h"
#include "common/arena.h"
#include "common/err.h"
#include "common/language.h"
#include "common/reconcile.h"
#include "common/refund.h"

#define LIST_MAX 200

enum { AMOUNT, REASON };
static const struct field refund_fields[] = {
    [AMOUNT] = {"amount", N_("Amount"), FIELD_INT, 1, 99999999, false, NULL},
    [REASON] = {"reason", N_("Reason"), FIELD_TEXT, 3, 300, true, NULL},
};
static const struct form refund_form = {refund_fields, 2};

int
admin_books_prepare(struct db *db, struct err *e)
{
    int rc = reconcile_prepare(db, e);

    return rc == ST_OK ? refund_prepare(db, e) : rc;
}

int
admin_books_waiting(struct db *db, struct admin_waiting *out, struct err *e)
{
    struct reconcile_report r;
    int rc = reconcile_newest(db, &r, e);

    *out = (struct admin_waiting){.about = N_("Differences between books and payments; found on")};
    if (rc == ST_OK && r.differences > 0) {
        out->count = r.differences;
        out->due = r.ran_at;
    }
    return rc;
}

static int
books_show(struct request *rq, struct response *rs, struct err *e)
{
    struct difference *list = arena_calloc(rq->arena, LIST_MAX, sizeof *list);
    struct view *v = admin_view(rq);
    struct reconcile_report r;
    int count = 0, rc;

    if (list == NULL)
        return err_set(e, ST_NOMEM, "Please try again later.", "differences");
    if ((rc = reconcile_newest(rq->db, &r, e)) != ST_OK ||
        (rc = reconcile_list(rq->db, r.run, list, LIST_MAX, &count, e)) != ST_OK)
        return rc;
    admin_put_time(v, "ran", r.ran_at);
    view_int(v, "charges", r.charges);
    view_int(v, "sessions", r.sessions);
    view_int(v, "compared", r.purchases);
    view_flag(v, "differ", count > 0);
    for (int i = 0; i < count; i++) {
        struct view *item = view_item(v, "differences");

        view_text(item, "words", T(difference_words(list[i].kind)));
        view_text(item, "object", list[i].object);
        view_int(item, "ours", list[i].ours);
        view_int(item, "theirs", list[i].theirs);
        if (list[i].purchase != 0)
            view_text(item, "url", url_for(rq, "admin_purchase", &list[i].order, NULL));
    }
    return page_render(rq, rs, "admin-books", N_("Books"), v, e);
}

/* The audit row first: money that nobody is known to have sent must not go. */
static int
refund_send(struct request *rq, struct response *rs, struct err *e)
{
    const struct refund_wish wish = {
        .purchase = rq->ids[0],
        .amount = rq->values[AMOUNT].present ? rq->values[AMOUNT].i : 0,
        .reason = rq->values[REASON].text,
    };
    struct refund r;
    int rc;

    if (rq->errors > 0)
        return err_set(e, ST_INVALID, "Say why, and how much in cents or nothing for all of it.",
                       NULL);
    if ((rc = admin_note(rq, AUDIT_PURCHASE_REFUND, &rq->ids[0], wish.reason, e)) != ST_OK ||
        (rc = refund_ask(rq->db, rq->conf, &wish, &r, e)) != ST_OK ||
        (rc = response_flash(rq, rs, r.state == REFUND_DONE ? "refund_went" : "refund_goes", e)) !=
            ST_OK)
        return rc;
    return response_redirect(rq, rs, url_for(rq, "admin_purchase", &rq->ids[0], NULL), e);
}

const struct route admin_books_routes[] = {
    {"admin_books", METHOD_GET, "/admin/books", books_show, ROUTE_STAFF(PERM_PURCHASES), CSRF_NONE,
     RATE_PAGE, NULL, 0},
    {"admin_refund", METHOD_POST, "/admin/purchases/{id}/refund", refund_send,
     ROUTE_STAFF(PERM_REFUNDS), CSRF_TOKEN, RATE_PAGE, &refund_form, ADMIN_BODY},
    {0},
};
