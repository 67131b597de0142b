/*
 * Writing to the people who run the site, with an account or without. What comes of it is
 * ticket_pages.c; the rules are common/ticket.h's.
 */
#include "app/http/rate.h"
#include "app/http/stamp.h"
#include "app/routes.h"
#include "app/support/message_form.h"
#include "app/view/view.h"
#include "common/conf.h"
#include "common/err.h"
#include "common/language.h"
#include "common/ticket.h"

enum { KIND = MESSAGE_OWN, EMAIL, STAMP, TRAP, FIELDS };

static const struct field fields[FIELDS] = {
    MESSAGE_FIELDS,
    [KIND] = {"kind", N_("What it is about"), FIELD_CHOICE, 0, 0, true, ticket_kinds},
    [EMAIL] = {"email", N_("E-mail address"), FIELD_LINE, 0, 254, false, NULL},
    [STAMP] = {"stamp", N_("Form"), FIELD_LINE, 0, 80, false, NULL},
    [TRAP] = {"website", N_("Form"), FIELD_LINE, 0, 2000, false, NULL},
};
static const struct form support_form = {fields, FIELDS};

enum { START_KIND };
static const struct field start_fields[] = {
    [START_KIND] = {"about", N_("What it is about"), FIELD_CHOICE, 0, 0, false, ticket_kinds},
};
static const struct form start_form = {start_fields, 1};

/* The form, empty or with what was typed; `why` = what is wrong with the whole. */
static int
show(struct request *rq, struct response *rs, bool sent, int kind, const char *stamp,
     const char *why, struct err *e)
{
    struct view *v = view_new(rq->arena);

    message_show(rq, v, sent);
    for (int i = 0; ticket_kinds[i] != NULL; i++) {
        struct view *item = view_item(v, "kinds");
        view_text(item, "word", ticket_kinds[i]);
        view_text(item, "label", ticket_kind_label(i));
        view_flag(item, "chosen", i == kind);
    }
    if (sent) {
        view_text(v, "kind_error", rq->values[KIND].error);
        view_text(v, "email_error", rq->values[EMAIL].error);
        view_text(v, "email", rq->values[EMAIL].text);
    }
    view_text(v, "why", why);
    view_text(v, "stamp", stamp != NULL ? stamp : stamp_make(rq));
    view_flag(v, "guest", rq->visitor.account == 0);
    if (rq->visitor.account != 0)
        view_text(v, "address", rq->visitor.email);
    if (rq->conf->site.contact[0] != '\0')
        view_text(v, "contact", rq->conf->site.contact);
    rs->no_store = true;
    return page_render(rq, rs, "support", N_("Write to us"), v, e);
}

static int
support_show(struct request *rq, struct response *rs, struct err *e)
{
    const struct value *about = &rq->values[START_KIND];

    return show(rq, rs, false, about->present && about->error == NULL ? (int)about->i : -1, NULL,
                NULL, e);
}

/* Comes back with everything typed. */
static int
refuse(struct request *rq, struct response *rs, int status, const char *stamp, const char *why,
       struct err *e)
{
    const struct value *kind = &rq->values[KIND];

    rs->status = status;
    return show(rq, rs, true, kind->error == NULL ? (int)kind->i : -1, stamp, why, e);
}

static int
support_send(struct request *rq, struct response *rs, struct err *e)
{
    struct value *v = rq->values;
    struct ticket_asker who = {rq->visitor.account, v[EMAIL].text,
                               languages[language_current()].tag};
    const char *stamp = v[STAMP].text, *why;
    struct ticket_words words;
    struct err cause = {0};
    struct id ticket;
    bool again;
    int rc;

    if (who.account == 0 && v[EMAIL].error == NULL && v[EMAIL].len == 0) {
        v[EMAIL].error = T("Without an address we cannot answer. Please fill it in.");
        rq->errors++;
    }
    why = stamp_suspect(rq, stamp, v[TRAP].text, v[MESSAGE_WORDS].text, &again);
    stamp = again ? stamp : NULL;
    if (rq->errors > 0 || why != NULL)
        return refuse(rq, rs, 422, stamp, rq->errors > 0 ? NULL : why, e);
    if ((rc = rate_count(rq, RATE_WRITE, &cause)) == ST_LIMIT)
        return refuse(rq, rs, 429, stamp, cause.message, e);
    message_read(rq, &words);
    if (rc == ST_OK)
        rc = ticket_ask(rq->db, rq->conf, &who, (int)v[KIND].i, &words, &ticket, &cause);
    if (rc == ST_INVALID)
        return refuse(rq, rs, 422, stamp, cause.message, e);
    if (rc != ST_OK) {
        *e = cause;
        return rc;
    }
    if ((rc = response_flash(rq, rs, who.account != 0 ? "asked" : "asked_guest", e)) != ST_OK)
        return rc;
    return response_redirect(rq, rs,
                             who.account != 0 ? url_for(rq, "ticket", &ticket, NULL)
                                              : url_for(rq, "contact", NULL, NULL),
                             e);
}

const struct route support_routes[] = {
    {"support", METHOD_GET, "/support", support_show, 0, CSRF_NONE, RATE_PAGE, &start_form, 0},
    {"support_send", METHOD_POST, "/support", support_send, 0, CSRF_TOKEN, RATE_PAGE, &support_form,
     MESSAGE_BODY_MAX},
    {0},
};
