/*
 * Addresses: built here and nowhere else, from route names and ids. Knows the route tables, no
 * requests' content.
 */
#include "app/http/url.h"

#include <stdint.h>
#include <string.h>

#include "app/http/app.h"
#include "app/http/http.h"
#include "app/http/route.h"
#include "common/arena.h"
#include "common/conf.h"
#include "common/log.h"

void
url_encode(struct text *t, const char *s)
{
    static const char hex[] = "0123456789ABCDEF";

    for (; *s != '\0'; s++) {
        char c = *s;
        if ((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
            c == '-' || c == '.' || c == '_' || c == '~') {
            text_putc(t, c);
        } else {
            text_putc(t, '%');
            text_putc(t, hex[(uint8_t)c >> 4]);
            text_putc(t, hex[(uint8_t)c & 15]);
        }
    }
}

static int
hex_digit(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    if (c >= 'A' && c <= 'F')
        return c - 'A' + 10;
    return -1;
}

long
url_decode(char *s, size_t len, bool form)
{
    size_t out = 0;

    for (size_t i = 0; i < len; i++) {
        if (s[i] == '%') {
            int high = len - i > 2 ? hex_digit(s[i + 1]) : -1;
            int low = len - i > 2 ? hex_digit(s[i + 2]) : -1;
            if (high < 0 || low < 0)
                return -1;
            s[out++] = (char)(high * 16 + low);
            i += 2;
        } else {
            s[out++] = form && s[i] == '+' ? ' ' : s[i];
        }
    }
    return (long)out;
}

/* The pattern with its {id}s filled in; NULL when there are fewer ids than places. `out` has room
 * for ROUTE_IDS of them. Returns the end. */
static char *
fill(char *out, const char *pattern, const struct id *id)
{
    for (const char *p = pattern; *p != '\0';) {
        if (*p != '{') {
            *out++ = *p++;
            continue;
        }
        if (id == NULL)
            return NULL;
        id_format(id++, out);
        out += ID_TEXT - 1;
        p += sizeof ROUTE_ID - 1;
    }
    *out = '\0';
    return out;
}

const char *
url_for(struct request *rq, const char *name, const struct id *id, const char *query)
{
    const struct route *route = route_named(name);
    size_t more = query != NULL ? strlen(query) : 0;
    char *out, *end;

    if (route == NULL) {
        log_write(LOG_LEVEL_ERROR, "url_for: no route \"%.40s\"", name);
        return "/";
    }
    out = arena_alloc(rq->arena, strlen(route->pattern) + ROUTE_IDS * ID_TEXT + more + 2);
    if (out == NULL)
        return "/";
    if ((end = fill(out, route->pattern, id)) == NULL) {
        log_write(LOG_LEVEL_ERROR, "url_for: an id is missing for \"%.40s\"", name);
        return "/";
    }
    if (more > 0) {
        *end++ = '?';
        memcpy(end, query, more + 1);
    }
    return out;
}

const char *
url_static(struct request *rq, const char *file)
{
    struct exchange *x = rq->internal;
    const char *stamp = stamps_get(x->app->stamps, file);
    const char *out;

    if (stamp != NULL)
        out = arena_printf(rq->arena, "%s/%s?v=%s", rq->conf->app.static_url, file, stamp);
    else
        out = arena_printf(rq->arena, "%s/%s", rq->conf->app.static_url, file);
    return out != NULL ? out : "/";
}
