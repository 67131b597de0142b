/*
 * The privacy policy, its parts that have a page of their own, and its older versions. They read
 * files and no tables. Next: centre_pages.c, what is stored about a member.
 */
#include <stdbool.h>
#include <stddef.h>
#include <string.h>

#include "app/http/http.h"
#include "app/privacy/policy.h"
#include "app/privacy/policy_cache.h"
#include "app/privacy/versions.h"
#include "app/routes.h"
#include "app/view/view.h"
#include "common/arena.h"
#include "common/conf.h"
#include "common/err.h"
#include "common/language.h"
#include "common/register_words.h"

#define LINE_MAX_BYTES ((size_t)16 * 1024)

static const char *
finished(struct request *rq, struct text *t)
{
    const char *copy = t->failed ? NULL : arena_strndup(rq->arena, text_cstr(t), t->len);

    text_release(t);
    return copy;
}

static const char *
promises(struct request *rq, uint32_t mask)
{
    struct text t;

    text_init(&t, 200);
    policy_put_promises(&t, mask);
    return finished(rq, &t);
}

static const char *
filled(struct request *rq, const char *words)
{
    struct text t;

    text_init(&t, LINE_MAX_BYTES);
    register_put_filled(&t, words, rq->conf);
    return finished(rq, &t);
}

/* A table as a list of rows of cells; each cell knows its column's head, for narrow screens. */
static void
put_table(struct view *v, const struct policy_table *t)
{
    struct view *table = view_item(v, "tables");

    view_text(table, "name", t->name);
    view_text(table, "about", t->about);
    for (size_t i = 0; i < t->columns; i++)
        view_text(view_item(table, "heads"), "head", t->heads[i]);
    for (const struct policy_row *r = t->rows; r != NULL; r = r->next) {
        struct view *row = view_item(table, "rows");

        view_text(row, "first", r->cells[0]);
        for (size_t i = 1; i < t->columns; i++) {
            struct view *cell = view_item(row, "cells");
            view_text(cell, "head", t->heads[i]);
            view_text(cell, "text", r->cells[i]);
        }
    }
}

static int
put_section(struct request *rq, struct view *v, const struct policy *p,
            const struct policy_section *s, struct err *e)
{
    struct view *section = view_item(v, "sections");
    struct policy_table *tables;
    int rc = policy_tables(p, s->table, rq->arena, &tables, e);

    view_text(section, "id", s->id);
    view_text(section, "heading", T(s->heading));
    view_text(section, "promises", promises(rq, s->promises));
    for (const struct policy_line *l = s->lines; l != NULL; l = l->next)
        view_text(view_item(section, "lines"), "text", filled(rq, T(l->text)));
    for (; rc == ST_OK && tables != NULL; tables = tables->next)
        put_table(section, tables);
    return rc;
}

/* What all of these pages show. */
static struct view *
policy_view(struct request *rq, const struct policy *p)
{
    struct view *v = view_new(rq->arena);

    view_text(v, "version", p->data->version);
    view_flag(v, "english", language_current() == 0);
    view_text(
        v, "english_url",
        url_for(rq, "policy_version", NULL, arena_printf(rq->arena, "date=%s", p->data->version)));
    return v;
}

static int
privacy_show(struct request *rq, struct response *rs, struct err *e)
{
    const struct policy *p;
    struct view *v;
    int rc = policy_cached(rq->conf, &p, e);

    if (rc != ST_OK)
        return rc;
    v = policy_view(rq, p);
    for (const struct policy_section *s = p->sections; s != NULL && rc == ST_OK; s = s->next)
        rc = put_section(rq, v, p, s, e);
    return rc == ST_OK ? page_render(rq, rs, "privacy", N_("Privacy"), v, e) : rc;
}

/* The sections with one kind of table, as a page of its own. */
static int
part_show(struct request *rq, struct response *rs, enum policy_table_kind kind, const char *flag,
          const char *title, struct err *e)
{
    const struct policy *p;
    struct view *v;
    int rc = policy_cached(rq->conf, &p, e);

    if (rc != ST_OK)
        return rc;
    v = policy_view(rq, p);
    view_flag(v, flag, true);
    for (const struct policy_section *s = p->sections; s != NULL && rc == ST_OK; s = s->next)
        if (s->table == kind)
            rc = put_section(rq, v, p, s, e);
    return rc == ST_OK ? page_render(rq, rs, "privacy-part", title, v, e) : rc;
}

static int
cookies_show(struct request *rq, struct response *rs, struct err *e)
{
    return part_show(rq, rs, POLICY_COOKIES, "of_cookies", N_("Cookies"), e);
}

static int
processors_show(struct request *rq, struct response *rs, struct err *e)
{
    return part_show(rq, rs, POLICY_PROCESSORS, "of_processors", N_("Processors"), e);
}

