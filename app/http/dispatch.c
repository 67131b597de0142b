/*
 * The way of a request; see dispatch.h: address, visitor, body, right, rate, form, handler. Every
 * check is here and in the route's table, so that a handler cannot forget one. An error anywhere
 * becomes its page. Next: the handlers.
 */
#include "app/http/dispatch.h"

#include <stdio.h>
#include <string.h>

#include "app/http/app.h"
#include "app/http/cookie.h"
#include "app/http/csrf.h"
#include "app/http/fcgi.h"
#include "app/http/form.h"
#include "app/http/http.h"
#include "app/http/rate.h"
#include "app/http/request.h"
#include "app/http/response.h"
#include "app/http/route.h"
#include "app/http/session.h"
#include "app/http/url.h"
#include "app/view/view.h"
#include "common/arena.h"
#include "common/conf.h"
#include "common/db.h"
#include "common/err.h"
#include "common/language.h"
#include "common/log.h"

#define HEAD_MAX 65536
#define AWAY_SECONDS 10 /* Retry-After of a 503 */

static const struct {
    int code, status;
} statuses[] = {
    {ST_INVALID, 400}, {ST_NOTFOUND, 404}, {ST_DENIED, 403},      {ST_CONFLICT, 409},
    {ST_TOOBIG, 413},  {ST_LIMIT, 429},    {ST_FUNDS, 402},       {ST_DB_RETRY, 503},
    {ST_TIMEOUT, 503}, {ST_NOMEM, 503},    {ST_UNSUPPORTED, 415},
};

static int
status_of(int code)
{
    for (size_t i = 0; i < sizeof statuses / sizeof statuses[0]; i++) {
        if (statuses[i].code == code)
            return statuses[i].status;
    }
    return 500;
}

/* All statements on the present connection; harmless when repeated. */
static int
prepare_all(struct app *app, struct db *db, struct err *e)
{
    int rc;

    if ((rc = session_prepare(db, e)) != ST_OK || (rc = rate_prepare(db, e)) != ST_OK)
        return rc;
    return app->prepare != NULL ? app->prepare(db, e) : ST_OK;
}

int
dispatch_prepare(struct app *app, struct err *e)
{
    struct db *db;
    int rc;

    if ((rc = db_open(app->conf, &db, e)) != ST_OK)
        return rc;
    app->db_reached = true;
    if ((rc = prepare_all(app, db, e)) != ST_OK) {
        db_close(db);
        return rc;
    }
    app->db = db;
    return ST_OK;
}

/* A worker that started while the database was away connects with the first request that finds it
 * back. */
static int
need_db(struct app *app, struct request *rq, struct err *e)
{
    if (app->db == NULL && dispatch_prepare(app, e) != ST_OK) {
        e->code = ST_DB_RETRY;
        snprintf(e->message, sizeof e->message, "%s",
                 "We are busy behind the scenes. Please try again in a moment.");
        return ST_DB_RETRY;
    }
    rq->db = app->db;
    return ST_OK;
}

/* Methods that the path has, for the Allow header. */
static int
refuse_method(struct response *rs, unsigned allowed, struct err *e)
{
    const char *words = allowed == (METHOD_GET | METHOD_POST) ? "GET, HEAD, POST"
                        : allowed == METHOD_POST              ? "POST"
                                                              : "GET, HEAD";
    int rc = response_header(rs, "Allow", words, e);

    if (rc == ST_OK)
        err_set(e, ST_INVALID, "This address cannot be used in this way.", NULL);
    return rc;
}

/* The number that FastCGI's method word has in the tables; 0 = none. HEAD is a GET whose body stays
 * here. */
static unsigned
method_of(const char *word)
{
    if (strcmp(word, "GET") == 0 || strcmp(word, "HEAD") == 0)
        return METHOD_GET;
    return strcmp(word, "POST") == 0 ? METHOD_POST : 0;
}

/* Where a visitor comes back to after signing in: the page itself, or the one that held the form.
 */
static const char *
way_back(struct request *rq)
{
    const char *out;
    struct text t;

    text_init(&t, 16384);
    text_puts(&t, "next=");
    if (rq->method == METHOD_POST) {
        url_encode(&t, rq->referer_path);
    } else {
        url_encode(&t, rq->path);
        if (rq->query[0] != '\0') {
            url_encode(&t, "?");
            url_encode(&t, rq->query);
        }
    }
    out = t.failed ? NULL : arena_strndup(rq->arena, text_cstr(&t), t.len);
    text_release(&t);
    return out;
}

