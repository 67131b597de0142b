/*
 * Cookies; see cookie.h. The header is a visitor's bytes: anything that does not look like ours is
 * passed over.
 */
#include "app/http/cookie.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "app/http/app.h"
#include "app/http/http.h"
#include "common/err.h"

void
cookie_name(const char *base, bool tls, char out[COOKIE_NAME])
{
    snprintf(out, COOKIE_NAME, "%s%s", tls ? "__Host-" : "", base);
}

static bool
is_value(const char *s, size_t len)
{
    for (size_t i = 0; i < len; i++) {
        char c = s[i];
        if (!((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
              c == '-' || c == '_'))
            return false;
    }
    return len > 0;
}

bool
request_cookie(const struct request *rq, const char *base, char *out, size_t size)
{
    const struct exchange *x = rq->internal;
    char name[COOKIE_NAME];

    cookie_name(base, x->app->tls, name);
    return cookie_find(x->cookie, name, out, size);
}

bool
cookie_find(const char *header, const char *name, char *out, size_t size)
{
    size_t name_len = strlen(name);
    const char *p = header;

    out[0] = '\0';
    while (*p != '\0') {
        size_t len, start = strspn(p, " \t;");
        p += start;
        len = strcspn(p, ";");
        if (len > name_len && strncmp(p, name, name_len) == 0 && p[name_len] == '=') {
            const char *value = p + name_len + 1;
            size_t value_len = len - name_len - 1;
            while (value_len > 0 && (value[value_len - 1] == ' ' || value[value_len - 1] == '\t'))
                value_len--;
            if (value_len >= size || !is_value(value, value_len))
                return false;
            memcpy(out, value, value_len);
            out[value_len] = '\0';
            return true;
        }
        p += len;
    }
    return false;
}

int
cookie_set(struct response *rs, bool tls, const char *base, const char *value, int64_t max_age,
           struct err *e)
{
    char name[COOKIE_NAME], line[256];
    int n;

    cookie_name(base, tls, name);
    n = snprintf(line, sizeof line, "%s=%s; Path=/; Max-Age=%" PRId64 "; HttpOnly; SameSite=Lax%s",
                 name, max_age > 0 ? value : "", max_age > 0 ? max_age : 0, tls ? "; Secure" : "");
    if (n < 0 || (size_t)n >= sizeof line || (max_age > 0 && !is_value(value, strlen(value))))
        return err_set(e, ST_INTERNAL, "Something went wrong on our side. Please try again later.",
                       "cookie %s", name);
    return response_header(rs, "Set-Cookie", line, e);
}
