/*
 * What became of a request: for members by their account, for everybody else by the secret link of
 * a letter, which first asks for a press of a button, because programs that look into letters open
 * links too. Knows no form of new requests: rights_pages.c.
 */
#include <stdlib.h>

#include "app/routes.h"
#include "app/view/view.h"
#include "common/arena.h"
#include "common/err.h"
#include "common/language.h"
#include "common/rights_store.h"

#define EVENTS_MAX 50

static const struct field token_fields[] = {
    {"token", N_("Link"), FIELD_LINE, RIGHTS_TOKEN - 1, RIGHTS_TOKEN - 1, true, NULL},
};
static const struct form token_form = {token_fields, 1};

static int
put_history(struct request *rq, struct view *v, const struct rights *r, struct err *e)
{
    struct rights_event *list;
    size_t count;
    int rc = rights_store_events(rq->db, r->id, &list, EVENTS_MAX, &count, e);

    if (rc != ST_OK)
        return rc;
    for (size_t i = 0; i < count; i++) {
        struct view *item = view_item(v, "events");
        char date[DATE_TEXT];

        language_date(list[i].created_at, date);
        view_text(item, "date", date);
        view_text(item, "what", rights_what_label(list[i].what));
        view_text(item, "note", list[i].note[0] != '\0' ? list[i].note : NULL);
        view_flag(item, "ours", list[i].what >= RIGHTS_LONGER);
    }
    rights_events_free(list, count);
    return ST_OK;
}

/* `token` NULL = a member's. */
static int
show(struct request *rq, struct response *rs, const struct rights *r, const char *token,
     struct err *e)
{
    struct view *v = view_new(rq->arena);
    char due[DATE_TEXT], *body = NULL;
    int rc = put_history(rq, v, r, e);

    if (rc != ST_OK || (rc = rights_store_body(rq->db, r->id, &body, e)) != ST_OK)
        return rc;
    language_date(r->due_at, due);
    view_text(v, "body", body);
    free(body);
    view_text(v, "kind", rights_kind_label(r->kind));
    view_text(v, "state", rights_state_label(r->state));
    view_text(v, "reason", r->refusal != 0 ? rights_refusal_label(r->refusal) : NULL);
    view_flag(v, "unverified", r->state == RIGHTS_UNVERIFIED);
    view_flag(v, "answered", r->state == RIGHTS_ANSWERED);
    view_flag(v, "refused", r->state == RIGHTS_REFUSED);
    view_text(v, "due", r->state == RIGHTS_OPEN || r->state == RIGHTS_EXTENDED ? due : NULL);
    view_text(v, "token", token);
    rs->no_store = true;
    return page_render(rq, rs, "rights-state", N_("Your request"), v, e);
}

static int
own_show(struct request *rq, struct response *rs, struct err *e)
{
    struct rights r;
    int rc = rights_store_load(rq->db, &rq->ids[0], rq->visitor.account, &r, e);

    return rc == ST_OK ? show(rq, rs, &r, NULL, e) : rc;
}

/* The page of a link that is unknown, or that nobody confirmed in time. */
static int
over(struct request *rq, struct response *rs, struct err *e)
{
    err_clear(e);
    rs->status = 410;
    rs->no_store = true;
    return page_render(rq, rs, "rights-over", N_("This link is over"), view_new(rq->arena), e);
}

static int
linked_show(struct request *rq, struct response *rs, struct err *e)
{
    struct rights r;
    int rc = rq->errors == 0 ? rights_by_token(rq->db, rq->values[0].text, &r, e) : ST_NOTFOUND;

    if (rc == ST_NOTFOUND)
        return over(rq, rs, e);
    return rc == ST_OK ? show(rq, rs, &r, rq->values[0].text, e) : rc;
}

static int
linked_confirm(struct request *rq, struct response *rs, struct err *e)
{
    struct rights r;
    int rc = rq->errors == 0 ? rights_by_token(rq->db, rq->values[0].text, &r, e) : ST_NOTFOUND;

    if (rc == ST_NOTFOUND)
        return over(rq, rs, e);
    if (rc != ST_OK || (rc = rights_confirm(rq->db, &r, e)) != ST_OK ||
        (rc = response_flash(rq, rs, "rights_asked", e)) != ST_OK)
        return rc;
    return response_redirect(
        rq, rs,
        url_for(rq, "rights_linked", NULL, arena_printf(rq->arena, "token=%s", rq->values[0].text)),
        e);
}

const struct route rights_state_routes[] = {
    {"rights_own", METHOD_GET, "/privacy/requests/{id}", own_show, ROUTE_SIGNED_IN, CSRF_NONE,
     RATE_PAGE, NULL, 0},
    {"rights_linked", METHOD_GET, "/privacy/request/state", linked_show, 0, CSRF_NONE, RATE_PAGE,
     &token_form, 0},
    {"rights_confirm", METHOD_POST, "/privacy/request/state", linked_confirm, 0, CSRF_TOKEN,
     RATE_PAGE, &token_form, 1024},
    {0},
};
