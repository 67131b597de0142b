/*
 * Answers; see response.h. The security headers are here and nowhere else. Knows no templates.
 */
#include "app/http/response.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "app/http/app.h"
#include "common/arena.h"
#include "common/conf.h"
#include "common/crypto.h"
#include "common/err.h"
#include "common/language.h"

#define SHARED_SECONDS "5"      /* a change of the site is seen after so long */
#define HSTS "max-age=63072000" /* two years, this name alone */
#define MEDIA_CACHE "private, max-age=3600"

static const char broken[] = N_("Something went wrong on our side. Please try again later.");

/* Scripts may ask this site alone (connect-src: the live progress of a job); nothing inline,
 * nothing from elsewhere, no frame around us. */
static const char policy[] =
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; media-src 'self'; "
    "font-src 'self'; connect-src 'self'; manifest-src 'self'; frame-ancestors 'none'; "
    "base-uri 'none'; form-action 'self'";

static const struct response_header always[] = {
    {"X-Content-Type-Options", "nosniff"},
    {"Referrer-Policy", "same-origin"},
    {"Permissions-Policy", "camera=(), geolocation=(), microphone=(), payment=(), usb=()"},
    {"Cross-Origin-Opener-Policy", "same-origin"},
    {"Cross-Origin-Resource-Policy", "same-origin"},
};

static const struct {
    int status;
    const char *phrase;
} phrases[] = {
    {200, "OK"},
    {303, "See Other"},
    {304, "Not Modified"},
    {400, "Bad Request"},
    {402, "Payment Required"},
    {403, "Forbidden"},
    {404, "Not Found"},
    {405, "Method Not Allowed"},
    {409, "Conflict"},
    {410, "Gone"},
    {413, "Content Too Large"},
    {415, "Unsupported Media Type"},
    {422, "Unprocessable Content"},
    {429, "Too Many Requests"},
    {500, "Internal Server Error"},
    {501, "Not Implemented"},
    {503, "Service Unavailable"},
};

const char *
response_phrase(int status)
{
    for (size_t i = 0; i < sizeof phrases / sizeof phrases[0]; i++) {
        if (phrases[i].status == status)
            return phrases[i].phrase;
    }
    return "Status";
}

void
response_init(struct response *rs, struct response_head *head, struct arena *arena)
{
    memset(rs, 0, sizeof *rs);
    memset(head, 0, sizeof *head);
    head->arena = arena;
    rs->internal = head;
    text_init(&rs->body, RESPONSE_MAX);
    response_reset(rs);
}

void
response_release(struct response *rs)
{
    struct response_head *head = rs->internal;

    if (head != NULL)
        helper_end(&head->helper);
    text_release(&rs->body);
}

void
response_reset(struct response *rs)
{
    struct response_head *head = rs->internal;

    rs->status = 200;
    rs->type = "text/html; charset=utf-8";
    rs->no_store = true;
    text_clear(&rs->body);
    helper_end(&head->helper);
    head->count = 0;
}

const char *
response_find(const struct response *rs, const char *name)
{
    const struct response_head *head = rs->internal;

    for (size_t i = 0; i < head->count; i++) {
        if (strcasecmp(head->list[i].name, name) == 0)
            return head->list[i].value;
    }
    return NULL;
}

/* Bytes that could end a header line, or that no header needs. */
static bool
is_header_text(const char *s)
{
    for (; *s != '\0'; s++) {
        if ((unsigned char)*s < ' ' || *s == 0x7f)
            return false;
    }
    return true;
}

