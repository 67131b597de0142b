/*
 * A member's copy of their data: asking for it, how far it is, and the link of the letter, whose
 * page hands the file over. The token stands behind a question mark, where no log looks. The rules
 * are in common/copy.c, the writing is the steward's.
 */
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "app/http/http.h"
#include "app/http/session.h"
#include "app/privacy/password_proof_pages.h"
#include "app/routes.h"
#include "app/view/view.h"
#include "common/arena.h"
#include "common/clock.h"
#include "common/conf.h"
#include "common/copy.h"
#include "common/copy_files.h"
#include "common/err.h"
#include "common/language.h"

#define BODY_MAX 8192
#define INSIDE "/_copies" /* nginx's internal place of policy.copies */
#define WAIT_TEXT 80
#define FILE_NAME "my-data.zip"

static const struct field token_fields[] = {
    {"token", N_("Link"), FIELD_LINE, COPY_TOKEN - 1, COPY_TOKEN - 1, true, NULL},
};
static const struct form token_form = {token_fields, 1};

/* --- asking --- */

/* In hours, because a day has no time zone here. */
static const char *
wait_words(int64_t until, char out[WAIT_TEXT])
{
    int64_t hours = (until - clock_now() + CLOCK_HOUR - 1) / CLOCK_HOUR;

    snprintf(out, WAIT_TEXT, TN("%d hour", "%d hours", hours), (int)hours);
    return out;
}

static void
put_state(struct view *v, const struct data_copy *c, int64_t next)
{
    char date[DATE_TEXT], words[WAIT_TEXT];
    bool over = c->state == COPY_READY && c->ends_at <= clock_now();

    view_flag(v, "waiting", c->state == COPY_ASKED || c->state == COPY_BUILDING);
    view_flag(v, "ready", c->state == COPY_READY && !over);
    view_flag(v, "fetched", c->state == COPY_FETCHED);
    view_flag(v, "failed", c->state == COPY_FAILED);
    view_flag(v, "gone", c->state == COPY_GONE || over);
    language_date(c->asked_at, date);
    view_text(v, "asked_on", date);
    language_date(c->ends_at, date);
    view_text(v, "ends_on", date);
    language_date(c->fetched_at, date);
    view_text(v, "fetched_on", date);
    if (next != 0)
        view_text(v, "wait", wait_words(next, words));
}

static bool
is_open(const struct data_copy *c)
{
    return c->state == COPY_ASKED || c->state == COPY_BUILDING ||
           (c->state == COPY_READY && c->ends_at > clock_now());
}

static int
ask_page(struct request *rq, struct response *rs, const struct password_proof *wrong, struct err *e)
{
    struct view *v = view_new(rq->arena);
    struct data_copy newest;
    int64_t next;
    int rc;

    if ((rc = copy_newest(rq->db, rq->visitor.account, &newest, e)) != ST_OK ||
        (rc = password_proof_show(rq, wrong, v, e)) != ST_OK)
        return rc;
    next = copy_next(&newest);
    put_state(v, &newest, next);
    view_flag(v, "any", newest.state != COPY_NONE);
    view_flag(v, "unproven", !rq->visitor.verified);
    view_flag(v, "may", rq->visitor.verified && next == 0 && !is_open(&newest));
    rs->no_store = true;
    if (wrong != NULL)
        rs->status = 422;
    return page_render(
        rq, rs, "copy",
        wrong != NULL ? N_("Please check: a copy of your data") : N_("A copy of your data"), v, e);
}

static int
ask_show(struct request *rq, struct response *rs, struct err *e)
{
    return ask_page(rq, rs, NULL, e);
}

/* Who asks too early, or twice, sees on the page how far the last one is and when the next may be.
 */
