/*
 * Requests; see request.h. Parameters are read once into named places, because the library would
 * search them line by line each time. Headers by which a visitor could claim another address are
 * not among them.
 */
#include "app/http/request.h"

#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "app/http/app.h"
#include "app/http/fcgi.h"
#include "app/http/form.h"
#include "app/http/http.h"
#include "app/http/url.h"
#include "common/arena.h"
#include "common/conf.h"
#include "common/err.h"

#define PATH_MAX_BYTES 1024

/* Values that are neither the exchange's nor the request's own members. */
struct raw {
    const char *path_info, *uri, *query, *client, *if_none_match, *signature;
};

static const struct {
    const char *name;
    bool of_exchange;
    size_t offset;
} places[] = {
    {"REQUEST_METHOD", true, offsetof(struct exchange, method)},
    {"CONTENT_TYPE", true, offsetof(struct exchange, content_type)},
    {"CONTENT_LENGTH", true, offsetof(struct exchange, content_length)},
    {"REQUEST_SCHEME", true, offsetof(struct exchange, scheme)},
    {"HTTP_COOKIE", true, offsetof(struct exchange, cookie)},
    {"HTTP_ORIGIN", true, offsetof(struct exchange, origin)},
    {"HTTP_HOST", true, offsetof(struct exchange, host)},
    {"HTTP_SEC_FETCH_SITE", true, offsetof(struct exchange, fetch_site)},
    {"HTTP_REFERER", true, offsetof(struct exchange, referer)},
    {"HTTP_X_CSRF_TOKEN", true, offsetof(struct exchange, csrf_header)},
    {"HTTP_ACCEPT", true, offsetof(struct exchange, accept)},
    {"HTTP_ACCEPT_LANGUAGE", true, offsetof(struct exchange, accept_language)},
    {"HTTP_SEC_GPC", true, offsetof(struct exchange, gpc)},
    {"HTTP_USER_AGENT", true, offsetof(struct exchange, user_agent)},
    {"GEOIP_COUNTRY", true, offsetof(struct exchange, country)},
    {"PATH_INFO", false, offsetof(struct raw, path_info)},
    {"DOCUMENT_URI", false, offsetof(struct raw, uri)},
    {"QUERY_STRING", false, offsetof(struct raw, query)},
    {"REMOTE_ADDR", false, offsetof(struct raw, client)},
    {"HTTP_IF_NONE_MATCH", false, offsetof(struct raw, if_none_match)},
    {"HTTP_STRIPE_SIGNATURE", false, offsetof(struct raw, signature)},
};
#define PLACES (sizeof places / sizeof places[0])

static const char **
place_of(size_t i, struct exchange *x, struct raw *raw)
{
    return (const char **)((char *)(places[i].of_exchange ? (void *)x : (void *)raw) +
                           places[i].offset);
}

static int
read_params(struct arena *arena, char *const *params, struct exchange *x, struct raw *raw)
{
    for (size_t i = 0; i < PLACES; i++)
        *place_of(i, x, raw) = "";
    for (; params != NULL && *params != NULL; params++) {
        const char *equals = strchr(*params, '=');
        size_t len = equals != NULL ? (size_t)(equals - *params) : 0;
        for (size_t i = 0; i < PLACES && len > 0; i++) {
            const char **place = place_of(i, x, raw);
            if (strlen(places[i].name) != len || memcmp(places[i].name, *params, len) != 0)
                continue;
            if ((*place = arena_strdup(arena, equals + 1)) == NULL) {
                *place = "";
                return ST_NOMEM;
            }
            break;
        }
    }
    return ST_OK;
}

static bool
is_clean(const char *s)
{
    size_t len = strlen(s);

    for (size_t i = 0; i < len; i++) {
        if ((unsigned char)s[i] < ' ' || s[i] == 0x7f)
            return false;
    }
    return form_is_utf8(s, len);
}

/* The path of a Referer on this site, with its query; "" for any other. */
static const char *
own_path(const struct exchange *x, const char *site)
{
    const char *rest = NULL;
    size_t len = strlen(site);

    if (strncmp(x->referer, site, len) == 0) {
        rest = x->referer + len;
    } else if (x->host[0] != '\0') {
        const char *host = strstr(x->referer, "://");
        len = strlen(x->host);
        if (host != NULL && strncmp(host + 3, x->host, len) == 0)
            rest = host + 3 + len;
    }
    return rest != NULL && rest[0] == '/' && rest[1] != '/' && is_clean(rest) ? rest : "";
}

int
request_init(struct request *rq, struct exchange *x, struct app *app, char *const *params,
             struct err *e)
{
    struct raw raw;
    int rc;

    memset(rq, 0, sizeof *rq);
    memset(x, 0, sizeof *x);
    x->app = app;
    rc = read_params(app->arena, params, x, &raw);
    rq->internal = x;
    rq->arena = app->arena;
    rq->conf = app->conf;
    rq->db = app->db;
    rq->store = app->store;
    rq->tls = app->tls;
    rq->method = METHOD_GET;
    rq->head = strcmp(x->method, "HEAD") == 0;
    rq->query = raw.query;
    rq->client = raw.client;
    rq->if_none_match = raw.if_none_match;
    rq->signature = raw.signature;
    rq->csrf = "";
    rq->referer_path = own_path(x, app->conf->site.url);
    rq->wants_json = strncasecmp(x->accept, "application/json", 16) == 0;
    rq->path = raw.path_info[0] != '\0' ? raw.path_info : raw.uri;
    if (rc != ST_OK)
        return err_set(e, rc, "Please try again later.", "request");
    if (strcmp(x->method, "POST") == 0)
        rq->method = METHOD_POST;
    if (rq->path[0] != '/' || strlen(rq->path) > PATH_MAX_BYTES || !is_clean(rq->path)) {
        rq->path = "/";
        return err_set(e, ST_INVALID, "This address is not valid.", "path");
    }
    return ST_OK;
}

/* The announced length; -1 when it is no number. No header means no body. */
static int64_t
announced(const char *s)
{
    size_t len = strlen(s);

    if (len == 0)
        return 0;
    if (len > 15 || strspn(s, "0123456789") != len)
        return -1;
    return strtoll(s, NULL, 10);
}

int
request_body(struct request *rq, struct fcgi_call *call, size_t max, char **data, size_t *len,
             struct err *e)
{
    const struct exchange *x = rq->internal;
    int64_t length = announced(x->content_length);
    char extra;

    *data = NULL;
    *len = 0;
    if (length < 0)
        return err_set(e, ST_INVALID, "The request could not be read. Please send it again.",
                       "length of the body");
    if ((uint64_t)length > max)
        return err_set(e, ST_TOOBIG, "That was too large to be accepted. Please send less.",
                       "body of %lld bytes, at most %zu", (long long)length, max);
    /* The NUL keeps parsers of text inside; their lengths are what counts. */
    if ((*data = arena_alloc(rq->arena, (size_t)length + 1)) == NULL)
        return err_set(e, ST_NOMEM, "Please try again later.", "body");
    *len = fcgi_read(call, *data, (size_t)length);
    if (*len != (size_t)length || fcgi_read(call, &extra, 1) != 0)
        return err_set(e, ST_INVALID, "The request could not be read. Please send it again.",
                       "the body is not as long as announced");
    return ST_OK;
}