/* Pages of the staff. True when the request ends here. */
static bool
staff_only(struct request *rq, struct response *rs, int *rc, struct err *e)
{
    const struct exchange *x = rq->internal;
    unsigned permission = ROUTE_PERMISSION(rq->route->flags);
    bool answered = false;

    *rc = ST_OK;
    if (permission == 0)
        return false;
    if (x->app->admit == NULL)
        *rc = err_set(e, ST_NOTFOUND, "There is nothing at this address.", NULL);
    else
        *rc = x->app->admit(rq, rs, permission, &answered, e);
    return answered || *rc != ST_OK;
}

/* Sends away who may not be here. True when the answer is a redirect already. */
static bool
turn_away(struct request *rq, struct response *rs, int *rc, struct err *e)
{
    unsigned flags = rq->route->flags;
    bool signed_in = rq->visitor.account != 0;

    if ((flags & ROUTE_SIGNED_IN) != 0 && !signed_in) {
        if (rq->wants_json)
            *rc = err_set(e, ST_DENIED, "Please sign in first.", NULL);
        else
            *rc = response_redirect(rq, rs, url_for(rq, "signin", NULL, way_back(rq)), e);
        return true;
    }
    if ((flags & (ROUTE_SIGNED_IN | ROUTE_LEAVING)) == ROUTE_SIGNED_IN && rq->visitor.leaving) {
        *rc = response_redirect(rq, rs, url_for(rq, "leaving", NULL, NULL), e);
        return true;
    }
    if ((flags & ROUTE_PROVEN) != 0 && !rq->visitor.verified) {
        *rc = err_set(e, ST_DENIED,
                      "Please confirm your e-mail address first: the link is in the letter that we "
                      "sent you.",
                      NULL);
        return true;
    }
    if ((flags & ROUTE_FREE) != 0 && rq->visitor.restriction != NULL) {
        *rc =
            err_set(e, ST_DENIED,
                    "Your account is restricted. The notice at the top of each page says why, and "
                    "how to object.",
                    NULL);
        return true;
    }
    if ((flags & ROUTE_GUEST) != 0 && signed_in) {
        *rc = response_redirect(rq, rs, url_for(rq, "create", NULL, NULL), e);
        return true;
    }
    return false;
}

/* The pairs of the form: of the body, or of the query of a GET form. */
static int
read_form(struct request *rq, struct fcgi_call *call, struct err *e)
{
    struct exchange *x = rq->internal;
    char *data;
    size_t len;
    int rc;

    if ((rc = request_body(rq, call, rq->route->body_max, &data, &len, e)) != ST_OK)
        return rc;
    if ((rq->route->flags & ROUTE_RAW) != 0) {
        rq->body = data;
        rq->body_len = len;
        return ST_OK;
    }
    if (rq->route->method == METHOD_POST)
        return form_body(rq->arena, x->content_type, data, len, &x->pairs, e);
    if (rq->route->form != NULL)
        return form_urlencoded(rq->arena, rq->query, strlen(rq->query), &x->pairs, e);
    return ST_OK;
}

static int
serve(struct request *rq, struct response *rs, struct fcgi_call *call, struct err *e)
{
    struct exchange *x = rq->internal;
    int rc;

    if ((rc = read_form(rq, call, e)) != ST_OK)
        return rc;
    if (staff_only(rq, rs, &rc, e) || turn_away(rq, rs, &rc, e) ||
        (rc = rate_check(rq, e)) != ST_OK)
        return rc;
    if (rq->route->csrf == CSRF_TOKEN && (rc = csrf_check(rq, e)) != ST_OK)
        return rc;
    if (rq->route->csrf == CSRF_ORIGIN && (rc = csrf_check_origin(rq, e)) != ST_OK)
        return rc;
    rc = form_values(rq->arena, rq->route->form, &x->pairs, rq->values, &rq->errors, e);
    return rc == ST_OK ? rq->route->handler(rq, rs, e) : rc;
}

/* The language that the visitor chose in this browser, or else for the account, or else the
 * browser's. */
static void
choose_language(const struct request *rq)
{
    const struct exchange *x = rq->internal;
    char name[COOKIE_NAME], tag[LANGUAGE_TAG];
    int chosen = -1;

    cookie_name(LANGUAGE_COOKIE, x->app->tls, name);
    if (cookie_find(x->cookie, name, tag, sizeof tag))
        chosen = language_find(tag);
    if (chosen < 0 && rq->visitor.account != 0)
        chosen = rq->visitor.language;
    language_use(chosen >= 0 ? chosen : language_accept(x->accept_language));
}