static int
ask_send(struct request *rq, struct response *rs, struct err *e)
{
    struct password_proof proof;
    int rc = password_proof_check(rq, &proof, e);

    if (rc != ST_OK)
        return rc;
    if (proof.password_error != NULL || proof.code_error != NULL)
        return ask_page(rq, rs, &proof, e);
    rc = copy_ask(rq->db, rq->visitor.account, e);
    if (rc == ST_LIMIT || rc == ST_CONFLICT) {
        err_clear(e);
        rs->status = rc == ST_LIMIT ? 429 : 409;
        return ask_page(rq, rs, NULL, e);
    }
    if (rc != ST_OK || (rc = response_flash(rq, rs, "copy_asked", e)) != ST_OK)
        return rc;
    return response_redirect(rq, rs, url_for(rq, "copy", NULL, NULL), e);
}

/* --- fetching --- */

static int
over(struct request *rq, struct response *rs, struct err *e)
{
    err_clear(e);
    rs->status = 410;
    rs->no_store = true;
    return page_render(rq, rs, "copy-over", N_("This copy is no longer here"), view_new(rq->arena),
                       e);
}

static int
not_found(struct err *e)
{
    return err_set(e, ST_NOTFOUND, "There is nothing at this address.", NULL);
}

static int
fetch_show(struct request *rq, struct response *rs, struct err *e)
{
    struct view *v = view_new(rq->arena);
    uint8_t session[CRYPTO_SHA256];
    struct data_copy c;
    char date[DATE_TEXT], size[NUMBER_TEXT];
    int rc;

    if (rq->errors > 0 || session_hash(rq, session) == NULL)
        return not_found(e);
    if ((rc = copy_look(rq->db, rq->visitor.account, rq->values[0].text, &c, e)) != ST_OK)
        return rc;
    if (!copy_open_to(&c, session))
        return over(rq, rs, e);
    language_date(c.asked_at, date);
    language_real((double)c.bytes / 1000000, c.bytes < 10000000 ? 1 : 0, size);
    view_text(v, "asked_on", date);
    view_text(v, "megabytes", c.bytes >= 100000 ? size : NULL);
    view_text(v, "token", rq->values[0].text);
    rs->no_store = true;
    return page_render(rq, rs, "copy-fetch", N_("Your copy is ready"), v, e);
}

static int
hand_over(struct request *rq, struct response *rs, const struct data_copy *c, struct err *e)
{
    char name[COPY_NAME];
    const char *where;
    int rc;

    copy_files_name(&c->file, name);
    if ((where = arena_printf(rq->arena, INSIDE "/%s", name)) == NULL)
        return err_set(e, ST_NOMEM, "Please try again later.", "copy");
    if ((rc = response_header(rs, "X-Accel-Redirect", where, e)) != ST_OK ||
        (rc = response_header(rs, "Content-Disposition", "attachment; filename=\"" FILE_NAME "\"",
                              e)) != ST_OK)
        return rc;
    rs->type = "application/zip";
    rs->no_store = true;
    return ST_OK;
}

static int
fetch_send(struct request *rq, struct response *rs, struct err *e)
{
    uint8_t session[CRYPTO_SHA256];
    struct data_copy c;
    int rc;

    if (rq->errors > 0 || session_hash(rq, session) == NULL)
        return not_found(e);
    rc = copy_fetch(rq->db, rq->visitor.account, rq->values[0].text, session, &c, e);
    if (rc == ST_LOST)
        return over(rq, rs, e);
    return rc == ST_OK ? hand_over(rq, rs, &c, e) : rc;
}

const struct route copy_routes[] = {
    {"copy", METHOD_GET, "/account/copy", ask_show, ROUTE_SIGNED_IN, CSRF_NONE, RATE_PAGE, NULL, 0},
    {"copy_send", METHOD_POST, "/account/copy", ask_send, ROUTE_SIGNED_IN | ROUTE_PROVEN,
     CSRF_TOKEN, RATE_AUTH, &password_proof_form, BODY_MAX},
    {"copy_fetch", METHOD_GET, "/account/copy/fetch", fetch_show, ROUTE_SIGNED_IN, CSRF_NONE,
     RATE_PAGE, &token_form, 0},
    {"copy_fetch_send", METHOD_POST, "/account/copy/fetch", fetch_send, ROUTE_SIGNED_IN, CSRF_TOKEN,
     RATE_PAGE, &token_form, BODY_MAX},
    {0},
};
