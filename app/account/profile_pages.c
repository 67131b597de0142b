/*
 * The account's page: name, address, password, where one is signed in. Each form posts to an
 * address of its own; what was refused is shown on the same page beside its field. The rules are in
 * profile.c and proof.c.
 */
#include <stddef.h>

#include "app/account/account.h"
#include "app/account/profile.h"
#include "app/account/proof.h"
#include "app/account/second_pages.h"
#include "app/http/cookie.h"
#include "app/http/http.h"
#include "app/http/session.h"
#include "app/routes.h"
#include "app/view/view.h"
#include "common/arena.h"
#include "common/err.h"
#include "common/language.h"

#define BODY_MAX 8192
#define SESSIONS_MAX 50

static const struct field name_fields[] = {
    {"display_name", N_("Name"), FIELD_LINE, 1, 80, true, NULL},
};
static const struct form name_form = {name_fields, 1};

static const struct field speak_fields[] = {
    {"language", N_("Language"), FIELD_LINE, 0, LANGUAGE_TAG - 1, false, NULL},
};
static const struct form speak_form = {speak_fields, 1};

enum { MOVE_EMAIL, MOVE_PASSWORD };
static const struct field move_fields[] = {
    [MOVE_EMAIL] = {"email", N_("E-mail address"), FIELD_LINE, 3, 254, true, NULL},
    [MOVE_PASSWORD] = {"password", N_("Password"), FIELD_SECRET, 1, 1000, true, NULL},
};
static const struct form move_form = {move_fields, 2};

enum { CHANGE_NOW, CHANGE_NEXT };
static const struct field change_fields[] = {
    [CHANGE_NOW] = {"now", N_("Password"), FIELD_SECRET, 1, 1000, true, NULL},
    [CHANGE_NEXT] = {"next", N_("New password"), FIELD_SECRET, 1, 1000, true, NULL},
};
static const struct form change_form = {change_fields, 2};

/* What was typed and refused, by the names that the template knows. */
struct refused {
    const char *name, *name_error;
    const char *email, *email_error, *email_password_error;
    const char *now_error, *next_error;
    const char *sent_to; /* a letter went to this address */
};

static int
put_sessions(struct request *rq, struct view *v, struct err *e)
{
    struct session_row rows[SESSIONS_MAX];
    size_t count;
    char date[DATE_TEXT], id[ID_TEXT];
    int rc = session_list(rq, rows, SESSIONS_MAX, &count, e);

    for (size_t i = 0; rc == ST_OK && i < count; i++) {
        struct view *item = view_item(v, "sessions");

        view_text(item, "browser", rows[i].whence.browser);
        view_text(item, "region", rows[i].whence.region);
        view_flag(item, "current", rows[i].current);
        language_date(rows[i].last_seen_at, date);
        view_text(item, "last_seen", date);
        id_format(&rows[i].id, id);
        view_text(item, "id", id);
        view_text(item, "end", url_for(rq, "session_end", &rows[i].id, NULL));
    }
    view_flag(v, "others", count > 1);
    return rc;
}

static void
put_languages(const struct request *rq, struct view *v)
{
    for (int i = 0; i < LANGUAGES; i++) {
        struct view *item = view_item(v, "spoken");

        view_text(item, "tag", languages[i].tag);
        view_text(item, "name", languages[i].name);
        view_flag(item, "chosen", i == rq->visitor.language);
    }
}

static int
show(struct request *rq, struct response *rs, const struct refused *r, struct err *e)
{
    struct view *v = view_new(rq->arena);
    bool wrong = r->name_error != NULL || r->email_error != NULL ||
                 r->email_password_error != NULL || r->now_error != NULL || r->next_error != NULL;
    int rc;

    view_text(v, "name", r->name != NULL ? r->name : rq->visitor.display_name);
    view_text(v, "name_error", r->name_error);
    view_text(v, "email", rq->visitor.email);
    view_flag(v, "verified", rq->visitor.verified);
    view_text(v, "new_email", r->email);
    view_text(v, "email_error", r->email_error);
    view_text(v, "email_password_error", r->email_password_error);
    view_text(v, "now_error", r->now_error);
    view_text(v, "next_error", r->next_error);
    view_text(v, "sent_to", r->sent_to);
    view_int(v, "password_min", ACCOUNT_PASSWORD_MIN);
    put_languages(rq, v);
    if ((rc = put_sessions(rq, v, e)) != ST_OK || (rc = second_put(rq, v, e)) != ST_OK)
        return rc;
    if (wrong)
        rs->status = 422;
    return page_render(rq, rs, "account", wrong ? N_("Please check: account") : N_("Account"), v,
                       e);
}

static int
account_show(struct request *rq, struct response *rs, struct err *e)
{
    return show(rq, rs, &(struct refused){0}, e);
}

/* Back to the page with a notice. */
static int
done(struct request *rq, struct response *rs, const char *notice, struct err *e)
{
    int rc = response_flash(rq, rs, notice, e);

    return rc == ST_OK ? response_redirect(rq, rs, url_for(rq, "account", NULL, NULL), e) : rc;
}

