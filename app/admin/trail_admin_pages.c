/*
 * The audit log, the newest first, with filters. Reading it is a look like any other and stands in
 * it. The log itself is common/audit.h.
 */
#include <stdio.h>
#include <string.h>

#include "app/admin/admin_pages.h"
#include "app/routes.h"
#include "app/view/view.h"
#include "common/arena.h"
#include "common/err.h"
#include "common/language.h"

#define PAGE 50

enum { ACTION, SUBJECT, STAFF, BEFORE };
static const struct field fields[] = {
    [ACTION] = {"action", N_("What"), FIELD_LINE, 0, AUDIT_WORD - 1, false, NULL},
    [SUBJECT] = {"subject", N_("On what"), FIELD_LINE, 0, AUDIT_WORD - 1, false, NULL},
    [STAFF] = {"staff", N_("Who"), FIELD_INT, 0, 9e15, false, NULL},
    [BEFORE] = {"before", N_("Older than"), FIELD_INT, 0, 9e15, false, NULL},
};
static const struct form form = {fields, sizeof fields / sizeof fields[0]};

int
admin_trail_prepare(struct db *db, struct err *e)
{
    return audit_prepare(db, e);
}

static void
put_row(struct request *rq, struct view *item, const struct audit_row *r)
{
    int action = audit_find(r->action);

    view_int(item, "number", r->id);
    admin_put_time(item, "at", r->at);
    view_flag(item, "emptied", r->emptied);
    if (r->emptied)
        return;
    view_text(item, "who", r->staff == 0 ? T(N_("the operator")) : r->staff_name);
    view_text(item, "what",
              action >= 0 ? T(audit_word((enum audit_action)action)->about) : r->action);
    view_text(item, "subject", r->subject[0] != '\0' ? r->subject : NULL);
    view_text(item, "reason", r->reason[0] != '\0' ? r->reason : NULL);
    if (r->subject[0] != '\0')
        view_text(
            item, "same",
            url_for(rq, "admin_trail", NULL, arena_printf(rq->arena, "subject=%s", r->subject)));
    if (r->staff != 0)
        view_text(item, "same_who",
                  url_for(rq, "admin_trail", NULL,
                          arena_printf(rq->arena, "staff=%lld", (long long)r->staff)));
}

/* The filters as a query, for the link to older rows. What is in it needs no encoding: it was
 * compared with the table of actions, or parsed. */
static const char *
older(struct request *rq, const struct audit_filter *f, int64_t last)
{
    return url_for(rq, "admin_trail", NULL,
                   arena_printf(rq->arena, "action=%s&subject=%s&staff=%lld&before=%lld",
                                f->action != NULL ? f->action : "",
                                f->subject != NULL ? f->subject : "", (long long)f->staff,
                                (long long)last));
}

static void
read_filter(const struct request *rq, struct audit_filter *out)
{
    const struct value *v = rq->values;
    struct id id;

    *out = (struct audit_filter){0};
    if (audit_find(v[ACTION].text) >= 0)
        out->action = v[ACTION].text;
    if (id_parse(v[SUBJECT].text, &id) == ST_OK)
        out->subject = v[SUBJECT].text;
    if (v[STAFF].present && v[STAFF].error == NULL)
        out->staff = v[STAFF].i;
    if (v[BEFORE].present && v[BEFORE].error == NULL)
        out->before = v[BEFORE].i;
}

static int
trail_show(struct request *rq, struct response *rs, struct err *e)
{
    struct audit_row *rows = arena_calloc(rq->arena, PAGE, sizeof *rows);
    struct view *v = admin_view(rq);
    struct audit_filter filter;
    size_t count;
    int rc;

    if (rows == NULL)
        return err_set(e, ST_NOMEM, "Please try again later.", "audit rows");
    read_filter(rq, &filter);
    if ((rc = admin_note(rq, AUDIT_LOG_LOOK, NULL, "", e)) != ST_OK ||
        (rc = audit_list(rq->db, &filter, rows, PAGE, &count, e)) != ST_OK)
        return rc;
    for (int i = 0; i < AUDIT_ACTIONS; i++) {
        const struct audit_word *w = audit_word((enum audit_action)i);
        struct view *item = view_item(v, "actions");

        view_text(item, "word", w->word);
        view_text(item, "about", T(w->about));
        view_flag(item, "chosen", filter.action != NULL && strcmp(filter.action, w->word) == 0);
    }
    view_text(v, "subject", filter.subject);
    view_flag(v, "filtered", filter.action != NULL || filter.subject != NULL || filter.staff != 0);
    view_flag(v, "any", count > 0);
    for (size_t i = 0; i < count; i++)
        put_row(rq, view_item(v, "rows"), &rows[i]);
    if (count == PAGE)
        view_text(v, "older", older(rq, &filter, rows[count - 1].id));
    return page_render(rq, rs, "admin-trail", N_("Audit log"), v, e);
}

const struct route admin_trail_routes[] = {
    {"admin_trail", METHOD_GET, "/admin/audit", trail_show, ROUTE_STAFF(PERM_AUDIT), CSRF_NONE,
     RATE_PAGE, &form, 0},
    {0},
};
