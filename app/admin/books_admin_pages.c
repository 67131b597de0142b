/*
 * What differs between our books and the processor's lists, as the staff sees it. Read next:
 * common/reconcile.h.
 */
#include "app/admin/admin_pages.h"
#include "app/routes.h"
#include "app/view/view.h"
#include "common/arena.h"
#include "common/err.h"
#include "common/language.h"
#include "common/reconcile.h"

#define LIST_MAX 200

int
admin_books_prepare(struct db *db, struct err *e)
{
    return reconcile_prepare(db, e);
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
    view_int(v, "refunds", r.refunds);
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

const struct route admin_books_routes[] = {
    {"admin_books", METHOD_GET, "/admin/books", books_show, ROUTE_STAFF(PERM_PURCHASES), CSRF_NONE,
     RATE_PAGE, NULL, 0},
    {0},
};
