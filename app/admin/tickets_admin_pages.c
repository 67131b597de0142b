/*
 * Questions to the people who run the site: the queue, one with all that was said, answering and
 * closing. The rules and the letters are common/ticket.h's. A change and its row in the audit log
 * are one transaction.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "app/admin/admin_pages.h"
#include "app/routes.h"
#include "app/view/view.h"
#include "common/arena.h"
#include "common/db.h"
#include "common/err.h"
#include "common/language.h"
#include "common/ticket_store.h"

#define LIST_MAX 50
#define MESSAGES_MAX 200
#define FILES_MAX 100
#define ANSWER_BODY 65536

static const char *const states[] = {"open", "waiting", "resolved", NULL};

static const struct field list_fields[] = {
    {"state", N_("State"), FIELD_CHOICE, 0, 0, false, states},
};
static const struct form list_form = {list_fields, 1};

enum { ANSWER, RESOLVED };
static const struct field answer_fields[] = {
    [ANSWER] = {"answer", N_("Answer"), FIELD_TEXT, 1, TICKET_BODY_MAX, true, NULL},
    [RESOLVED] = {"resolved", N_("Settled"), FIELD_CHECK, 0, 0, false, NULL},
};
static const struct form answer_form = {answer_fields, 2};

static const struct field file_fields[] = {
    {"file", N_("File"), FIELD_INT, 1, 9e15, true, NULL},
};
static const struct form file_form = {file_fields, 1};

int
admin_tickets_prepare(struct db *db, struct err *e)
{
    return ticket_prepare(db, e);
}

int
admin_tickets_waiting(struct db *db, struct admin_waiting *out, struct err *e)
{
    const struct ticket_filter open = {.state = TICKET_OPEN};
    struct ticket first;
    size_t count;
    int rc;

    out->about = N_("the oldest question is from");
    if ((rc = ticket_store_open(db, &out->count, e)) != ST_OK || out->count == 0)
        return rc;
    rc = ticket_store_list(db, &open, &first, 1, &count, e);
    out->due = rc == ST_OK && count == 1 ? first.changed_at : 0;
    return rc;
}

static void
put_head(struct view *v, const struct ticket *t)
{
    view_text(v, "ticket_subject", t->subject);
    view_text(v, "kind", ticket_kind_label(t->kind));
    view_text(v, "state", ticket_state_label(t->state));
    view_flag(v, "open", t->state == TICKET_OPEN);
    view_flag(v, "member", t->account != 0);
    admin_put_time(v, "changed", t->changed_at);
}

static int
list_show(struct request *rq, struct response *rs, struct err *e)
{
    const struct value *asked = &rq->values[0];
    int state = asked->present && asked->error == NULL ? (int)asked->i : TICKET_OPEN;
    const struct ticket_filter filter = {.state = state};
    struct ticket *list = arena_calloc(rq->arena, LIST_MAX, sizeof *list);
    struct view *v = admin_view(rq);
    size_t count;
    int rc;

    if (list == NULL)
        return err_set(e, ST_NOMEM, "Please try again later.", "tickets");
    if ((rc = admin_note(rq, AUDIT_TICKET_LIST, NULL, "", e)) != ST_OK ||
        (rc = ticket_store_list(rq->db, &filter, list, LIST_MAX, &count, e)) != ST_OK)
        return rc;
    for (int i = 0; states[i] != NULL; i++) {
        struct view *item = view_item(v, "states");

        view_text(item, "label", ticket_state_label((enum ticket_state)i));
        view_flag(item, "current", i == state);
        view_text(
            item, "url",
            url_for(rq, "admin_tickets", NULL, arena_printf(rq->arena, "state=%s", states[i])));
    }
    view_flag(v, "any", count > 0);
    for (size_t i = 0; i < count; i++) {
        struct view *item = view_item(v, "tickets");

        put_head(item, &list[i]);
        view_text(item, "url", url_for(rq, "admin_ticket", &list[i].public_id, NULL));
    }
    return page_render(rq, rs, "admin-tickets", N_("Questions"), v, e);
}

static int
put_messages(struct request *rq, struct view *v, const struct ticket *t, struct err *e)
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

        admin_put_time(item, "at", list[i].created_at);
        view_flag(item, "staff", list[i].staff);
        view_text(item, "body", list[i].body);
        for (size_t k = 0; k < file_count; k++) {
            struct view *file;

            if (files[k].message != list[i].id)
                continue;
            file = view_item(item, "files");
            view_int(file, "number", files[k].id);
            view_text(file, "url",
                      url_for(rq, "admin_ticket_file", &t->public_id,
                              arena_printf(rq->arena, "file=%" PRId64, files[k].id)));
        }
    }
    ticket_messages_free(list, count);
    return ST_OK;
}

static int
ticket_page(struct request *rq, struct response *rs, struct err *e)
{
    struct view *v = admin_view(rq);
    struct ticket t;
    int rc;

    if ((rc = ticket_store_load(rq->db, &rq->ids[0], 0, &t, e)) != ST_OK ||
        (rc = admin_note(rq, AUDIT_TICKET_LOOK, &t.public_id, "", e)) != ST_OK ||
        (rc = put_messages(rq, v, &t, e)) != ST_OK)
        return rc;
    put_head(v, &t);
    view_text(v, "email_from", t.email[0] != '\0' ? t.email : NULL);
    view_text(v, "answer_url", url_for(rq, "admin_ticket_answer", &t.public_id, NULL));
    if (t.state != TICKET_RESOLVED)
        view_text(v, "close", url_for(rq, "admin_ticket_close", &t.public_id, NULL));
    if (rq->errors > 0) {
        view_text(v, "answer_error", rq->values[ANSWER].error);
        view_text(v, "answer", rq->values[ANSWER].text);
        rs->status = 422;
    }
    return page_render(rq, rs, "admin-ticket", N_("Question"), v, e);
}

struct reply {
    struct request *rq;
    bool close; /* without a word */
};

