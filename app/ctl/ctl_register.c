/*
 * Commands about the data register: is it true, and what does it say. Knows no YAML and no SQL.
 * Read next: common/register.h.
 */
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "app/ctl/ctl.h"
#include "app/ctl/schema_store.h"
#include "common/arena.h"
#include "common/conf.h"
#include "common/db.h"
#include "common/purge.h"
#include "common/register.h"

#define REGISTER_MAX ((size_t)8 * 1024 * 1024)
#define PATH_MAX_BYTES 4200

/* *arena holds it; arena_free also after a failure. */
static int
load(struct ctl *c, struct arena **arena, struct register_file **out)
{
    char path[PATH_MAX_BYTES];

    *out = NULL;
    if ((*arena = arena_new(REGISTER_MAX)) == NULL)
        return err_set(&c->e, ST_NOMEM, "Out of memory.", NULL);
    snprintf(path, sizeof path, "%s/register.yaml", c->conf->policy.dir);
    return register_load(path, *arena, out, &c->e);
}

/* Columns of the database that nobody declared. */
static int
find_undeclared(struct ctl *c, const struct register_file *r, int *wrong, int *columns)
{
    struct db_rows *rows;
    int rc = schema_store_columns(c->db, &rows, &c->e);

    if (rc != ST_OK)
        return rc;
    while (db_next(rows)) {
        const char *table = db_get_text(rows, 0, NULL), *column = db_get_text(rows, 1, NULL);
        const struct register_thing *t = register_find(r, REGISTER_TABLE, table);

        (*columns)++;
        if (t != NULL && register_part_of(t, column) != NULL)
            continue;
        printf("%s.%s: not declared in the data register\n", table, column);
        (*wrong)++;
    }
    db_rows_free(rows);
    return ST_OK;
}

/* Declarations of what the database does not have. */
static int
find_gone(struct ctl *c, const struct register_file *r, int *wrong)
{
    bool there;
    int rc;

    for (const struct register_thing *t = r->things[REGISTER_TABLE]; t != NULL; t = t->next) {
        for (const struct register_part *p = t->parts; p != NULL; p = p->next) {
            for (size_t i = 0; p->names[i] != NULL; i++) {
                if ((rc = schema_store_has(c->db, t->name, p->names[i], &there, &c->e)) != ST_OK)
                    return rc;
                if (there)
                    continue;
                printf("%s.%s: declared, and not in the database\n", t->name, p->names[i]);
                (*wrong)++;
            }
        }
    }
    return ST_OK;
}

int
ctl_register_check(struct ctl *c)
{
    struct register_file *r;
    struct arena *arena;
    int rc, wrong = 0, columns = 0;

    if ((rc = load(c, &arena, &r)) != ST_OK || (rc = find_undeclared(c, r, &wrong, &columns)) ||
        (rc = find_gone(c, r, &wrong)) != ST_OK)
        goto out;
    if (wrong == 0)
        printf("the data register of %s declares all %d columns\n", r->version, columns);
    rc = wrong == 0 ? CTL_OK : CTL_FAILED;
out:
    arena_free(arena);
    return rc;
}

static void
list_thing(const struct register_thing *t)
{
    const char *kind = register_kind_word(t->kind);

    if (t->kind == REGISTER_FILE)
        printf("%s %s %s\n", kind, t->name, t->pattern);
    else if (t->parts == NULL)
        printf("%s %s\n", kind, t->name);
    for (const struct register_part *p = t->parts; p != NULL; p = p->next)
        for (size_t i = 0; p->names[i] != NULL; i++)
            printf("%s %s.%s\n", kind, t->name, p->names[i]);
}

/* Who sees to the end of a rule, as the report says it. */
static const char *
seen_to(const struct purge_rule *rule)
{
    if (rule->keep->by == REGISTER_OPERATOR)
        return "gempixctl purge";
    return rule->keep->by == REGISTER_MEDIA ? "gempix-steward media" : "gempix-steward purge";
}

static int
purge_rules(struct ctl *c, struct purge *p, bool dry)
{
    int64_t due, changed;
    int rc;

    printf("%-28s %10s %10s  %s\n", "rule", "due", dry ? "" : "done", "by");
    for (size_t i = 0; i < purge_count(p); i++) {
        const struct purge_rule *rule = purge_rule_at(p, i);

        changed = 0;
        if ((rc = purge_due(p, i, &due, &c->e)) != ST_OK)
            return rc;
        if (!dry && rule->keep->by != REGISTER_MEDIA &&
            (rc = purge_run(p, i, INT32_MAX, NULL, &changed, &c->e)) != ST_OK)
            return rc;
        if (dry)
            printf("%-28s %10" PRId64 " %10s  %s\n", rule->name, due, "", seen_to(rule));
        else
            printf("%-28s %10" PRId64 " %10" PRId64 "  %s\n", rule->name, due, changed,
                   seen_to(rule));
        fflush(stdout);
    }
    return CTL_OK;
}

int
ctl_purge(struct ctl *c)
{
    struct register_file *r;
    struct purge *p = NULL;
    struct arena *arena;
    int rc;

    rc = load(c, &arena, &r);
    if (rc == ST_OK && (rc = purge_open(c->db, r, true, &p, &c->e)) == ST_OK)
        rc = purge_rules(c, p, ctl_option(c, "dry-run") != NULL);
    db_close(c->db); /* before the statements that it remembers */
    c->db = NULL;
    purge_free(p);
    arena_free(arena);
    return rc;
}

int
ctl_register_list(struct ctl *c)
{
    struct register_file *r;
    struct arena *arena;
    int rc = load(c, &arena, &r);

    for (int kind = 0; rc == ST_OK && kind < REGISTER_KINDS; kind++)
        for (const struct register_thing *t = r->things[kind]; t != NULL; t = t->next)
            list_thing(t);
    arena_free(arena);
    return rc;
}
