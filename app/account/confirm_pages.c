/*
 * Pages behind mailed links: confirming an address, choosing a new password. A link only shows a
 * page, and its button does what is to be done: programs that look through letters follow links
 * too. The rules are in proof.c.
 */
#include <stddef.h>

#include "app/account/account.h"
#include "app/account/proof.h"
#include "app/account/second_pages.h"
#include "app/http/http.h"
#include "app/routes.h"
#include "app/view/view.h"
#include "common/arena.h"
#include "common/err.h"
#include "common/language.h"

#define BODY_MAX 4096

static const struct field token_fields[] = {
    {"token", N_("Link"), FIELD_LINE, PROOF_TOKEN - 1, PROOF_TOKEN - 1, true, NULL},
};
static const struct form token_form = {token_fields, 1};

enum { RESET_TOKEN, RESET_PASSWORD };
static const struct field reset_fields[] = {
    [RESET_TOKEN] = {"token", N_("Link"), FIELD_LINE, PROOF_TOKEN - 1, PROOF_TOKEN - 1, true, NULL},
    [RESET_PASSWORD] = {"password", N_("Password"), FIELD_SECRET, 1, 1000, true, NULL},
};
static const struct form reset_form = {reset_fields, 2};

static const struct field email_fields[] = {
    {"email", N_("E-mail address"), FIELD_LINE, 1, 254, true, NULL},
};
static const struct form email_form = {email_fields, 1};

/* The page of a link that is unknown, used or over. */
static int
stale(struct request *rq, struct response *rs, struct err *e)
{
    struct view *v = view_new(rq->arena);

    err_clear(e);
    view_flag(v, "guest", rq->visitor.account == 0);
    rs->status = 410;
    rs->no_store = true;
    return page_render(rq, rs, "stale", N_("This link is over"), v, e);
}

static int
move_show(struct request *rq, struct response *rs, struct err *e)
{
    struct view *v = view_new(rq->arena);
    struct proof_owner who;
    int rc =
        rq->errors == 0 ? proof_look(rq->db, PROOF_MOVE, rq->values[0].text, &who, e) : ST_NOTFOUND;

    if (rc == ST_NOTFOUND)
        return stale(rq, rs, e);
    if (rc != ST_OK)
        return rc;
    view_text(v, "token", rq->values[0].text);
    view_text(v, "email", who.asked);
    view_text(v, "old", who.email);
    rs->no_store = true;
    return page_render(rq, rs, "move", N_("Confirm your new address"), v, e);
}

static int
move_send(struct request *rq, struct response *rs, struct err *e)
{
    int rc = rq->errors == 0 ? proof_move(rq->db, rq->conf, rq->values[0].text, e) : ST_NOTFOUND;

    if (rc == ST_NOTFOUND)
        return stale(rq, rs, e);
    if (rc != ST_OK || (rc = response_flash(rq, rs, "moved", e)) != ST_OK)
        return rc;
    return response_redirect(
        rq, rs, url_for(rq, rq->visitor.account != 0 ? "account" : "signin", NULL, NULL), e);
}

static int
confirm_show(struct request *rq, struct response *rs, struct err *e)
{
    struct view *v = view_new(rq->arena);
    struct proof_owner who;
    int rc = rq->errors == 0 ? proof_look(rq->db, PROOF_CONFIRM, rq->values[0].text, &who, e)
                             : ST_NOTFOUND;

    if (rc == ST_NOTFOUND)
        return stale(rq, rs, e);
    if (rc != ST_OK)
        return rc;
    view_text(v, "token", rq->values[0].text);
    view_text(v, "email", who.email);
    view_text(v, "name", who.display_name);
    rs->no_store = true;
    return page_render(rq, rs, "confirm", N_("Confirm your address"), v, e);
}

static int
confirm_send(struct request *rq, struct response *rs, struct err *e)
{
    int rc = rq->errors == 0 ? proof_confirm(rq->db, rq->values[0].text, e) : ST_NOTFOUND;

    if (rc == ST_NOTFOUND)
        return stale(rq, rs, e);
    if (rc != ST_OK || (rc = response_flash(rq, rs, "confirmed", e)) != ST_OK)
        return rc;
    return response_redirect(
        rq, rs, url_for(rq, rq->visitor.account != 0 ? "create" : "signin", NULL, NULL), e);
}