static int
reply_body(struct db *db, void *arg, struct err *e)
{
    const struct reply *r = arg;
    struct request *rq = r->rq;
    struct ticket t;
    int rc = ticket_store_load(db, &rq->ids[0], 0, &t, e);

    if (rc == ST_OK)
        rc = r->close ? ticket_close(db, &t, e)
                      : ticket_answer(db, rq->conf, &t, rq->values[ANSWER].text,
                                      rq->values[RESOLVED].i == 1, e);
    return rc == ST_OK ? admin_note(rq, r->close ? AUDIT_TICKET_CLOSE : AUDIT_TICKET_ANSWER,
                                    &rq->ids[0], "", e)
                       : rc;
}

static int
reply(struct request *rq, struct response *rs, bool close, struct err *e)
{
    struct reply r = {rq, close};
    int rc = db_transaction(rq->db, reply_body, &r, e);

    if (rc != ST_OK ||
        (rc = response_flash(rq, rs, close ? "ticket_closed" : "ticket_answered", e)) != ST_OK)
        return rc;
    return response_redirect(rq, rs, url_for(rq, "admin_tickets", NULL, NULL), e);
}

static int
answer_send(struct request *rq, struct response *rs, struct err *e)
{
    return rq->errors > 0 ? ticket_page(rq, rs, e) : reply(rq, rs, false, e);
}

static int
close_send(struct request *rq, struct response *rs, struct err *e)
{
    return reply(rq, rs, true, e);
}

/* Made anew when it came (common/recode.h), so that it can be shown. */
static int
file_send(struct request *rq, struct response *rs, struct err *e)
{
    struct ticket t;
    void *data = NULL;
    size_t size;
    int rc;

    if (rq->errors > 0)
        return err_set(e, ST_NOTFOUND, "There is no such file.", NULL);
    if ((rc = ticket_store_load(rq->db, &rq->ids[0], 0, &t, e)) != ST_OK ||
        (rc = admin_note(rq, AUDIT_TICKET_FILE, &t.public_id, "", e)) != ST_OK ||
        (rc = ticket_store_file(rq->db, t.id, rq->values[0].i, &data, &size, e)) != ST_OK)
        return rc;
    rc = response_header(rs, "Content-Disposition", "attachment; filename=\"attachment.webp\"", e);
    rs->type = "image/webp";
    rs->no_store = true;
    text_put(&rs->body, data, size);
    free(data);
    return rc;
}

const struct route admin_tickets_routes[] = {
    {"admin_tickets", METHOD_GET, "/admin/tickets", list_show, ROUTE_STAFF(PERM_TICKETS), CSRF_NONE,
     RATE_PAGE, &list_form, 0},
    {"admin_ticket", METHOD_GET, "/admin/tickets/{id}", ticket_page, ROUTE_STAFF(PERM_TICKETS),
     CSRF_NONE, RATE_PAGE, NULL, 0},
    {"admin_ticket_file", METHOD_GET, "/admin/tickets/{id}/file", file_send,
     ROUTE_STAFF(PERM_TICKETS), CSRF_NONE, RATE_PAGE, &file_form, 0},
    {"admin_ticket_answer", METHOD_POST, "/admin/tickets/{id}/answer", answer_send,
     ROUTE_STAFF(PERM_TICKETS), CSRF_TOKEN, RATE_PAGE, &answer_form, ANSWER_BODY},
    {"admin_ticket_close", METHOD_POST, "/admin/tickets/{id}/close", close_send,
     ROUTE_STAFF(PERM_TICKETS), CSRF_TOKEN, RATE_PAGE, NULL, 1024},
    {0},
};