/* A page was made, for whoever counts such things; a failure to count is no failure of the page. */
static void
tell_visited(struct request *rq, const struct response *rs)
{
    const struct exchange *x = rq->internal;
    struct err e = {0};

    if (x->app->visited == NULL || rq->method != METHOD_GET || rq->head || rs->status != 200 ||
        rq->route->rate != RATE_PAGE || strncmp(rs->type, "text/html", 9) != 0)
        return;
    if (x->app->visited(rq, &e) != ST_OK)
        log_err(LOG_LEVEL_WARNING, "counting a page", &e);
}

/* All but the error page; the result is the status of the error page, 0 when there is an answer. */
static int
run(struct request *rq, struct response *rs, struct fcgi_call *call, struct app *app, struct err *e)
{
    struct exchange *x = rq->internal;
    unsigned allowed;
    int rc;

    rq->route = route_find(route_tables, rq->path, method_of(x->method), rq->ids, &allowed);
    log_context(rq->route != NULL ? rq->route->name : "");
    rc = need_db(app, rq, e);
    if (rc == ST_OK && (rq->route == NULL || (rq->route->flags & ROUTE_ANYBODY) == 0))
        rc = session_load(rq, e);
    if (rq->visitor.account != 0)
        choose_language(rq);
    rs->no_store = rc != ST_OK || rq->visitor.account != 0;
    if (rc == ST_OK)
        rc = csrf_start(rq, e);
    /* An address that does not exist is told as such even when the database is away. */
    if (rq->route == NULL && allowed != 0)
        return refuse_method(rs, allowed, e) == ST_OK ? 405 : 500;
    if (rq->route == NULL) {
        err_set(e, ST_NOTFOUND, "There is nothing at this address.", NULL);
        return 404;
    }
    if (rc == ST_OK)
        rc = serve(rq, rs, call, e);
    if (rc == ST_OK &&
        ((rc = csrf_finish(rq, rs, e)) != ST_OK || (rc = session_finish(rq, rs, e)) != ST_OK))
        return status_of(rc);
    if (rc == ST_OK)
        tell_visited(rq, rs);
    return rc == ST_OK ? 0 : status_of(rc);
}

/* Says in the log what a visitor cannot mend, once. */
static void
log_failure(int status, const struct err *e)
{
    if (status >= 500)
        log_err(status == 503 ? LOG_LEVEL_WARNING : LOG_LEVEL_ERROR, "request failed", e);
    else if (status == 403)
        log_err(LOG_LEVEL_NOTICE, "request refused", e);
}

static void
fail(struct request *rq, struct response *rs, int status, const struct err *e)
{
    struct exchange *x = rq->internal;
    const char *allow = response_find(rs, "Allow");
    char seconds[16];
    struct err ignored;

    log_failure(status, e);
    response_reset(rs);
    if (status == 503 && x->retry_after == 0)
        x->retry_after = AWAY_SECONDS;
    page_error(rq, rs, status, e);
    if (status == 405 && allow != NULL)
        (void)response_header(rs, "Allow", allow, &ignored);
    if (x->retry_after > 0) {
        snprintf(seconds, sizeof seconds, "%d", x->retry_after);
        (void)response_header(rs, "Retry-After", seconds, &ignored);
    }
    (void)session_finish(rq, rs, &ignored);
}

static void
send_answer(struct request *rq, struct response *rs, struct fcgi_call *call)
{
    struct response_head *rest = rs->internal;
    struct text head;

    text_init(&head, HEAD_MAX);
    response_write_head(rs, &head);
    if (head.failed) {
        static const char bare[] = "Status: 500 Internal Server Error\r\nContent-Length: 0\r\n\r\n";
        fcgi_write(call, bare, sizeof bare - 1);
    } else {
        fcgi_write(call, text_cstr(&head), head.len);
        if (!rq->head)
            fcgi_write(call, text_cstr(&rs->body), rs->body.len);
    }
    text_release(&head);
    if (rest->helper.pid != 0 && !rq->head)
        (void)helper_relay(&rest->helper, call);
}

void
dispatch(void *ctx, struct fcgi_call *call)
{
    struct app *app = ctx;
    struct response_head head;
    struct exchange x;
    struct request rq;
    struct response rs;
    struct err e = {0};
    int status = 400;

    response_init(&rs, &head, app->arena);
    if (request_init(&rq, &x, app, fcgi_params(call), &e) == ST_OK) {
        choose_language(&rq);
        status = run(&rq, &rs, call, app, &e);
    }
    if (status != 0)
        fail(&rq, &rs, status, &e);
    if (response_finish(&rq, &rs, &e) != ST_OK) {
        fail(&rq, &rs, 500, &e);
        (void)response_finish(&rq, &rs, &e);
    }
    send_answer(&rq, &rs, call);
    response_release(&rs);
    arena_reset(app->arena);
}