static int
rename_send(struct request *rq, struct response *rs, struct err *e)
{
    struct refused r = {.name = rq->values[0].text, .name_error = rq->values[0].error};
    struct err why = {0};
    int rc = ST_OK;

    if (r.name_error == NULL)
        rc = profile_rename(rq->db, rq->visitor.account, r.name, &why);
    if (rc == ST_INVALID)
        r.name_error = why.message;
    if (r.name_error != NULL)
        return show(rq, rs, &r, e);
    if (rc != ST_OK) {
        *e = why;
        return rc;
    }
    return done(rq, rs, "renamed", e);
}

/* The pages in this browser follow at once. */
static int
speak_send(struct request *rq, struct response *rs, struct err *e)
{
    const char *tag = rq->values[0].text;
    bool none = tag == NULL || tag[0] == '\0';
    int rc;

    if (rq->errors > 0 || (!none && language_find(tag) < 0))
        return err_set(e, ST_INVALID, "This language is not among those offered.", NULL);
    if (none)
        rc = cookie_set(rs, rq->tls, LANGUAGE_COOKIE, "", 0, e);
    else
        rc = cookie_set(rs, rq->tls, LANGUAGE_COOKIE, tag, LANGUAGE_COOKIE_SECONDS, e);
    if (rc == ST_OK)
        rc = profile_speak(rq->db, rq->visitor.account, none ? NULL : tag, e);
    return rc == ST_OK ? done(rq, rs, "language_changed", e) : rc;
}

static int
move_ask(struct request *rq, struct response *rs, struct err *e)
{
    struct refused r = {.email = rq->values[MOVE_EMAIL].text,
                        .email_error = rq->values[MOVE_EMAIL].error,
                        .email_password_error = rq->values[MOVE_PASSWORD].error};
    struct err why = {0};
    int rc = ST_OK;

    if (rq->errors > 0)
        return show(rq, rs, &r, e);
    rc = profile_check(rq->db, rq->visitor.account, rq->values[MOVE_PASSWORD].text, &why);
    if (rc == ST_DENIED) {
        r.email_password_error = why.message;
        return show(rq, rs, &r, e);
    }
    if (rc == ST_OK)
        rc = proof_ask_move(rq->db, rq->conf, rq->visitor.account, r.email, &why);
    if (rc == ST_INVALID || rc == ST_LIMIT) {
        r.email_error = why.message;
        return show(rq, rs, &r, e);
    }
    if (rc != ST_OK) {
        *e = why;
        return rc;
    }
    r.sent_to = r.email;
    r.email = NULL;
    return show(rq, rs, &r, e);
}

static int
password_send(struct request *rq, struct response *rs, struct err *e)
{
    struct refused r = {.now_error = rq->values[CHANGE_NOW].error,
                        .next_error = rq->values[CHANGE_NEXT].error};
    struct err why = {0};
    uint8_t own[32];
    int rc = ST_OK;

    if (rq->errors > 0)
        return show(rq, rs, &r, e);
    rc = profile_password(rq->db, rq->conf, rq->visitor.account, rq->values[CHANGE_NOW].text,
                          rq->values[CHANGE_NEXT].text, session_hash(rq, own), &why);
    if (rc == ST_DENIED)
        r.now_error = why.message;
    else if (rc == ST_INVALID)
        r.next_error = why.message;
    if (rc == ST_DENIED || rc == ST_INVALID)
        return show(rq, rs, &r, e);
    if (rc != ST_OK) {
        *e = why;
        return rc;
    }
    return done(rq, rs, "password_changed", e);
}

static int
session_end_one(struct request *rq, struct response *rs, struct err *e)
{
    int rc = session_revoke(rq, &rq->ids[0], e);

    if (rc == ST_NOTFOUND) {
        err_clear(e);
        rc = ST_OK;
    }
    return rc == ST_OK ? done(rq, rs, "session_ended", e) : rc;
}

static int
session_end_others(struct request *rq, struct response *rs, struct err *e)
{
    uint8_t own[32];
    int rc = profile_end_sessions(rq->db, rq->visitor.account, session_hash(rq, own), e);

    return rc == ST_OK ? done(rq, rs, "sessions_ended", e) : rc;
}

const struct route profile_routes[] = {
    {"account", METHOD_GET, "/account", account_show, ROUTE_SIGNED_IN, CSRF_NONE, RATE_PAGE, NULL,
     0},
    {"account_name", METHOD_POST, "/account/name", rename_send, ROUTE_SIGNED_IN, CSRF_TOKEN,
     RATE_PAGE, &name_form, BODY_MAX},
    {"account_language", METHOD_POST, "/account/language", speak_send, ROUTE_SIGNED_IN, CSRF_TOKEN,
     RATE_PAGE, &speak_form, BODY_MAX},
    {"account_email", METHOD_POST, "/account/email", move_ask, ROUTE_SIGNED_IN, CSRF_TOKEN,
     RATE_AUTH, &move_form, BODY_MAX},
    {"account_password", METHOD_POST, "/account/password", password_send, ROUTE_SIGNED_IN,
     CSRF_TOKEN, RATE_AUTH, &change_form, BODY_MAX},
    {"session_end", METHOD_POST, "/account/sessions/{id}/end", session_end_one, ROUTE_SIGNED_IN,
     CSRF_TOKEN, RATE_PAGE, NULL, BODY_MAX},
    {"sessions_end", METHOD_POST, "/account/sessions/end", session_end_others, ROUTE_SIGNED_IN,
     CSRF_TOKEN, RATE_PAGE, NULL, BODY_MAX},
    {0},
};
