/*
 * The JSON reader: RFC 8259 and nothing beside it. One pass builds a tree inside an arena; an
 * object's members are also kept sorted by key, which finds duplicates and answers json_get. Knows
 * nothing of what the documents mean. The tree is read in json_read.c. Numbers rely on LC_NUMERIC
 * being "C".
 */
#include "common/json.h"

#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/arena.h"
#include "common/err.h"
#include "common/json_node.h"

struct parser {
    const char *start, *at, *end;
    struct arena *arena;
    struct json **stack; /* finished nodes whose array or object is still open */
    size_t depth_left;
    size_t top, cap;
    struct err *e;
};

static int parse_value(struct parser *p, struct json *out);

/* ST_INVALID with line and column of the place reached. */
static int
fail(struct parser *p, const char *what)
{
    int line = 1;
    const char *bol = p->start;

    for (const char *c = p->start; c < p->at; c++) {
        if (*c == '\n') {
            line++;
            bol = c + 1;
        }
    }
    return err_setf(p->e, ST_INVALID, "JSON line %d, column %ld: %s.", line,
                    (long)(p->at - bol) + 1, what);
}

static int
out_of_memory(struct parser *p)
{
    return err_set(p->e, ST_NOMEM, "Please try again later.", "JSON of %zu bytes",
                   (size_t)(p->end - p->start));
}

static void
skip_space(struct parser *p)
{
    while (p->at < p->end && (*p->at == ' ' || *p->at == '\n' || *p->at == '\t' || *p->at == '\r'))
        p->at++;
}

/* Reads the four digits after \u. */
static int
parse_hex4(struct parser *p, unsigned *out)
{
    unsigned v = 0;

    for (int i = 0; i < 4; i++, p->at++) {
        char c = p->at < p->end ? *p->at : '\0';
        if (c >= '0' && c <= '9')
            v = v * 16 + (unsigned)(c - '0');
        else if ((c | 0x20) >= 'a' && (c | 0x20) <= 'f')
            v = v * 16 + (unsigned)((c | 0x20) - 'a') + 10;
        else
            return fail(p, "\\u needs four hexadecimal digits");
    }
    *out = v;
    return ST_OK;
}

/* Writes a code point as UTF-8; returns the end. The escape it came from was longer. */
static char *
put_utf8(char *w, unsigned v)
{
    if (v < 0x80) {
        *w++ = (char)v;
    } else if (v < 0x800) {
        *w++ = (char)(0xC0 | v >> 6);
        *w++ = (char)(0x80 | (v & 0x3F));
    } else if (v < 0x10000) {
        *w++ = (char)(0xE0 | v >> 12);
        *w++ = (char)(0x80 | (v >> 6 & 0x3F));
        *w++ = (char)(0x80 | (v & 0x3F));
    } else {
        *w++ = (char)(0xF0 | v >> 18);
        *w++ = (char)(0x80 | (v >> 12 & 0x3F));
        *w++ = (char)(0x80 | (v >> 6 & 0x3F));
        *w++ = (char)(0x80 | (v & 0x3F));
    }
    return w;
}

static int
parse_escape(struct parser *p, char **w)
{
    static const char from[] = "\"\\/bfnrt";
    static const char to[] = "\"\\/\b\f\n\r\t";
    char c = p->at < p->end ? *p->at : '\0';
    const char *known = c != '\0' ? strchr(from, c) : NULL;
    unsigned v, low;
    int rc;

    if (known != NULL) {
        p->at++;
        *(*w)++ = to[known - from];
        return ST_OK;
    }
    if (c != 'u')
        return fail(p, "unknown escape");
    p->at++;
    if ((rc = parse_hex4(p, &v)) != ST_OK)
        return rc;
    if (v >= 0xD800 && v < 0xDC00 && p->end - p->at >= 6 && p->at[0] == '\\' && p->at[1] == 'u') {
        p->at += 2;
        if ((rc = parse_hex4(p, &low)) != ST_OK)
            return rc;
        if (low < 0xDC00 || low > 0xDFFF)
            return fail(p, "half of a surrogate pair");
        v = 0x10000 + ((v - 0xD800) << 10) + (low - 0xDC00);
    } else if (v >= 0xD800 && v <= 0xDFFF) {
        return fail(p, "half of a surrogate pair");
    }
    if (v == 0)
        return fail(p, "a string cannot hold U+0000");
    *w = put_utf8(*w, v);
    return ST_OK;
}