/* --- versions --- */

static int
versions_show(struct request *rq, struct response *rs, struct err *e)
{
    const struct policy *p;
    struct versions all;
    struct view *v;
    int rc;

    if ((rc = policy_cached(rq->conf, &p, e)) != ST_OK ||
        (rc = versions_list(rq->conf->policy.dir, &all, e)) != ST_OK)
        return rc;
    v = policy_view(rq, p);
    for (size_t i = 0; i < all.count; i++) {
        struct view *item = view_item(v, "versions");
        const char *query = arena_printf(rq->arena, "date=%s", all.dates[i]);

        view_text(item, "date", all.dates[i]);
        view_text(item, "url", url_for(rq, "policy_version", NULL, query));
        view_flag(item, "in_force", strcmp(all.dates[i], p->data->version) == 0);
        view_flag(item, "first", i + 1 == all.count);
    }
    return page_render(rq, rs, "versions", N_("Versions of the privacy policy"), v, e);
}

/* A line of a version's text by what it begins with. */
static void
put_line(struct request *rq, struct view *item, const char *line)
{
    const char *kind = "plain";
    int before = language_for_reader("en"); /* versions stay as they were published */

    if (strncmp(line, "# ", 2) == 0)
        kind = "heading", line += 2;
    else if (strncmp(line, "## ", 3) == 0)
        kind = "group", line += 3;
    else if (strncmp(line, "- ", 2) == 0)
        kind = "row", line += 2;
    view_flag(item, kind, true);
    view_text(item, "text", filled(rq, line));
    language_use(before);
}

static int
put_version(struct request *rq, struct view *v, const struct versions *all, int index,
            struct err *e)
{
    const char *text, *before = "";
    struct difference *list;
    bool changed = false;
    int rc;

    if ((rc = versions_read(rq->conf->policy.dir, all->dates[index], rq->arena, &text, e)) != ST_OK)
        return rc;
    if ((size_t)index + 1 < all->count) {
        view_text(v, "before", all->dates[index + 1]);
        rc = versions_read(rq->conf->policy.dir, all->dates[index + 1], rq->arena, &before, e);
    } else {
        before = text;
    }
    if (rc != ST_OK || (rc = versions_compare(before, text, rq->arena, &list, e)) != ST_OK)
        return rc;
    for (const struct difference *d = list; d != NULL; d = d->next) {
        struct view *item = view_item(v, "lines");

        view_flag(item, "added", d->kind == DIFFERENCE_ADDED);
        view_flag(item, "removed", d->kind == DIFFERENCE_REMOVED);
        put_line(rq, item, d->line);
        changed = changed || d->kind != DIFFERENCE_SAME;
    }
    view_flag(v, "changed", changed);
    return ST_OK;
}

static const struct field version_fields[] = {
    {"date", N_("Date"), FIELD_LINE, VERSION_DATE - 1, VERSION_DATE - 1, true, NULL},
};
static const struct form version_form = {version_fields, 1};

static int
version_show(struct request *rq, struct response *rs, struct err *e)
{
    const struct policy *p;
    struct versions all;
    struct view *v;
    int rc, index;

    if ((rc = policy_cached(rq->conf, &p, e)) != ST_OK ||
        (rc = versions_list(rq->conf->policy.dir, &all, e)) != ST_OK)
        return rc;
    index = rq->errors == 0 ? versions_find(&all, rq->values[0].text) : -1;
    if (index < 0)
        return err_set(e, ST_NOTFOUND, "There is no version of the policy with this date.", NULL);
    v = policy_view(rq, p);
    view_text(v, "date", all.dates[index]);
    view_flag(v, "in_force", strcmp(all.dates[index], p->data->version) == 0);
    if ((rc = put_version(rq, v, &all, index, e)) != ST_OK)
        return rc;
    return page_render(rq, rs, "version", N_("A version of the privacy policy"), v, e);
}

const struct route privacy_routes[] = {
    {"privacy", METHOD_GET, "/privacy", privacy_show, ROUTE_SHARED, CSRF_NONE, RATE_PAGE, NULL, 0},
    {"cookies", METHOD_GET, "/privacy/cookies", cookies_show, ROUTE_SHARED, CSRF_NONE, RATE_PAGE,
     NULL, 0},
    {"processors", METHOD_GET, "/privacy/processors", processors_show, ROUTE_SHARED, CSRF_NONE,
     RATE_PAGE, NULL, 0},
    {"policy_versions", METHOD_GET, "/privacy/versions", versions_show, ROUTE_SHARED, CSRF_NONE,
     RATE_PAGE, NULL, 0},
    {"policy_version", METHOD_GET, "/privacy/version", version_show, ROUTE_SHARED, CSRF_NONE,
     RATE_PAGE, &version_form, 0},
    {0},
};