static int
confirm_again(struct request *rq, struct response *rs, struct err *e)
{
    int rc = proof_ask_confirm(rq->db, rq->conf, rq->visitor.account, e);

    if (rc == ST_OK)
        rc = response_flash(rq, rs, "letter_sent", e);
    else if (rc == ST_CONFLICT)
        rc = response_flash(rq, rs, "confirmed", e);
    if (rc != ST_OK)
        return rc;
    return response_redirect(
        rq, rs, rq->referer_path[0] != '\0' ? rq->referer_path : url_for(rq, "create", NULL, NULL),
        e);
}

static int
forgotten_show(struct request *rq, struct response *rs, struct err *e)
{
    return page_render(rq, rs, "forgotten", N_("Forgotten password"), view_new(rq->arena), e);
}

static int
forgotten_send(struct request *rq, struct response *rs, struct err *e)
{
    struct view *v = view_new(rq->arena);
    const char *error = rq->values[0].error;
    struct err why = {0};
    int rc = error == NULL ? proof_ask_reset(rq->db, rq->conf, rq->values[0].text, &why) : ST_OK;

    if (rc != ST_OK && rc != ST_INVALID) {
        *e = why;
        return rc;
    }
    if (rc == ST_INVALID)
        error = why.message;
    view_text(v, "email", rq->values[0].text);
    view_text(v, "error", error);
    view_flag(v, "sent", error == NULL);
    if (error != NULL)
        rs->status = 422;
    return page_render(rq, rs, "forgotten",
                       error == NULL ? N_("Look into your mailbox") : N_("Forgotten password"), v,
                       e);
}

static int
reset_page(struct request *rq, struct response *rs, const char *error, struct err *e)
{
    struct view *v = view_new(rq->arena);
    struct proof_owner who;
    int rc = rq->values[RESET_TOKEN].error == NULL
                 ? proof_look(rq->db, PROOF_RESET, rq->values[RESET_TOKEN].text, &who, e)
                 : ST_NOTFOUND;

    if (rc == ST_NOTFOUND)
        return stale(rq, rs, e);
    if (rc != ST_OK)
        return rc;
    view_text(v, "token", rq->values[RESET_TOKEN].text);
    view_text(v, "email", who.email);
    view_text(v, "error", error);
    view_int(v, "password_min", ACCOUNT_PASSWORD_MIN);
    rs->no_store = true;
    if (error != NULL)
        rs->status = 422;
    return page_render(rq, rs, "reset", N_("Choose a new password"), v, e);
}

static int
reset_show(struct request *rq, struct response *rs, struct err *e)
{
    return reset_page(rq, rs, NULL, e);
}

static int
reset_send(struct request *rq, struct response *rs, struct err *e)
{
    struct err why = {0};
    int64_t account;
    int rc;

    if (rq->errors > 0)
        return reset_page(rq, rs, rq->values[RESET_PASSWORD].error, e);
    rc = proof_reset(rq->db, rq->conf, rq->values[RESET_TOKEN].text,
                     rq->values[RESET_PASSWORD].text, &account, &why);
    if (rc == ST_INVALID || rc == ST_NOTFOUND)
        return reset_page(rq, rs, why.message, e);
    if (rc != ST_OK) {
        *e = why;
        return rc;
    }
    return second_or_enter(rq, rs, account, url_for(rq, "create", NULL, NULL), "password_changed",
                           e);
}

const struct route confirm_routes[] = {
    {"confirm", METHOD_GET, "/confirm", confirm_show, 0, CSRF_NONE, RATE_PAGE, &token_form, 0},
    {"confirm_send", METHOD_POST, "/confirm", confirm_send, 0, CSRF_TOKEN, RATE_AUTH, &token_form,
     BODY_MAX},
    {"confirm_again", METHOD_POST, "/confirm/again", confirm_again, ROUTE_SIGNED_IN, CSRF_TOKEN,
     RATE_AUTH, NULL, BODY_MAX},
    {"move", METHOD_GET, "/move", move_show, 0, CSRF_NONE, RATE_PAGE, &token_form, 0},
    {"move_send", METHOD_POST, "/move", move_send, 0, CSRF_TOKEN, RATE_AUTH, &token_form, BODY_MAX},
    {"forgotten", METHOD_GET, "/forgotten", forgotten_show, 0, CSRF_NONE, RATE_PAGE, NULL, 0},
    {"forgotten_send", METHOD_POST, "/forgotten", forgotten_send, 0, CSRF_TOKEN, RATE_AUTH,
     &email_form, BODY_MAX},
    {"reset", METHOD_GET, "/reset", reset_show, 0, CSRF_NONE, RATE_PAGE, &token_form, 0},
    {"reset_send", METHOD_POST, "/reset", reset_send, 0, CSRF_TOKEN, RATE_AUTH, &reset_form,
     BODY_MAX},
    {0},
};
