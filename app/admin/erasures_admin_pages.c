/*
 * Deletions of accounts, for whoever answers for privacy: what waits for the end of its grace, what
 * runs, what is late, and the receipts of what is done, which name nobody. The steward deletes;
 * here nothing is changed. Read next: common/erasure.h.
 */
#include "app/admin/admin_pages.h"
#include "app/admin/erasures_store.h"
#include "app/routes.h"
#include "app/view/view.h"
#include "common/arena.h"
#include "common/clock.h"
#include "common/err.h"
#include "common/language.h"

#define LIST_MAX 100

int
admin_erasures_prepare(struct db *db, struct err *e)
{
    return erasures_store_prepare(db, e);
}

/* A deletion that is late waits for a person: the steward stands still, or something hinders it. */
int
admin_erasures_waiting(struct db *db, struct admin_waiting *out, struct err *e)
{
    out->about = N_("Deletions that should be done; the first since");
    return erasures_store_late(db, clock_now(), &out->count, &out->due, e);
}

static const char *
state_of(const struct erasure_wait *w, int64_t now)
{
    if (w->running)
        return T("is being deleted");
    if (w->due_at > now)
        return T("can be taken back");
    return w->jobs > 0 ? T("waits for its jobs to end") : T("waits for the steward");
}

static int
put_waiting(struct request *rq, struct view *v, struct err *e)
{
    struct erasure_wait *list = arena_calloc(rq->arena, LIST_MAX, sizeof *list);
    int64_t now = clock_now();
    size_t count = 0;
    int rc;

    if (list == NULL)
        return err_set(e, ST_NOMEM, "Please try again later.", "deletions");
    if ((rc = erasures_store_waiting(rq->db, list, LIST_MAX, &count, e)) != ST_OK)
        return rc;
    view_flag(v, "any_waiting", count > 0);
    for (size_t i = 0; i < count; i++) {
        struct view *item = view_item(v, "waiting");

        if (admin_may(rq, PERM_ACCOUNTS))
            view_text(item, "account", url_for(rq, "admin_person", &list[i].account, NULL));
        admin_put_time(item, "asked", list[i].asked_at);
        admin_put_time(item, "due", list[i].due_at);
        view_text(item, "state", state_of(&list[i], now));
        view_flag(item, "late", list[i].due_at + ERASURES_LATE < now);
    }
    return ST_OK;
}

static int
put_ended(struct request *rq, struct view *v, struct err *e)
{
    struct erasure_end *list = arena_calloc(rq->arena, LIST_MAX, sizeof *list);
    size_t count = 0;
    int rc;

    if (list == NULL)
        return err_set(e, ST_NOMEM, "Please try again later.", "deletions");
    if ((rc = erasures_store_ended(rq->db, list, LIST_MAX, &count, e)) != ST_OK)
        return rc;
    view_flag(v, "any_ended", count > 0);
    for (size_t i = 0; i < count; i++) {
        struct view *item = view_item(v, "ended");
        char code[ID_TEXT];

        id_format(&list[i].code, code);
        view_text(item, "code", code);
        admin_put_time(item, "asked", list[i].asked_at);
        admin_put_time(item, "done", list[i].done_at);
    }
    return ST_OK;
}

static int
erasures_show(struct request *rq, struct response *rs, struct err *e)
{
    struct view *v = admin_view(rq);
    int rc;

    if ((rc = admin_note(rq, AUDIT_ERASURE_LIST, NULL, "", e)) != ST_OK ||
        (rc = put_waiting(rq, v, e)) != ST_OK || (rc = put_ended(rq, v, e)) != ST_OK)
        return rc;
    return page_render(rq, rs, "admin-erasures", N_("Deletions"), v, e);
}

const struct route admin_erasures_routes[] = {
    {"admin_erasures", METHOD_GET, "/admin/deletions", erasures_show, ROUTE_STAFF(PERM_RIGHTS),
     CSRF_NONE, RATE_PAGE, NULL, 0},
    {0},
};