static bool
is_header_name(const char *s)
{
    size_t len = strspn(s, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-");

    return len > 0 && s[len] == '\0';
}

int
response_header(struct response *rs, const char *name, const char *value, struct err *e)
{
    struct response_head *head = rs->internal;
    struct response_header h;

    if (!is_header_name(name) || !is_header_text(value))
        return err_set(e, ST_INTERNAL, broken, "header %.40s has a value that may not be sent",
                       is_header_name(name) ? name : "?");
    h.name = arena_strdup(head->arena, name);
    h.value = arena_strdup(head->arena, value);
    if (h.name == NULL || h.value == NULL)
        return err_set(e, ST_NOMEM, "Please try again later.", "header %.40s", name);
    for (size_t i = 0; i < head->count && strcasecmp(name, "Set-Cookie") != 0; i++) {
        if (strcasecmp(head->list[i].name, name) == 0) {
            head->list[i] = h;
            return ST_OK;
        }
    }
    if (head->count == HEADERS_MAX)
        return err_set(e, ST_INTERNAL, broken, "more than %d headers", HEADERS_MAX);
    head->list[head->count++] = h;
    return ST_OK;
}

/* A path of this site; browsers read "//host" and "/\host" as another one. */
static bool
is_local(const char *path)
{
    return path != NULL && path[0] == '/' && path[1] != '/' && path[1] != '\\' &&
           is_header_text(path) && strchr(path, '\\') == NULL;
}

int
response_redirect(struct request *rq, struct response *rs, const char *path, struct err *e)
{
    (void)rq;
    if (!is_local(path))
        return err_set(e, ST_INTERNAL, broken,
                       "redirect to something that is no path of this site");
    rs->status = 303;
    text_clear(&rs->body);
    return response_header(rs, "Location", path, e);
}

/* A file name without anything that a header or a file system could take amiss. */
static bool
is_file_name(const char *s)
{
    size_t len = strspn(s, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.");

    return len > 0 && s[len] == '\0' && s[0] != '.';
}

/* "attachment" under a name, or "inline" for NULL. */
static int
put_disposition(struct response *rs, const char *download, struct err *e)
{
    struct response_head *head = rs->internal;
    const char *how = "inline";

    if (download != NULL && !is_file_name(download))
        return err_set(e, ST_INTERNAL, broken, "name of a download");
    if (download != NULL)
        how = arena_printf(head->arena, "attachment; filename=\"%s\"", download);
    if (how == NULL)
        return err_set(e, ST_NOMEM, "Please try again later.", "download");
    return response_header(rs, "Content-Disposition", how, e);
}

int
response_media(struct request *rq, struct response *rs, const char *store_key, const char *type,
               const char *download, struct err *e)
{
    struct response_head *head = rs->internal;
    const char *where = arena_printf(head->arena, "%s/%s", rq->conf->app.accel, store_key);
    int rc;

    if (where == NULL)
        return err_set(e, ST_NOMEM, "Please try again later.", "media");
    if ((rc = response_header(rs, "X-Accel-Redirect", where, e)) != ST_OK ||
        (rc = put_disposition(rs, download, e)) != ST_OK ||
        (response_find(rs, "Cache-Control") == NULL &&
         (rc = response_header(rs, "Cache-Control", MEDIA_CACHE, e)) != ST_OK))
        return rc;
    text_clear(&rs->body);
    rs->type = type;
    rs->no_store = false;
    return ST_OK;
}

int
response_helper(struct request *rq, struct response *rs, const struct helper_call *call,
                const char *type, const char *download, struct err *e)
{
    struct response_head *head = rs->internal;
    int rc;

    text_clear(&rs->body);
    rc = helper_start(rq->conf->app.helpers, call, &head->helper, &rs->body, e);
    if (rc != ST_OK || (rc = put_disposition(rs, download, e)) != ST_OK)
        return rc;
    rs->type = type;
    return ST_OK;
}

int
response_json(struct response *rs, const struct text *json, struct err *e)
{
    text_clear(&rs->body);
    text_put(&rs->body, text_cstr(json), json->len);
    if (json->failed || rs->body.failed)
        return err_set(e, ST_NOMEM, "Please try again later.", "JSON");
    rs->type = "application/json";
    return ST_OK;
}

static bool
is_conditional(const struct request *rq, const struct response *rs)
{
    return rq->route != NULL && (rq->route->flags & ROUTE_CONDITIONAL) != 0 && rs->status == 200;
}

static const char *
cache_control(const struct request *rq, const struct response *rs)
{
    if (is_conditional(rq, rs))
        return "private, no-cache"; /* kept by this browser, asked for again each time */
    return rs->no_store ? "no-store" : "private, no-cache";
}

/* True when the If-None-Match header names the tag, weak or not. */
static bool
has_tag(const char *header, const char *tag)
{
    size_t len = strlen(tag);

    if (strcmp(header, "*") == 0)
        return true;
    for (const char *p = strstr(header, tag); p != NULL; p = strstr(p + 1, tag)) {
        char after = p[len];
        if (after == '\0' || after == ',' || after == ' ')
            return true;
    }
    return false;
}

static int
put_tag(struct request *rq, struct response *rs, struct err *e)
{
    uint8_t digest[CRYPTO_SHA256];
    char text[32], tag[40];
    int rc;

    crypto_sha256(text_cstr(&rs->body), rs->body.len, digest);
    crypto_base64url(digest, 16, text, sizeof text);
    snprintf(tag, sizeof tag, "\"%s\"", text);
    if ((rc = response_header(rs, "ETag", tag, e)) != ST_OK)
        return rc;
    if (has_tag(rq->if_none_match, tag)) {
        rs->status = 304;
        text_clear(&rs->body);
    }
    return ST_OK;
}

/* A form that leads to the payment service is redirected there, which counts as its target. */
static int
put_policy(struct response *rs, struct err *e)
{
    const struct response_head *head = rs->internal;
    const char *full = policy;

    if (rs->form_origin != NULL)
        full = arena_printf(head->arena, "%s %s", policy, rs->form_origin);
    if (full == NULL)
        return err_set(e, ST_NOMEM, "Please try again later.", "policy");
    return response_header(rs, "Content-Security-Policy", full, e);
}

/* nginx reads this header and takes it off. Who sends no cookie has nothing of their own on such a
 * page; what else it depends on is in Vary. */
static int
put_shared(const struct request *rq, struct response *rs, struct err *e)
{
    const struct exchange *x = rq->internal;

    if (rq->route == NULL || (rq->route->flags & ROUTE_SHARED) == 0 || rs->status != 200 ||
        x->cookie[0] != '\0' || response_find(rs, "Set-Cookie") != NULL)
        return ST_OK;
    return response_header(rs, "X-Accel-Expires", SHARED_SECONDS, e);
}

int
response_finish(struct request *rq, struct response *rs, struct err *e)
{
    const struct exchange *x = rq->internal;
    const struct response_head *head = rs->internal;
    bool conditional = is_conditional(rq, rs);
    char length[24];
    int rc = ST_OK;

    if (rs->body.failed)
        return err_set(e, ST_TOOBIG, broken, "the body is larger than %zu bytes", rs->body.max);
    if ((rc = put_policy(rs, e)) == ST_OK && response_find(rs, "Cache-Control") == NULL)
        rc = response_header(rs, "Cache-Control", cache_control(rq, rs), e);
    for (size_t i = 0; i < sizeof always / sizeof always[0] && rc == ST_OK; i++)
        rc = response_header(rs, always[i].name, always[i].value, e);
    if (rc == ST_OK && x->app->tls)
        rc = response_header(rs, "Strict-Transport-Security", HSTS, e);
    if (rc == ST_OK && strncmp(rs->type, "text/html", 9) == 0)
        rc = response_header(rs, "Vary", "Accept-Language, Cookie, Sec-GPC", e);
    if (rc == ST_OK)
        rc = put_shared(rq, rs, e);
    if (rc == ST_OK && conditional)
        rc = put_tag(rq, rs, e);
    if (rc == ST_OK && rs->status != 304 && head->helper.pid == 0 &&
        response_find(rs, "X-Accel-Redirect") == NULL) {
        snprintf(length, sizeof length, "%zu", rs->body.len);
        rc = response_header(rs, "Content-Length", length, e);
    }
    if (rc == ST_OK && rs->status != 304 && rs->status != 303)
        rc = response_header(rs, "Content-Type", rs->type, e);
    return rc;
}

void
response_write_head(const struct response *rs, struct text *out)
{
    const struct response_head *head = rs->internal;

    text_printf(out, "Status: %d %s\r\n", rs->status, response_phrase(rs->status));
    for (size_t i = 0; i < head->count; i++)
        text_printf(out, "%s: %s\r\n", head->list[i].name, head->list[i].value);
    text_puts(out, "\r\n");
}
