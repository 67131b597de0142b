/*
 * Bodies in the form of addresses, and which parser a body needs; see form.h. Multipart bodies are
 * multipart.c's, types of fields field.c's.
 */
#include "app/http/form.h"

#include <string.h>
#include <strings.h>

#include "app/http/url.h"
#include "common/arena.h"
#include "common/err.h"

static int
unreadable(struct err *e, const char *why)
{
    return err_set(e, ST_INVALID, "The form could not be read. Please go back and send it again.",
                   "form: %s", why);
}

/* One "name=value" of `len` bytes, NUL-terminated by the caller. */
static int
put_pair(struct pairs *out, char *s, size_t len, struct err *e)
{
    struct pair *pair = &out->list[out->count];
    char *equals = memchr(s, '=', len);
    size_t name_len = equals != NULL ? (size_t)(equals - s) : len;
    long n;

    if (out->count == PAIRS_MAX)
        return unreadable(e, "too many fields");
    if ((n = url_decode(s, name_len, true)) < 0)
        return unreadable(e, "percent-encoding of a name");
    if (n == 0 || memchr(s, '\0', (size_t)n) != NULL)
        return unreadable(e, "name of a field");
    s[n] = '\0';
    *pair = (struct pair){.name = s, .value = ""};
    if (equals != NULL) {
        char *value = equals + 1;
        if ((n = url_decode(value, len - name_len - 1, true)) < 0)
            return unreadable(e, "percent-encoding of a value");
        value[n] = '\0';
        pair->value = value;
        pair->len = (size_t)n;
    }
    out->count++;
    return ST_OK;
}

int
form_urlencoded(struct arena *arena, const char *data, size_t len, struct pairs *out, struct err *e)
{
    char *copy;

    *out = (struct pairs){0};
    out->list = arena_calloc(arena, PAIRS_MAX, sizeof *out->list);
    /* A name without "=" needs room for its NUL, also at the very end. */
    if (out->list == NULL || (copy = arena_alloc(arena, len + 1)) == NULL)
        return err_set(e, ST_NOMEM, "Please try again later.", "form");
    if (len > 0)
        memcpy(copy, data, len);
    for (size_t at = 0; at < len;) {
        char *end = memchr(copy + at, '&', len - at);
        size_t part = end != NULL ? (size_t)(end - (copy + at)) : len - at;
        int rc = part > 0 ? put_pair(out, copy + at, part, e) : ST_OK;
        if (rc != ST_OK) {
            out->count = 0;
            return rc;
        }
        at += part + 1;
    }
    return ST_OK;
}

/* True when the media type before any parameter is `type`. */
static bool
is_type(const char *header, const char *type)
{
    size_t len = strcspn(header, "; \t,");

    return len == strlen(type) && strncasecmp(header, type, len) == 0;
}

int
form_body(struct arena *arena, const char *type, char *data, size_t len, struct pairs *out,
          struct err *e)
{
    *out = (struct pairs){0};
    if (len == 0)
        return ST_OK;
    if (is_type(type, "application/x-www-form-urlencoded"))
        return form_urlencoded(arena, data, len, out, e);
    if (is_type(type, "multipart/form-data"))
        return form_multipart(arena, type, data, len, out, e);
    return err_set(e, ST_UNSUPPORTED, "This page takes forms only.", "type of the body");
}

const struct pair *
form_pair(const struct pairs *pairs, const char *name)
{
    for (size_t i = 0; i < pairs->count; i++) {
        if (strcmp(pairs->list[i].name, name) == 0)
            return &pairs->list[i];
    }
    return NULL;
}

size_t
request_ids(const struct request *rq, const char *name, struct id *out, size_t max)
{
    const struct exchange *x = rq->internal;
    size_t count = 0;

    for (size_t i = 0; i < x->pairs.count && count < max; i++) {
        const struct pair *pair = &x->pairs.list[i];
        if (!pair->file && strcmp(pair->name, name) == 0 &&
            id_parse(pair->value, &out[count]) == ST_OK)
            count++;
    }
    return count;
}
