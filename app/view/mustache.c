/*
 * The compiler of Mustache templates; see mustache.h. One pass over the source. The rule for tags
 * that stand alone on their line (they take the whole line with them) is in `alone`. Rendering is
 * mustache_render.c.
 */
#include "app/view/mustache.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "app/view/mustache_node.h"
#include "common/err.h"

#define DEPTH_MAX 64
#define DELIMITER_MAX 16

struct parser {
    struct mustache *m;
    const char *s;
    size_t len, at;
    char open[DELIMITER_MAX], close[DELIMITER_MAX];
    size_t open_len, close_len;
    size_t sections[DEPTH_MAX]; /* nodes that wait for their end */
    size_t depth;
    struct err *e;
};

/* A tag as it stands in the source: its kind ('n' for a name) and what is between the delimiters,
 * trimmed. */
struct tag {
    char kind;
    size_t begin, end; /* with delimiters */
    const char *s;
    size_t len;
};

static int
broken(const struct parser *p, size_t at, const char *what)
{
    int line = 1;

    for (size_t i = 0; i < at && i < p->len; i++)
        line += p->s[i] == '\n';
    return err_setf(p->e, ST_INVALID, "Line %d: %s.", line, what);
}

static struct node *
add(struct parser *p, enum node_kind kind, const char *s, size_t len)
{
    struct mustache *m = p->m;
    struct node *n;

    if (m->count == m->cap) {
        size_t cap = m->cap == 0 ? 32 : m->cap * 2;
        struct node *more = realloc(m->nodes, cap * sizeof *more);
        if (more == NULL) {
            err_set(p->e, ST_NOMEM, "Please try again later.", "template");
            return NULL;
        }
        m->nodes = more;
        m->cap = cap;
    }
    n = &m->nodes[m->count++];
    *n = (struct node){.kind = kind, .s = s, .len = len};
    return n;
}

static bool
is_line_start(const struct parser *p, size_t at)
{
    return at == 0 || p->s[at - 1] == '\n';
}

/* Text, line by line: where a line of the template begins, a partial's indentation will go. Empty
 * lines get none. */
static int
add_text(struct parser *p, size_t from, size_t to)
{
    while (from < to) {
        const char *newline = memchr(p->s + from, '\n', to - from);
        size_t len = newline != NULL ? (size_t)(newline - (p->s + from)) + 1 : to - from;
        bool empty = p->s[from] == '\n' || (p->s[from] == '\r' && len == 2);
        if (is_line_start(p, from) && !empty && add(p, NODE_INDENT, NULL, 0) == NULL)
            return ST_NOMEM;
        if (add(p, NODE_TEXT, p->s + from, len) == NULL)
            return ST_NOMEM;
        from += len;
    }
    return ST_OK;
}

static const char *
find(const char *s, size_t len, const char *what, size_t what_len)
{
    for (size_t i = 0; i + what_len <= len; i++) {
        if (s[i] == what[0] && memcmp(s + i, what, what_len) == 0)
            return s + i;
    }
    return NULL;
}

static bool
is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

/* Reads the tag that begins at `begin`. */
static int
read_tag(const struct parser *p, size_t begin, struct tag *tag)
{
    size_t at = begin + p->open_len, after, inside;
    char ending[DELIMITER_MAX + 1];
    size_t ending_len = 0;
    const char *stop;

    while (at < p->len && is_blank(p->s[at]))
        at++;
    *tag = (struct tag){.kind = 'n', .begin = begin};
    if (at < p->len && strchr("#^/>!&={", p->s[at]) != NULL && p->s[at] != '\0')
        tag->kind = p->s[at++];
    if (tag->kind == '{')
        ending[ending_len++] = '}';
    else if (tag->kind == '=')
        ending[ending_len++] = '=';
    memcpy(ending + ending_len, p->close, p->close_len);
    ending_len += p->close_len;
    stop = find(p->s + at, p->len - at, ending, ending_len);
    if (stop == NULL)
        return broken(p, begin, "a tag is not closed");
    after = (size_t)(stop - p->s);
    tag->end = after + ending_len;
    for (inside = at; inside < after && is_blank(p->s[inside]);)
        inside++;
    while (after > inside && is_blank(p->s[after - 1]))
        after--;
    tag->s = p->s + inside;
    tag->len = after - inside;
    if (tag->kind == '!' || tag->kind == '=')
        return ST_OK;
    if (tag->len == 0)
        return broken(p, begin, "a tag has no name");
    for (size_t i = 0; i < tag->len; i++) {
        if (is_blank(tag->s[i]))
            return broken(p, begin, "a name holds a blank");
    }
    return ST_OK;
}

/* True when the tag is the only thing on its line(s). Then *from is where its line begins and *to
 * where the next one does. */
static bool
alone(const struct parser *p, const struct tag *tag, size_t *from, size_t *to)
{
    size_t a = tag->begin, b = tag->end;

    if (tag->kind == 'n' || tag->kind == '{' || tag->kind == '&')
        return false;
    while (a > 0 && (p->s[a - 1] == ' ' || p->s[a - 1] == '\t'))
        a--;
    while (b < p->len && (p->s[b] == ' ' || p->s[b] == '\t'))
        b++;
    if (!is_line_start(p, a))
        return false;
    if (b + 1 < p->len && p->s[b] == '\r' && p->s[b + 1] == '\n')
        b += 2;
    else if (b < p->len && p->s[b] == '\n')
        b++;
    else if (b < p->len)
        return false;
    *from = a;
    *to = b;
    return true;
}

