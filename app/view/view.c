/*
 * Views: trees of names and values in the request's arena; see view.h. The renderer sees them
 * through view_data.
 */
#include "app/view/view.h"

#include <string.h>

#include "app/http/http.h"
#include "app/view/view_node.h"
#include "common/arena.h"

/* One node. An object holds members, a list items; both are linked by `next` in the order they
 * came. */
struct view {
    enum mustache_kind kind;
    const char *name;
    size_t name_len;
    const char *text;
    struct view *first, *last, *next;
    size_t count;
    struct view *other; /* view_fall_back */
    struct view *root;
    struct arena *arena;
    bool failed; /* of the root */
};

struct view *
view_new(struct arena *arena)
{
    struct view *v = arena_alloc(arena, sizeof *v);

    if (v != NULL)
        *v = (struct view){.kind = MUSTACHE_OBJECT, .root = v, .arena = arena};
    return v;
}

/* Appends an empty node. NULL when `v` is NULL or memory is short, which the root remembers. */
static struct view *
append(struct view *v, enum mustache_kind kind, const char *name)
{
    struct view *n;

    if (v == NULL)
        return NULL;
    n = arena_alloc(v->arena, sizeof *n);
    if (n == NULL) {
        v->root->failed = true;
        return NULL;
    }
    *n = (struct view){.kind = kind, .name = name, .root = v->root, .arena = v->arena};
    n->name_len = name != NULL ? strlen(name) : 0;
    if (v->last != NULL)
        v->last->next = n;
    else
        v->first = n;
    v->last = n;
    v->count++;
    return n;
}

static struct view *
own_member(const struct view *v, const char *name, size_t len)
{
    for (struct view *n = v->first; n != NULL; n = n->next) {
        if (n->name_len == len && memcmp(n->name, name, len) == 0)
            return n;
    }
    return NULL;
}

/* The member of this name, emptied, or a new one: the last value given counts. */
static struct view *
put(struct view *v, enum mustache_kind kind, const char *name)
{
    struct view *n = v != NULL ? own_member(v, name, strlen(name)) : NULL;

    if (n == NULL)
        return append(v, kind, name);
    n->kind = kind;
    n->text = NULL;
    n->first = n->last = NULL;
    n->count = 0;
    return n;
}

/* An empty text is shown as nothing and tests as false. */
static void
put_string(struct view *v, const char *name, const char *copy)
{
    struct view *n;

    if (v == NULL)
        return;
    if (copy == NULL) {
        v->root->failed = true;
        return;
    }
    if ((n = put(v, copy[0] != '\0' ? MUSTACHE_STRING : MUSTACHE_FALSE, name)) != NULL)
        n->text = copy;
}

void
view_text(struct view *v, const char *name, const char *value)
{
    if (v == NULL)
        return;
    if (value == NULL)
        (void)put(v, MUSTACHE_FALSE, name);
    else
        put_string(v, name, arena_strdup(v->arena, value));
}

/* Most pages hold a hundred numbers, and printf takes its time. */
void
view_int(struct view *v, const char *name, int64_t value)
{
    uint64_t left = value < 0 ? 0 - (uint64_t)value : (uint64_t)value;
    char digits[24], *at = digits + sizeof digits;

    if (v == NULL)
        return;
    *--at = '\0';
    do {
        *--at = (char)('0' + left % 10);
        left /= 10;
    } while (left > 0);
    if (value < 0)
        *--at = '-';
    put_string(v, name, arena_strdup(v->arena, at));
}

void
view_real(struct view *v, const char *name, double value, int decimals)
{
    if (v != NULL)
        put_string(v, name, arena_printf(v->arena, "%.*f", decimals, value));
}

void
view_borrow(struct view *v, const char *name, const char *value)
{
    put_string(v, name, value);
}

void
view_flag(struct view *v, const char *name, bool value)
{
    (void)put(v, value ? MUSTACHE_TRUE : MUSTACHE_FALSE, name);
}

struct view *
view_section(struct view *v, const char *name)
{
    struct view *n = v != NULL ? own_member(v, name, strlen(name)) : NULL;

    return n != NULL && n->kind == MUSTACHE_OBJECT ? n : put(v, MUSTACHE_OBJECT, name);
}

struct view *
view_item(struct view *v, const char *name)
{
    struct view *list = v != NULL ? own_member(v, name, strlen(name)) : NULL;

    if (list == NULL || list->kind != MUSTACHE_LIST)
        list = put(v, MUSTACHE_LIST, name);
    return append(list, MUSTACHE_OBJECT, NULL);
}

static void
put_choices(struct view *v, const struct field *f, const struct value *value)
{
    for (int i = 0; f->choices != NULL && f->choices[i] != NULL; i++) {
        struct view *item = view_item(v, "choices");
        view_text(item, "value", f->choices[i]);
        view_flag(item, "selected", value->present && value->error == NULL && value->i == i);
    }
}

void
view_form(struct view *v, struct request *rq)
{
    const struct form *form = rq->route != NULL ? rq->route->form : NULL;

    for (size_t i = 0; form != NULL && i < form->count; i++) {
        const struct field *f = &form->fields[i];
        const struct value *value = &rq->values[i];
        struct view *field = view_section(v, f->name);
        view_text(field, "name", f->name);
        if (f->type != FIELD_SECRET && f->type != FIELD_FILE)
            view_text(field, "value", value->text);
        view_text(field, "error", value->error);
        view_flag(field, "checked", f->type == FIELD_CHECK && value->i != 0);
        put_choices(field, f, value);
    }
}

void
view_share(struct view *v, const char *name, const struct view *other)
{
    struct view *n = put(v, MUSTACHE_OBJECT, name);

    if (n == NULL)
        return;
    if (other == NULL) {
        v->root->failed = true;
        return;
    }
    n->first = other->first;
    n->count = other->count;
}

void
view_fall_back(struct view *v, struct view *other)
{
    v->other = other;
}

bool
view_failed(const struct view *v)
{
    return v == NULL || v->failed;
}

/* --- as the renderer sees it --- */

static const void *
data_get(const void *node, const char *name, size_t len)
{
    for (const struct view *v = node; v != NULL; v = v->other) {
        const struct view *n = own_member(v, name, len);
        if (n != NULL)
            return n;
    }
    return NULL;
}

static enum mustache_kind
data_kind(const void *node)
{
    return ((const struct view *)node)->kind;
}

static const char *
data_string(const void *node)
{
    return ((const struct view *)node)->text;
}

static size_t
data_size(const void *node)
{
    return ((const struct view *)node)->count;
}

static const void *
data_at(const void *node, size_t i)
{
    const struct view *n = ((const struct view *)node)->first;

    while (n != NULL && i-- > 0)
        n = n->next;
    return n;
}

const struct mustache_data view_data = {data_get, data_kind, data_string, data_size, data_at};
