/*
 * The renderer of compiled templates; see mustache.h. Names are looked up from the innermost
 * section outwards; of a dotted name only the first part is. Knows the data only through the
 * caller's functions.
 */
#include <stdbool.h>
#include <string.h>

#include "app/view/mustache.h"
#include "app/view/mustache_node.h"
#include "common/err.h"
#include "common/text.h"

#define DEPTH_MAX 64

/* A context and the ones around it. */
struct scope {
    const void *node;
    const struct scope *outer;
};

/* Indentations of the partials around, outermost first. */
struct indent {
    const char *s;
    size_t len;
    const struct indent *outer;
};

struct renderer {
    const struct mustache_data *data;
    const struct mustache_partials *partials;
    struct text *out;
    struct err *e;
    int depth;
};

static const void *
member(const struct renderer *r, const void *node, const char *name, size_t len)
{
    return node != NULL && r->data->kind(node) == MUSTACHE_OBJECT ? r->data->get(node, name, len)
                                                                  : NULL;
}

static const void *
lookup(const struct renderer *r, const struct scope *scope, const char *name, size_t len)
{
    const char *dot = memchr(name, '.', len);
    size_t first = dot != NULL ? (size_t)(dot - name) : len;
    const void *node = NULL;

    if (len == 1 && name[0] == '.')
        return scope->node;
    for (; scope != NULL && node == NULL; scope = scope->outer)
        node = member(r, scope->node, name, first);
    while (node != NULL && first < len) {
        const char *rest = name + first + 1;
        size_t left = len - first - 1;
        dot = memchr(rest, '.', left);
        left = dot != NULL ? (size_t)(dot - rest) : left;
        node = member(r, node, rest, left);
        first += 1 + left;
    }
    return node;
}

static void
put_escaped(struct text *out, const char *s)
{
    while (*s != '\0') {
        size_t plain = strcspn(s, "&<>\"'");
        text_put(out, s, plain);
        s += plain;
        switch (*s) {
        case '&':
            text_puts(out, "&amp;");
            break;
        case '<':
            text_puts(out, "&lt;");
            break;
        case '>':
            text_puts(out, "&gt;");
            break;
        case '"':
            text_puts(out, "&quot;");
            break;
        case '\'':
            text_puts(out, "&#39;");
            break;
        default:
            return;
        }
        s++;
    }
}

static void
put_value(const struct renderer *r, const struct scope *scope, const struct node *n)
{
    const void *node = lookup(r, scope, n->s, n->len);
    enum mustache_kind kind = node != NULL ? r->data->kind(node) : MUSTACHE_FALSE;
    const char *s;

    if (kind != MUSTACHE_STRING && kind != MUSTACHE_TRUE)
        return;
    if ((s = r->data->string(node)) == NULL)
        return;
    if (n->kind == NODE_RAW)
        text_puts(r->out, s);
    else
        put_escaped(r->out, s);
}

static void
put_indent(struct text *out, const struct indent *indent)
{
    if (indent == NULL)
        return;
    put_indent(out, indent->outer);
    text_put(out, indent->s, indent->len);
}

static int render_nodes(struct renderer *r, const struct mustache *m, size_t from, size_t to,
                        const struct scope *scope, const struct indent *indent);

static int
too_deep(const struct renderer *r)
{
    return err_set(r->e, ST_TOOBIG, "Something went wrong on our side. Please try again later.",
                   "a template is nested deeper than %d", DEPTH_MAX);
}

static int
render_section(struct renderer *r, const struct mustache *m, size_t index,
               const struct scope *scope, const struct indent *indent)
{
    const struct node *n = &m->nodes[index];
    const void *node = lookup(r, scope, n->s, n->len);
    enum mustache_kind kind = node != NULL ? r->data->kind(node) : MUSTACHE_FALSE;
    struct scope inner = {.outer = scope};
    size_t count = kind == MUSTACHE_LIST ? r->data->size(node) : 0;
    bool truth = kind == MUSTACHE_LIST ? count > 0 : kind != MUSTACHE_FALSE;
    int rc = ST_OK;

    if (n->kind == NODE_INVERTED)
        return truth ? ST_OK : render_nodes(r, m, index + 1, n->end, scope, indent);
    if (!truth)
        return ST_OK;
    if (r->depth == DEPTH_MAX)
        return too_deep(r);
    r->depth++;
    for (size_t i = 0; i < (kind == MUSTACHE_LIST ? count : 1) && rc == ST_OK; i++) {
        inner.node = kind == MUSTACHE_LIST ? r->data->at(node, i) : node;
        rc = render_nodes(r, m, index + 1, n->end, &inner, indent);
    }
    r->depth--;
    return rc;
}

static int
render_partial(struct renderer *r, const struct node *n, const struct scope *scope,
               const struct indent *indent)
{
    const struct mustache *m;
    struct indent inner = {n->blanks, n->blanks_len, indent};
    int rc;

    if (r->partials == NULL || (m = r->partials->find(r->partials->ctx, n->s, n->len)) == NULL)
        return ST_OK;
    if (r->depth == DEPTH_MAX)
        return too_deep(r);
    r->depth++;
    /* A partial inside a line continues it: only lines of its own would be indented, and by what
     * surrounds it. */
    rc = render_nodes(r, m, 0, m->count, scope, n->blanks != NULL ? &inner : NULL);
    r->depth--;
    return rc;
}

static int
render_nodes(struct renderer *r, const struct mustache *m, size_t from, size_t to,
             const struct scope *scope, const struct indent *indent)
{
    int rc = ST_OK;

    for (size_t i = from; i < to && rc == ST_OK; i++) {
        const struct node *n = &m->nodes[i];
        switch (n->kind) {
        case NODE_TEXT:
            text_put(r->out, n->s, n->len);
            break;
        case NODE_INDENT:
            put_indent(r->out, indent);
            break;
        case NODE_ESCAPED:
        case NODE_RAW:
            put_value(r, scope, n);
            break;
        case NODE_PARTIAL:
            rc = render_partial(r, n, scope, indent);
            break;
        case NODE_SECTION:
        case NODE_INVERTED:
            rc = render_section(r, m, i, scope, indent);
            i = n->end - 1;
            break;
        }
        if (rc == ST_OK && r->out->failed)
            rc = err_set(r->e, ST_TOOBIG,
                         "Something went wrong on our side. Please try again later.",
                         "a page is larger than %zu bytes", r->out->max);
    }
    return rc;
}

int
mustache_render(const struct mustache *m, const struct mustache_data *data, const void *root,
                const struct mustache_partials *partials, struct text *out, struct err *e)
{
    struct renderer r = {.data = data, .partials = partials, .out = out, .e = e};
    struct scope scope = {.node = root};

    return render_nodes(&r, m, 0, m->count, &scope, NULL);
}