/* {{=<% %>=}} */
static int
set_delimiters(struct parser *p, const struct tag *tag)
{
    const char *end = tag->s + tag->len, *a = tag->s, *b, *c;

    for (b = a; b < end && !is_blank(*b);)
        b++;
    for (c = b; c < end && is_blank(*c);)
        c++;
    for (const char *q = c; q < end; q++) {
        if (is_blank(*q))
            return broken(p, tag->begin, "new delimiters are two words");
    }
    if (b == a || c == end || b - a >= DELIMITER_MAX || end - c >= DELIMITER_MAX ||
        memchr(tag->s, '=', tag->len) != NULL)
        return broken(p, tag->begin, "new delimiters are two words without =");
    p->open_len = (size_t)(b - a);
    p->close_len = (size_t)(end - c);
    memcpy(p->open, a, p->open_len);
    memcpy(p->close, c, p->close_len);
    return ST_OK;
}

static int
open_section(struct parser *p, const struct tag *tag)
{
    enum node_kind kind = tag->kind == '#' ? NODE_SECTION : NODE_INVERTED;

    if (p->depth == DEPTH_MAX)
        return broken(p, tag->begin, "sections are nested too deeply");
    p->sections[p->depth++] = p->m->count;
    return add(p, kind, tag->s, tag->len) != NULL ? ST_OK : ST_NOMEM;
}

static int
close_section(struct parser *p, const struct tag *tag)
{
    struct node *n;

    if (p->depth == 0)
        return broken(p, tag->begin, "a section is closed that is not open");
    n = &p->m->nodes[p->sections[--p->depth]];
    if (n->len != tag->len || memcmp(n->s, tag->s, tag->len) != 0)
        return broken(p, tag->begin, "another section is open here");
    n->end = p->m->count;
    return ST_OK;
}

static int
add_tag(struct parser *p, const struct tag *tag, const char *blanks, size_t blanks_len)
{
    struct node *n;

    switch (tag->kind) {
    case '!':
        return ST_OK;
    case '=':
        return set_delimiters(p, tag);
    case '#':
    case '^':
        return open_section(p, tag);
    case '/':
        return close_section(p, tag);
    case '>':
        if ((n = add(p, NODE_PARTIAL, tag->s, tag->len)) == NULL)
            return ST_NOMEM;
        n->blanks = blanks;
        n->blanks_len = blanks_len;
        return ST_OK;
    default:
        return add(p, tag->kind == 'n' ? NODE_ESCAPED : NODE_RAW, tag->s, tag->len) != NULL
                   ? ST_OK
                   : ST_NOMEM;
    }
}

static int
parse(struct parser *p)
{
    int rc;

    while (p->at < p->len) {
        const char *next = find(p->s + p->at, p->len - p->at, p->open, p->open_len);
        size_t text_end = next != NULL ? (size_t)(next - p->s) : p->len, after, line;
        struct tag tag;
        if (next == NULL)
            return add_text(p, p->at, p->len) != ST_OK ? ST_NOMEM
                   : p->depth > 0 ? broken(p, p->len, "a section is not closed")
                                  : ST_OK;
        if ((rc = read_tag(p, text_end, &tag)) != ST_OK)
            return rc;
        if (alone(p, &tag, &line, &after)) {
            if ((rc = add_text(p, p->at, line > p->at ? line : p->at)) != ST_OK)
                return rc;
            rc = add_tag(p, &tag, p->s + line, text_end - line);
        } else {
            after = tag.end;
            if ((rc = add_text(p, p->at, text_end)) != ST_OK)
                return rc;
            if (is_line_start(p, text_end) && add(p, NODE_INDENT, NULL, 0) == NULL)
                return ST_NOMEM;
            rc = add_tag(p, &tag, NULL, 0);
        }
        if (rc != ST_OK)
            return rc;
        p->at = after;
    }
    return p->depth > 0 ? broken(p, p->len, "a section is not closed") : ST_OK;
}

int
mustache_compile(const char *source, size_t len, struct mustache **out, struct err *e)
{
    struct parser p = {
        .open = "{{", .close = "}}", .open_len = 2, .close_len = 2, .len = len, .e = e};
    struct mustache *m = calloc(1, sizeof *m);
    int rc;

    *out = NULL;
    if (m == NULL || (m->source = malloc(len + 1)) == NULL) {
        mustache_free(m);
        return err_set(e, ST_NOMEM, "Please try again later.", "template");
    }
    if (len > 0)
        memcpy(m->source, source, len);
    m->source[len] = '\0';
    p.m = m;
    p.s = m->source;
    if ((rc = parse(&p)) != ST_OK) {
        mustache_free(m);
        return rc;
    }
    *out = m;
    return ST_OK;
}

void
mustache_free(struct mustache *m)
{
    if (m == NULL)
        return;
    free(m->nodes);
    free(m->source);
    free(m);
}
