/*
 * A question and its answers: for members by their account, for everybody else by a secret link.
 * Knows no form of new questions: support_pages.c. The rules are common/ticket.h's.
 */
#include <inttypes.h>
#include <string.h>

#include "app/http/rate.h"
#include "app/routes.h"
#include "app/support/message_form.h"
#include "app/view/view.h"
#include "common/arena.h"
#include "common/clock.h"
#include "common/err.h"
#include "common/language.h"
#include "common/ticket_store.h"

#define LIST_MAX 50
#define MESSAGES_MAX 200
#define FILES_MAX 100

enum { TOKEN = MESSAGE_OWN, FIELDS };
static const struct field fields[FIELDS] = {
    MESSAGE_FIELDS,
    [TOKEN] = {"token", N_("Link"), FIELD_LINE, 0, 80, false, NULL},
};
static const struct form answer_form = {fields, FIELDS};

static const struct field token_fields[] = {
    {"token", N_("Link"), FIELD_LINE, TICKET_TOKEN - 1, TICKET_TOKEN - 1, true, NULL},
};
static const struct form token_form = {token_fields, 1};

static void
show_head(struct view *v, const struct ticket *t)
{
    char date[DATE_TEXT];

    language_date(t->changed_at, date);
    view_text(v, "subject", t->subject);
    view_text(v, "kind", ticket_kind_label(t->kind));
    view_text(v, "state", ticket_state_label(t->state));
    view_flag(v, "waits", t->state == TICKET_WAITING);
    view_flag(v, "open", t->state == TICKET_OPEN);
    view_flag(v, "resolved", t->state == TICKET_RESOLVED);
    view_text(v, "date", date);
}

static int
tickets_show(struct request *rq, struct response *rs, struct err *e)
{
    struct ticket *list = arena_calloc(rq->arena, LIST_MAX, sizeof *list);
    const struct ticket_filter filter = {.state = -1, .account = rq->visitor.account};
    struct view *v = view_new(rq->arena);
    size_t count;
    int rc;

    if (list == NULL)
        return err_set(e, ST_NOMEM, "Please try again later.", "tickets");
    if ((rc = ticket_store_list(rq->db, &filter, list, LIST_MAX, &count, e)) != ST_OK)
        return rc;
    for (size_t i = 0; i < count; i++) {
        struct view *item = view_item(v, "tickets");
        show_head(item, &list[i]);
        view_text(item, "page", url_for(rq, "ticket", &list[i].public_id, NULL));
    }
    view_flag(v, "any", count > 0);
    return page_render(rq, rs, "tickets", N_("Your questions"), v, e);
}

static int
show_messages(struct request *rq, struct view *v, const struct ticket *t, struct err *e)
{
    struct ticket_file *files = arena_calloc(rq->arena, FILES_MAX, sizeof *files);
    struct ticket_message *list;
    size_t count, file_count;
    int rc;

    if (files == NULL)
        return err_set(e, ST_NOMEM, "Please try again later.", "a ticket's files");
    if ((rc = ticket_store_files(rq->db, t->id, files, FILES_MAX, &file_count, e)) != ST_OK ||
        (rc = ticket_store_messages(rq->db, t->id, &list, MESSAGES_MAX, &count, e)) != ST_OK)
        return rc;
    for (size_t i = 0; i < count; i++) {
        struct view *item = view_item(v, "messages");
        char date[DATE_TEXT];
        int pictures = 0;

        language_date(list[i].created_at, date);
        view_text(item, "date", date);
        view_flag(item, "staff", list[i].staff);
        view_text(item, "body", list[i].body);
        for (size_t k = 0; k < file_count; k++)
            pictures += files[k].message == list[i].id;
        if (pictures > 0)
            view_text(
                item, "with",
                arena_printf(rq->arena,
                             TN("with %d picture", "with %d pictures", (unsigned long)pictures),
                             pictures));
    }
    ticket_messages_free(list, count);
    return ST_OK;
}

/* One ticket with the form for more; `why` = what is wrong with what was sent. */
static int
show(struct request *rq, struct response *rs, const struct ticket *t, const char *token, bool sent,
     const char *why, struct err *e)
{
    const char *send = token != NULL ? url_for(rq, "linked_send", NULL, NULL)
                                     : url_for(rq, "ticket_send", &t->public_id, NULL);
    const char *close = token != NULL ? url_for(rq, "linked_close", NULL, NULL)
                                      : url_for(rq, "ticket_close", &t->public_id, NULL);
    struct view *v = view_new(rq->arena);
    int rc = show_messages(rq, v, t, e);

    if (rc != ST_OK)
        return rc;
    show_head(v, t);
    message_show(rq, v, sent);
    view_text(v, "send_url", send);
    view_text(v, "close_url", close);
    view_text(v, "token", token);
    view_text(v, "why", why);
    rs->no_store = true;
    return page_render(rq, rs, "ticket", N_("Your question"), v, e);
}

/* Whose ticket it is: by the account, or by the link's secret (`token` not NULL). */
static int
find(struct request *rq, const char *token, struct ticket *t, struct err *e)
{
    if (token != NULL)
        return ticket_by_token(rq->db, token, t, e);
    return ticket_store_load(rq->db, &rq->ids[0], rq->visitor.account, t, e);
}

