/*
 * Accounts: found by their exact address, looked at one by one, restricted and released. A look is
 * written into the audit log before anything is shown. The rules are in people.c.
 */
#include <stdio.h>
#include <string.h>

#include "app/account/account.h"
#include "app/admin/admin_pages.h"
#include "app/admin/people.h"
#include "app/admin/work_store.h"
#include "app/routes.h"
#include "app/view/view.h"
#include "common/arena.h"
#include "common/err.h"
#include "common/language.h"
#include "common/plans.h"
#include "common/ticket_store.h"

#define FOUND_MAX 20
#define JOBS_MAX 20
#define PURCHASES_MAX 20
#define APPEALS_LOOK 20  /* newest questions of a member among which appeals are looked for */
#define MESSAGES_LOOK 20 /* of each */

static const struct field search_fields[] = {
    {"email", N_("E-mail address"), FIELD_LINE, 3, 254, true, NULL},
};
static const struct form search_form = {search_fields, 1};

static const struct field reason_fields[] = {
    {"reason", N_("Reason"), FIELD_TEXT, 3, ADMIN_REASON_MAX, true, NULL},
};
static const struct form reason_form = {reason_fields, 1};

#define WORDS_MAX 4000
#define WORDS_BODY 65536
static const struct field write_fields[] = {
    {"words", N_("Your words"), FIELD_TEXT, 3, WORDS_MAX, true, NULL},
};
static const struct form write_form = {write_fields, 1};

int
admin_people_prepare(struct db *db, struct err *e)
{
    return people_prepare(db, e);
}

/* --- the search --- */

static int
search_page(struct request *rq, struct response *rs, struct view *v, struct err *e)
{
    if (rq->errors > 0) {
        view_text(v, "error", rq->values[0].error);
        rs->status = 422;
    }
    return page_render(rq, rs, "admin-people", N_("Accounts"), v, e);
}

static int
search_show(struct request *rq, struct response *rs, struct err *e)
{
    return search_page(rq, rs, admin_view(rq), e);
}

/* By POST, so that no address stands in a link, a history or a log. */
static int
search_send(struct request *rq, struct response *rs, struct err *e)
{
    struct view *v = admin_view(rq);
    struct id found[FOUND_MAX];
    char key[255];
    size_t count = 0;
    int rc;

    view_text(v, "email", rq->values[0].text);
    if (rq->errors > 0)
        return search_page(rq, rs, v, e);
    if (account_email_key(rq->values[0].text, key, e) != ST_OK) {
        err_clear(e);
        view_flag(v, "none", true);
        return search_page(rq, rs, v, e);
    }
    if ((rc = people_find(rq->db, key, found, FOUND_MAX, &count, e)) != ST_OK ||
        (rc = admin_note(rq, AUDIT_ACCOUNT_SEARCH, count > 0 ? &found[0] : NULL, "", e)) != ST_OK)
        return rc;
    if (count == 1)
        return response_redirect(rq, rs, url_for(rq, "admin_person", &found[0], NULL), e);
    view_flag(v, "none", count == 0);
    view_flag(v, "many", count > 1);
    for (size_t i = 0; i < count; i++) {
        char text[ID_TEXT];
        struct view *item = view_item(v, "found");

        id_format(&found[i], text);
        view_text(item, "id", text);
        view_text(item, "url", url_for(rq, "admin_person", &found[i], NULL));
    }
    return search_page(rq, rs, v, e);
}

/* --- one account --- */

static void
put_person(struct request *rq, struct view *v, const struct person *p)
{
    char id[ID_TEXT];

    id_format(&p->id, id);
    view_text(v, "id", id);
    view_text(v, "person_email", p->email);
    view_text(v, "person_name", p->display_name);
    view_text(v, "person_role", p->role[0] != '\0' ? p->role : NULL);
    view_flag(v, "closed", p->closed);
    view_flag(v, "second", p->second);
    view_flag(v, "limited", p->limited);
    admin_put_time(v, "created", p->created_at);
    admin_put_time(v, "verified", p->verified_at);
    admin_put_time(v, "restricted", p->restricted_at);
    view_text(v, "restriction", p->restriction);
    view_int(v, "available", p->available);
    view_int(v, "held", p->held);
    view_int(v, "open_sessions", p->sessions);
    view_int(v, "pictures", p->pictures);
    view_int(v, "published", p->published);
    if (admin_may(rq, PERM_RESTRICT) && !p->closed && p->role[0] == '\0')
        view_text(
            v, p->restricted_at != 0 ? "release" : "restrict",
            url_for(rq, p->restricted_at != 0 ? "admin_release" : "admin_restrict", &p->id, NULL));
    if (admin_may(rq, PERM_SESSIONS) && p->sessions > 0)
        view_text(v, "end_sessions", url_for(rq, "admin_end_sessions", &p->id, NULL));
    if (admin_may(rq, PERM_TICKETS) && !p->closed)
        view_text(v, "write", url_for(rq, "admin_write", &p->id, NULL));
    if (admin_may(rq, PERM_AUDIT))
        view_text(v, "trail",
                  url_for(rq, "admin_trail", NULL, arena_printf(rq->arena, "subject=%s", id)));
}

