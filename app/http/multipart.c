/*
 * Bodies of the type multipart/form-data (RFC 7578), strictly as browsers write them: no text
 * before the first boundary, none after the last, no nested parts, no other transfer encoding.
 * Values stay where they are in the body, so a large file is not copied. See form.h.
 */
#include <string.h>
#include <strings.h>

#include "app/http/form.h"
#include "common/arena.h"
#include "common/err.h"

#define BOUNDARY_MAX 70 /* RFC 2046 */
#define LINE_MAX_BYTES 1024
#define LINES_MAX 8
#define NAME_MAX_BYTES 200

struct reader {
    char *at, *end;
    char mark[BOUNDARY_MAX + 5]; /* CR LF -- boundary */
    size_t mark_len;
};

static int
unreadable(struct err *e, const char *why)
{
    return err_set(e, ST_INVALID, "The form could not be read. Please go back and send it again.",
                   "multipart: %s", why);
}

/*
 * The value of a parameter: name=value or name="value", where a browser writes a quote inside as
 * %22 (or, some, as
 * \"). Copies it into out; false when absent or too long.
 */
static bool
parameter(const char *header, const char *name, char *out, size_t size)
{
    size_t name_len = strlen(name), used = 0;
    const char *p = header + strcspn(header, ";");

    while (*p == ';') {
        bool here;
        p += 1 + strspn(p + 1, " \t");
        here = strncasecmp(p, name, name_len) == 0 && p[name_len] == '=';
        p += strcspn(p, "=;");
        if (*p == '=' && p[1] == '"') {
            for (p += 2; *p != '"'; p++) {
                if (*p == '\\' && (p[1] == '"' || p[1] == '\\'))
                    p++;
                if (*p == '\0')
                    return false;
                if (here && used < size)
                    out[used] = *p;
                used += here;
            }
            p++;
        } else if (*p == '=') {
            size_t len = strcspn(p + 1, "; \t");
            if (here && len < size)
                memcpy(out, p + 1, len);
            used += here ? len : 0;
            p += 1 + len;
        }
        if (here) {
            out[used < size ? used : 0] = '\0';
            return used < size;
        }
        p += strspn(p, " \t");
    }
    return false;
}

/* The boundary of a Content-Type header as the mark between parts. */
static bool
set_mark(struct reader *r, const char *type)
{
    static const char allowed[] =
        "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ'()+_,-./:=? ";
    char boundary[BOUNDARY_MAX + 1];
    size_t len;

    if (!parameter(type, "boundary", boundary, sizeof boundary))
        return false;
    len = strlen(boundary);
    if (len == 0 || strspn(boundary, allowed) != len || boundary[len - 1] == ' ')
        return false;
    memcpy(r->mark, "\r\n--", 4);
    memcpy(r->mark + 4, boundary, len + 1);
    r->mark_len = len + 4;
    return true;
}

/* Where `what` begins in the bytes from `from`, or NULL. */
static char *
find(char *from, char *end, const char *what, size_t len)
{
    while ((size_t)(end - from) >= len) {
        char *p = memchr(from, what[0], (size_t)(end - from) - len + 1);
        if (p == NULL)
            return NULL;
        if (memcmp(p, what, len) == 0)
            return p;
        from = p + 1;
    }
    return NULL;
}

/* After a boundary: another part (*more) or the end of the body. */
static int
after_mark(struct reader *r, bool *more, struct err *e)
{
    size_t left = (size_t)(r->end - r->at);

    *more = false;
    if (left >= 2 && memcmp(r->at, "\r\n", 2) == 0) {
        r->at += 2;
        *more = true;
        return ST_OK;
    }
    if (left >= 2 && memcmp(r->at, "--", 2) == 0) {
        r->at += 2;
        left -= 2;
        if (left == 0 || (left == 2 && memcmp(r->at, "\r\n", 2) == 0))
            return ST_OK;
    }
    return unreadable(e, "what follows a boundary");
}

/* One header line without its end into `line`; an empty one ends the headers. */
static int
read_line(struct reader *r, char line[LINE_MAX_BYTES], struct err *e)
{
    char *stop = find(r->at, r->end, "\r\n", 2);
    size_t len;

    if (stop == NULL || (len = (size_t)(stop - r->at)) >= LINE_MAX_BYTES)
        return unreadable(e, "header of a part");
    for (size_t i = 0; i < len; i++) {
        if ((unsigned char)r->at[i] < ' ' && r->at[i] != '\t')
            return unreadable(e, "control character in a header");
    }
    memcpy(line, r->at, len);
    line[len] = '\0';
    r->at = stop + 2;
    return ST_OK;
}

/* The headers of a part: which field it is, and whether it is a file. */
static int
read_headers(struct reader *r, struct arena *arena, struct pair *pair, struct err *e)
{
    static const char disposition[] = "content-disposition:";
    char line[LINE_MAX_BYTES], name[NAME_MAX_BYTES], file[LINE_MAX_BYTES];
    int rc;

    *pair = (struct pair){0};
    for (int i = 0; i <= LINES_MAX; i++) {
        const char *value = line + sizeof disposition - 1;
        if ((rc = read_line(r, line, e)) != ST_OK)
            return rc;
        if (line[0] == '\0')
            return pair->name != NULL ? ST_OK : unreadable(e, "part without a name");
        if (strncasecmp(line, disposition, sizeof disposition - 1) != 0)
            continue;
        value += strspn(value, " \t");
        if (pair->name != NULL || strncasecmp(value, "form-data", 9) != 0 ||
            !parameter(value, "name", name, sizeof name) || name[0] == '\0')
            return unreadable(e, "disposition of a part");
        if ((pair->name = arena_strdup(arena, name)) == NULL)
            return err_set(e, ST_NOMEM, "Please try again later.", "multipart");
        pair->file = parameter(value, "filename", file, sizeof file);
    }
    return unreadable(e, "too many headers");
}

int
form_multipart(struct arena *arena, const char *type, char *data, size_t len, struct pairs *out,
               struct err *e)
{
    struct reader r = {.at = data, .end = data + len};
    bool more;
    int rc;

    *out = (struct pairs){0};
    if (!set_mark(&r, type))
        return unreadable(e, "boundary");
    if ((out->list = arena_calloc(arena, PAIRS_MAX, sizeof *out->list)) == NULL)
        return err_set(e, ST_NOMEM, "Please try again later.", "multipart");
    /* The first boundary has no line end before it. */
    if (len < r.mark_len - 2 || memcmp(data, r.mark + 2, r.mark_len - 2) != 0)
        return unreadable(e, "first boundary");
    r.at += r.mark_len - 2;
    rc = after_mark(&r, &more, e);
    while (rc == ST_OK && more) {
        struct pair *pair = &out->list[out->count];
        char *stop;
        if (out->count == PAIRS_MAX) {
            rc = unreadable(e, "too many parts");
            break;
        }
        if ((rc = read_headers(&r, arena, pair, e)) != ST_OK)
            break;
        if ((stop = find(r.at, r.end, r.mark, r.mark_len)) == NULL) {
            rc = unreadable(e, "part without an end");
            break;
        }
        pair->value = r.at;
        pair->len = (size_t)(stop - r.at);
        r.at = stop + r.mark_len;
        *stop = '\0';
        out->count++;
        rc = after_mark(&r, &more, e);
    }
    if (rc != ST_OK)
        out->count = 0;
    return rc;
}