static int
add(struct request *rq, struct response *rs, const char *token, struct err *e)
{
    struct ticket_words words;
    struct err cause = {0};
    struct ticket t;
    int rc = find(rq, token, &t, e);

    if (rc != ST_OK)
        return rc;
    if (rq->errors > 0) {
        rs->status = 422;
        return show(rq, rs, &t, token, true, NULL, e);
    }
    message_read(rq, &words);
    if ((rc = rate_count(rq, RATE_WRITE, &cause)) == ST_OK)
        rc = ticket_add(rq->db, rq->conf, &t, &words, &cause);
    if (rc == ST_LIMIT || rc == ST_INVALID) {
        rs->status = rc == ST_LIMIT ? 429 : 422;
        return show(rq, rs, &t, token, true, cause.message, e);
    }
    *e = cause;
    return rc;
}

static const char *
back(struct request *rq, const char *token)
{
    return token != NULL ? url_for(rq, "linked", NULL, arena_printf(rq->arena, "token=%s", token))
                         : url_for(rq, "ticket", &rq->ids[0], NULL);
}

static int
after_add(struct request *rq, struct response *rs, const char *token, struct err *e)
{
    int rc = add(rq, rs, token, e);

    if (rc != ST_OK || rs->status >= 400 || (rc = response_flash(rq, rs, "said", e)) != ST_OK)
        return rc;
    return response_redirect(rq, rs, back(rq, token), e);
}

static int
end(struct request *rq, struct response *rs, const char *token, struct err *e)
{
    struct ticket t;
    int rc = find(rq, token, &t, e);

    if (rc != ST_OK || (rc = ticket_close(rq->db, &t, e)) != ST_OK ||
        (rc = response_flash(rq, rs, "ticket_closed", e)) != ST_OK)
        return rc;
    return response_redirect(rq, rs, back(rq, token), e);
}

static int
ticket_show(struct request *rq, struct response *rs, struct err *e)
{
    struct ticket t;
    int rc = find(rq, NULL, &t, e);

    return rc == ST_OK ? show(rq, rs, &t, NULL, false, NULL, e) : rc;
}

static int
ticket_send(struct request *rq, struct response *rs, struct err *e)
{
    return after_add(rq, rs, NULL, e);
}

static int
ticket_end(struct request *rq, struct response *rs, struct err *e)
{
    return end(rq, rs, NULL, e);
}

/* The page of a link that is unknown or whose ticket is gone. */
static int
stale(struct request *rq, struct response *rs, struct err *e)
{
    struct view *v = view_new(rq->arena);

    err_clear(e);
    rs->status = 410;
    rs->no_store = true;
    return page_render(rq, rs, "ticket-gone", N_("This link is over"), v, e);
}

static int
linked_show(struct request *rq, struct response *rs, struct err *e)
{
    const char *token = rq->values[0].text;
    struct ticket t;
    int rc = rq->errors == 0 ? find(rq, token, &t, e) : ST_NOTFOUND;

    if (rc == ST_NOTFOUND)
        return stale(rq, rs, e);
    return rc == ST_OK ? show(rq, rs, &t, token, false, NULL, e) : rc;
}

static int
linked_send(struct request *rq, struct response *rs, struct err *e)
{
    int rc = after_add(rq, rs, rq->values[TOKEN].text, e);

    return rc == ST_NOTFOUND ? stale(rq, rs, e) : rc;
}

static int
linked_end(struct request *rq, struct response *rs, struct err *e)
{
    int rc = rq->errors == 0 ? end(rq, rs, rq->values[0].text, e) : ST_NOTFOUND;

    return rc == ST_NOTFOUND ? stale(rq, rs, e) : rc;
}

const struct route ticket_routes[] = {
    {"tickets", METHOD_GET, "/support/tickets", tickets_show, ROUTE_SIGNED_IN, CSRF_NONE, RATE_PAGE,
     NULL, 0},
    {"ticket", METHOD_GET, "/support/tickets/{id}", ticket_show, ROUTE_SIGNED_IN, CSRF_NONE,
     RATE_PAGE, NULL, 0},
    {"ticket_send", METHOD_POST, "/support/tickets/{id}", ticket_send, ROUTE_SIGNED_IN, CSRF_TOKEN,
     RATE_PAGE, &answer_form, MESSAGE_BODY_MAX},
    {"ticket_close", METHOD_POST, "/support/tickets/{id}/close", ticket_end, ROUTE_SIGNED_IN,
     CSRF_TOKEN, RATE_SUBMIT, NULL, 1024},
    {"linked", METHOD_GET, "/support/ticket", linked_show, 0, CSRF_NONE, RATE_PAGE, &token_form, 0},
    {"linked_send", METHOD_POST, "/support/ticket", linked_send, 0, CSRF_TOKEN, RATE_PAGE,
     &answer_form, MESSAGE_BODY_MAX},
    {"linked_close", METHOD_POST, "/support/ticket/close", linked_end, 0, CSRF_TOKEN, RATE_SUBMIT,
     &token_form, 1024},
    {0},
};