static int
put_jobs(struct request *rq, struct view *v, const struct person *p, struct err *e)
{
    struct person_job jobs[JOBS_MAX];
    size_t count = 0;
    int rc;

    if (!admin_may(rq, PERM_JOBS))
        return ST_OK;
    rc = people_jobs(rq->db, p->account, jobs, JOBS_MAX, &count, e);
    view_flag(v, "has_jobs", count > 0);
    for (size_t i = 0; i < count; i++) {
        struct view *item = view_item(v, "jobs");

        admin_put_time(item, "at", jobs[i].queued_at);
        view_text(item, "job", url_for(rq, "admin_job", &jobs[i].id, NULL));
        view_text(item, "state", admin_word(jobs[i].state));
        view_text(item, "kind", admin_word(jobs[i].kind));
        view_text(item, "model", jobs[i].model);
        view_int(item, "images", jobs[i].images);
        view_int(item, "price", jobs[i].price);
    }
    return rc;
}

static int
put_purchases(struct request *rq, struct view *v, const struct person *p, struct err *e)
{
    struct work_purchase *list = arena_calloc(rq->arena, PURCHASES_MAX, sizeof *list);
    size_t count = 0;
    int rc;

    if (!admin_may(rq, PERM_PURCHASES))
        return ST_OK;
    if (list == NULL)
        return err_set(e, ST_NOMEM, "Please try again later.", "purchases");
    rc = work_store_purchases(rq->db, p->account, list, PURCHASES_MAX, &count, e);
    view_flag(v, "has_purchases", count > 0);
    for (size_t i = 0; i < count; i++) {
        struct view *item = view_item(v, "purchases");
        char sum[MONEY_TEXT];

        money_text(list[i].amount, list[i].currency, sum);
        view_text(item, "url", url_for(rq, "admin_purchase", &list[i].id, NULL));
        admin_put_time(item, "at", list[i].created_at);
        view_text(item, "plan", list[i].plan);
        view_text(item, "state", admin_word(list[i].state));
        view_text(item, "amount", sum);
    }
    return rc;
}

/* What the member says against the restriction, for whoever may end it. */
static int
put_appeals(struct request *rq, struct view *v, const struct person *p, struct err *e)
{
    const struct ticket_filter mine = {.state = -1, .account = p->account};
    struct ticket *list = arena_calloc(rq->arena, APPEALS_LOOK, sizeof *list);
    size_t count = 0;
    int rc;

    if (p->restricted_at == 0 || !admin_may(rq, PERM_RESTRICT))
        return ST_OK;
    if (list == NULL)
        return err_set(e, ST_NOMEM, "Please try again later.", "appeals");
    rc = ticket_store_list(rq->db, &mine, list, APPEALS_LOOK, &count, e);
    for (size_t i = 0; i < count && rc == ST_OK; i++) {
        struct ticket_message *said = NULL;
        struct view *item;
        size_t messages = 0;

        if (strcmp(ticket_kinds[list[i].kind], "appeal") != 0 ||
            list[i].created_at < p->restricted_at)
            continue;
        if ((rc = ticket_store_messages(rq->db, list[i].id, &said, MESSAGES_LOOK, &messages, e)) !=
            ST_OK)
            break;
        item = view_item(v, "appeals");
        admin_put_time(item, "at", list[i].created_at);
        view_text(item, "state", ticket_state_label(list[i].state));
        if (admin_may(rq, PERM_TICKETS))
            view_text(item, "question", url_for(rq, "admin_ticket", &list[i].public_id, NULL));
        for (size_t k = 0; k < messages; k++) {
            struct view *one = view_item(item, "said");

            view_flag(one, "staff", said[k].staff);
            view_text(one, "words", said[k].body);
        }
        ticket_messages_free(said, messages);
    }
    return rc;
}