size_t
json_utf8_length(const unsigned char *s, size_t left)
{
    size_t n;

    if (s[0] < 0x80)
        return 1;
    if (s[0] < 0xC2 || s[0] > 0xF4)
        return 0;
    n = s[0] < 0xE0 ? 2 : s[0] < 0xF0 ? 3 : 4;
    if (n > left)
        return 0;
    for (size_t i = 1; i < n; i++)
        if ((s[i] & 0xC0) != 0x80)
            return 0;
    if ((s[0] == 0xE0 && s[1] < 0xA0) || (s[0] == 0xED && s[1] > 0x9F) ||
        (s[0] == 0xF0 && s[1] < 0x90) || (s[0] == 0xF4 && s[1] > 0x8F))
        return 0;
    return n;
}

/* The closing quote of a string that starts at s, or NULL. */
static const char *
closing_quote(const char *s, const char *end)
{
    for (; s < end && *s != '"'; s++)
        if (*s == '\\' && s + 1 < end)
            s++;
    return s < end ? s : NULL;
}

/* A string from its opening quote. Unescaping shortens, so the source length is room enough. */
static int
parse_string(struct parser *p, const char **out, size_t *out_len)
{
    const char *close;
    char *w, *first;
    int rc;

    if (p->at >= p->end || *p->at != '"')
        return fail(p, "a string is expected");
    p->at++;
    if ((close = closing_quote(p->at, p->end)) == NULL)
        return fail(p, "a string without its closing quote");
    if ((w = first = arena_alloc(p->arena, (size_t)(close - p->at) + 1)) == NULL)
        return out_of_memory(p);
    while (p->at < close) {
        size_t n;
        if (*p->at == '\\') {
            p->at++;
            if ((rc = parse_escape(p, &w)) != ST_OK)
                return rc;
            continue;
        }
        if ((unsigned char)*p->at < 0x20)
            return fail(p, "a control character inside a string");
        n = json_utf8_length((const unsigned char *)p->at, (size_t)(close - p->at));
        if (n == 0)
            return fail(p, "text that is not UTF-8");
        memcpy(w, p->at, n);
        w += n;
        p->at += n;
    }
    p->at = close + 1;
    *out = first;
    *out_len = (size_t)(w - first);
    return ST_OK;
}

static size_t
digits(struct parser *p)
{
    const char *first = p->at;

    while (p->at < p->end && *p->at >= '0' && *p->at <= '9')
        p->at++;
    return (size_t)(p->at - first);
}

static int
parse_number(struct parser *p, struct json *out)
{
    const char *first = p->at;
    bool real = false;
    char copy[128];
    size_t len;

    if (*p->at == '-')
        p->at++;
    if (p->at < p->end && *p->at == '0')
        p->at++;
    else if (digits(p) == 0)
        return fail(p, "a value is expected");
    if (p->at < p->end && *p->at == '.') {
        real = true;
        p->at++;
        if (digits(p) == 0)
            return fail(p, "a digit is expected after the point");
    }
    if (p->at < p->end && (*p->at | 0x20) == 'e') {
        real = true;
        p->at++;
        if (p->at < p->end && (*p->at == '+' || *p->at == '-'))
            p->at++;
        if (digits(p) == 0)
            return fail(p, "a digit is expected in the exponent");
    }
    if ((len = (size_t)(p->at - first)) >= sizeof copy)
        return fail(p, "a number with too many digits");
    memcpy(copy, first, len);
    copy[len] = '\0';
    errno = 0;
    out->kind = real ? JSON_REAL : JSON_INT;
    if (real)
        out->real = strtod(copy, NULL);
    else
        out->integer = strtoll(copy, NULL, 10);
    if (real ? !isfinite(out->real) : errno == ERANGE)
        return fail(p, "a number that is too large");
    return ST_OK;
}