/* `wrong` names the form whose reason is missing; NULL = none. */
static int
person_page(struct request *rq, struct response *rs, const char *wrong, struct err *e)
{
    struct view *v = admin_view(rq);
    struct person p;
    int rc = people_load(rq->db, &rq->ids[0], &p, e);

    if (rc != ST_OK || (rc = admin_note(rq, AUDIT_ACCOUNT_LOOK, &p.id, "", e)) != ST_OK)
        return rc;
    put_person(rq, v, &p);
    if ((rc = put_appeals(rq, v, &p, e)) != ST_OK || (rc = put_jobs(rq, v, &p, e)) != ST_OK ||
        (rc = put_purchases(rq, v, &p, e)) != ST_OK)
        return rc;
    if (wrong != NULL) {
        view_text(v, wrong, rq->values[0].error);
        rs->status = 422;
    }
    return page_render(rq, rs, "admin-person", N_("Account"), v, e);
}

static int
person_show(struct request *rq, struct response *rs, struct err *e)
{
    return person_page(rq, rs, NULL, e);
}

static int
act(struct request *rq, struct response *rs,
    int (*what)(struct db *, const struct people_act *, struct err *), const char *wrong,
    const char *notice, struct err *e)
{
    const struct people_act how = {rq->conf, rq->visitor.account, &rq->ids[0], rq->values[0].text};
    int rc;

    if (rq->errors > 0)
        return person_page(rq, rs, wrong, e);
    if ((rc = what(rq->db, &how, e)) != ST_OK || (rc = response_flash(rq, rs, notice, e)) != ST_OK)
        return rc;
    return response_redirect(rq, rs, url_for(rq, "admin_person", &rq->ids[0], NULL), e);
}

static int
restrict_send(struct request *rq, struct response *rs, struct err *e)
{
    return act(rq, rs, people_restrict, "restrict_error", "restricted", e);
}

static int
release_send(struct request *rq, struct response *rs, struct err *e)
{
    return act(rq, rs, people_release, "release_error", "released", e);
}

static int
words_send(struct request *rq, struct response *rs, struct err *e)
{
    return act(rq, rs, people_write, "write_error", "written_member", e);
}

static int
sessions_send(struct request *rq, struct response *rs, struct err *e)
{
    return act(rq, rs, people_end_sessions, "sessions_error", "sessions_closed", e);
}

const struct route admin_people_routes[] = {
    {"admin_people", METHOD_GET, "/admin/accounts", search_show, ROUTE_STAFF(PERM_ACCOUNTS),
     CSRF_NONE, RATE_PAGE, NULL, 0},
    {"admin_people_send", METHOD_POST, "/admin/accounts", search_send, ROUTE_STAFF(PERM_ACCOUNTS),
     CSRF_TOKEN, RATE_PAGE, &search_form, ADMIN_BODY},
    {"admin_person", METHOD_GET, "/admin/accounts/{id}", person_show, ROUTE_STAFF(PERM_ACCOUNTS),
     CSRF_NONE, RATE_PAGE, NULL, 0},
    {"admin_restrict", METHOD_POST, "/admin/accounts/{id}/restrict", restrict_send,
     ROUTE_STAFF(PERM_RESTRICT), CSRF_TOKEN, RATE_PAGE, &reason_form, ADMIN_BODY},
    {"admin_release", METHOD_POST, "/admin/accounts/{id}/release", release_send,
     ROUTE_STAFF(PERM_RESTRICT), CSRF_TOKEN, RATE_PAGE, &reason_form, ADMIN_BODY},
    {"admin_write", METHOD_POST, "/admin/accounts/{id}/write", words_send,
     ROUTE_STAFF(PERM_TICKETS), CSRF_TOKEN, RATE_SUBMIT, &write_form, WORDS_BODY},
    {"admin_end_sessions", METHOD_POST, "/admin/accounts/{id}/sessions", sessions_send,
     ROUTE_STAFF(PERM_SESSIONS), CSRF_TOKEN, RATE_PAGE, &reason_form, ADMIN_BODY},
    {0},
};