static int
push(struct parser *p, struct json *node)
{
    if (p->top == p->cap) {
        size_t cap = p->cap == 0 ? 64 : p->cap * 2;
        struct json **stack = realloc(p->stack, cap * sizeof(struct json *));
        if (stack == NULL)
            return out_of_memory(p);
        p->stack = stack;
        p->cap = cap;
    }
    p->stack[p->top++] = node;
    return ST_OK;
}

static int
by_key(const void *a, const void *b)
{
    return strcmp((*(struct json *const *)a)->key, (*(struct json *const *)b)->key);
}

/* Moves the nodes above `base` from the stack into the closed array or object. */
static int
close_container(struct parser *p, struct json *out, size_t base)
{
    size_t n = p->top - base;

    out->size = n;
    if (n > 0) {
        if ((out->items = arena_calloc(p->arena, n, sizeof(struct json *))) == NULL)
            return out_of_memory(p);
        memcpy(out->items, p->stack + base, n * sizeof(struct json *));
    }
    p->top = base;
    if (out->kind != JSON_OBJECT || n == 0)
        return ST_OK;
    if ((out->sorted = arena_calloc(p->arena, n, sizeof(struct json *))) == NULL)
        return out_of_memory(p);
    memcpy(out->sorted, out->items, n * sizeof(struct json *));
    qsort(out->sorted, n, sizeof(struct json *), by_key);
    for (size_t i = 1; i < n; i++)
        if (strcmp(out->sorted[i - 1]->key, out->sorted[i]->key) == 0)
            return fail(p, "an object with the same key twice");
    return ST_OK;
}

static int
parse_member(struct parser *p, struct json *container)
{
    struct json *item = arena_alloc(p->arena, sizeof *item);
    size_t key_len;
    int rc;

    if (item == NULL)
        return out_of_memory(p);
    if (container->kind == JSON_OBJECT) {
        if ((rc = parse_string(p, &item->key, &key_len)) != ST_OK)
            return rc;
        skip_space(p);
        if (p->at >= p->end || *p->at != ':')
            return fail(p, "':' is expected");
        p->at++;
    }
    if ((rc = parse_value(p, item)) != ST_OK)
        return rc;
    return push(p, item);
}

static int
parse_container(struct parser *p, struct json *out, char close)
{
    size_t base = p->top;
    int rc;

    if (p->depth_left == 0)
        return fail(p, "too many levels");
    p->depth_left--;
    p->at++;
    skip_space(p);
    if (p->at < p->end && *p->at == close)
        goto closed;
    for (;;) {
        skip_space(p);
        if ((rc = parse_member(p, out)) != ST_OK)
            return rc;
        skip_space(p);
        if (p->at < p->end && *p->at == close)
            break;
        if (p->at >= p->end || *p->at != ',')
            return fail(p, close == '}' ? "',' or '}' is expected" : "',' or ']' is expected");
        p->at++;
    }
closed:
    p->at++;
    p->depth_left++;
    return close_container(p, out, base);
}

static bool
word(struct parser *p, const char *expected)
{
    size_t n = strlen(expected);

    if ((size_t)(p->end - p->at) < n || memcmp(p->at, expected, n) != 0)
        return false;
    p->at += n;
    return true;
}

static int
parse_value(struct parser *p, struct json *out)
{
    skip_space(p);
    if (p->at >= p->end)
        return fail(p, "the document ends too early");
    switch (*p->at) {
    case '{':
        out->kind = JSON_OBJECT;
        return parse_container(p, out, '}');
    case '[':
        out->kind = JSON_ARRAY;
        return parse_container(p, out, ']');
    case '"':
        out->kind = JSON_STRING;
        return parse_string(p, &out->string, &out->size);
    default:
        break;
    }
    if (word(p, "null"))
        return ST_OK;
    if (word(p, "true") || word(p, "false")) {
        out->kind = JSON_BOOL;
        out->integer = p->at[-2] == 'u'; /* tr-u-e, fal-s-e */
        return ST_OK;
    }
    return parse_number(p, out);
}

int
json_parse(const char *data, size_t len, int max_depth, struct json **out, struct err *e)
{
    struct parser p = {.start = data, .at = data, .end = data + len, .e = e};
    struct json *root = NULL;
    int rc;

    *out = NULL;
    p.depth_left = max_depth > 0 ? (size_t)max_depth : 0;
    /* The worst input per byte is "[0,0,…": two bytes for a node and its pointers. */
    if (len > SIZE_MAX / 256 || (p.arena = arena_new(len * 128 + 4096)) == NULL ||
        (root = arena_alloc(p.arena, sizeof *root)) == NULL) {
        rc = out_of_memory(&p);
        goto out;
    }
    root->arena = p.arena;
    if ((rc = parse_value(&p, root)) != ST_OK)
        goto out;
    skip_space(&p);
    if (p.at != p.end) {
        rc = fail(&p, "something follows the document");
        goto out;
    }
    *out = root;
    p.arena = NULL; /* ownership moved to the root node */
out:
    arena_free(p.arena);
    free(p.stack);
    return rc;
}

void
json_free(struct json *j)
{
    if (j != NULL)
        arena_free(j->arena);
}

static int
read_file(const char *path, size_t max_bytes, char **out, size_t *len, struct err *e)
{
    struct stat st;
    char *data = NULL;
    int fd, rc = ST_OK;
    size_t got = 0;

    if ((fd = open(path, O_RDONLY | O_CLOEXEC)) < 0 || fstat(fd, &st) != 0) {
        rc = err_setf(e, ST_IO, "%s cannot be read: %s.", path, strerror(errno));
        goto out;
    }
    if (st.st_size < 0 || (uintmax_t)st.st_size > max_bytes) {
        rc = err_setf(e, ST_TOOBIG, "%s is larger than %zu bytes.", path, max_bytes);
        goto out;
    }
    if ((data = malloc((size_t)st.st_size + 1)) == NULL) {
        rc = err_set(e, ST_NOMEM, "Please try again later.", "reading %s", path);
        goto out;
    }
    while (got < (size_t)st.st_size) {
        ssize_t n = read(fd, data + got, (size_t)st.st_size - got);
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0) {
            rc = err_setf(e, ST_IO, "%s cannot be read: %s.", path,
                          n < 0 ? strerror(errno) : "it became shorter");
            goto out;
        }
        got += (size_t)n;
    }
    *out = data;
    *len = got;
    data = NULL; /* ownership moved to the caller */
out:
    free(data);
    if (fd >= 0)
        close(fd);
    return rc;
}

int
json_parse_file(const char *path, size_t max_bytes, int max_depth, struct json **out, struct err *e)
{
    struct err inner;
    char *data = NULL;
    size_t len = 0;
    int rc;

    *out = NULL;
    if ((rc = read_file(path, max_bytes, &data, &len, e)) != ST_OK)
        return rc;
    err_clear(&inner);
    if ((rc = json_parse(data, len, max_depth, out, &inner)) == ST_INVALID)
        rc = err_setf(e, ST_INVALID, "%s: %s", path, inner.message);
    else if (rc != ST_OK)
        rc = err_set(e, rc, inner.message, "%s", path);
    free(data);
    return rc;
}
