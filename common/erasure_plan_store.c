/*
 * Makes the statements of an erasure from the names that the register declares; the names are
 * checked by register_load.c, every value is a parameter. Tables declared last go first, as keys
 * demand. Knows no table by name. Read next: erasure.c.
 */
#include "common/erasure_store.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/arena.h"
#include "common/db.h"
#include "common/err.h"
#include "common/media.h"
#include "common/register.h"
#include "common/register_sql.h"
#include "common/text.h"

#define ARENA_MAX ((size_t)1024 * 1024)
#define STATEMENT_MAX 4096
#define STEPS_MAX 256
#define ARGS_MAX 24
#define BATCH 200

struct step {
    char what[ERASURE_WHAT];
    const struct register_thing *thing;
    const struct register_erase *erase;
    bool last, files;
    int set_to, where_to; /* how often the replacing text is a parameter: before and after whose */
};

struct erasure_plan {
    struct arena *arena;
    const struct register_file *data;
    struct step *steps;
    const char **statements;
    struct db_set set;
};

static int
no_memory(struct err *e)
{
    return err_set(e, ST_NOMEM, "Out of memory.", "statements of an erasure");
}

/* The text that takes a column's place; `{id}` in it is the row's. */
static const char *
replacement(const struct step *s)
{
    return s->erase->to != NULL && strstr(s->erase->to, "{id}") != NULL ? "REPLACE(?, '{id}', id)"
                                                                        : "?";
}

static void
put_assignments(struct text *t, struct step *s, const struct register_part *part)
{
    const char *const *members = part->keeps ? part->keep.members : NULL;

    for (size_t i = 0; part->names[i] != NULL; i++) {
        text_printf(t, "%s%s = ", i > 0 ? ", " : "", part->names[i]);
        if (s->erase->action == REGISTER_NULL) {
            text_puts(t, "NULL");
        } else if (members == NULL) {
            text_puts(t, replacement(s));
            s->set_to++;
        } else {
            text_printf(t, "JSON_REPLACE(%s", part->names[i]);
            for (size_t j = 0; members[j] != NULL; j++, s->set_to++)
                text_printf(t, ", '$.%s', ?", members[j]);
            text_putc(t, ')');
        }
    }
}

/* Rows in which something is still to be replaced. */
static void
put_not_yet(struct text *t, struct step *s, const struct register_part *part)
{
    const char *const *members = part->keeps ? part->keep.members : NULL;

    text_puts(t, " AND (FALSE");
    for (size_t i = 0; part->names[i] != NULL; i++) {
        if (s->erase->action == REGISTER_NULL) {
            text_printf(t, " OR %s IS NOT NULL", part->names[i]);
        } else if (members == NULL) {
            text_printf(t, " OR NOT %s <=> %s", part->names[i], replacement(s));
            s->where_to++;
        } else {
            for (size_t j = 0; members[j] != NULL; j++, s->where_to++)
                text_printf(t, " OR JSON_VALUE(%s, '$.%s') <> ?", part->names[i], members[j]);
        }
    }
    text_putc(t, ')');
}

static int
add_step(struct erasure_plan *p, const struct register_thing *thing,
         const struct register_part *part, const struct register_erase *erase, struct text *t,
         struct err *e)
{
    struct step *s = &p->steps[p->set.count];

    if (p->set.count == STEPS_MAX)
        return err_set(e, ST_TOOBIG, "The data register has too many tables.", NULL);
    *s = (struct step){.thing = thing, .erase = erase};
    s->last = thing->owner_table == NULL && strcmp(thing->owner, "id") == 0;
    s->files =
        part == NULL && thing->keep.by == REGISTER_MEDIA && thing->keep.rule == REGISTER_AFTER;
    snprintf(s->what, sizeof s->what, "%.48s%s%.48s", thing->name, part != NULL ? "." : "",
             part != NULL ? part->names[0] : "");
    text_clear(t);
    if (part == NULL) {
        text_printf(t, "DELETE FROM %s WHERE ", thing->name);
    } else {
        text_printf(t, "UPDATE %s SET ", thing->name);
        put_assignments(t, s, part);
        text_puts(t, " WHERE ");
    }
    if (!register_sql_owner(t, p->data, thing))
        return err_set(e, ST_INVALID, "The data register does not say whose a row is.", "%s",
                       thing->name);
    if (part != NULL)
        put_not_yet(t, s, part);
    text_printf(t, " LIMIT %d", BATCH);
    if (s->set_to + s->where_to + 2 > ARGS_MAX)
        return err_set(e, ST_TOOBIG, "An erasure replaces too much at once.", "%s", s->what);
    if (t->failed || (p->statements[p->set.count] = arena_strdup(p->arena, text_cstr(t))) == NULL)
        return no_memory(e);
    p->set.count++;
    return ST_OK;
}

static int
add_thing(struct erasure_plan *p, const struct register_thing *t, struct text *text, struct err *e)
{
    int rc = ST_OK;

    if (t->owner == NULL)
        return ST_OK;
    if (t->erase.action == REGISTER_DELETE)
        return add_step(p, t, NULL, &t->erase, text, e);
    for (const struct register_part *part = t->parts; part != NULL && rc == ST_OK;
         part = part->next)
        if (part->erases && part->erase.action != REGISTER_NOTHING)
            rc = add_step(p, t, part, &part->erase, text, e);
    return rc;
}

/* The list is linked forwards; what stands last comes first. */
static int
add_all(struct erasure_plan *p, struct text *text, struct err *e)
{
    const struct register_thing *stack[STEPS_MAX];
    size_t count = 0;
    int rc = ST_OK;

    for (const struct register_thing *t = p->data->things[REGISTER_TABLE];
         t != NULL && count < STEPS_MAX; t = t->next)
        stack[count++] = t;
    while (count > 0 && rc == ST_OK)
        rc = add_thing(p, stack[--count], text, e);
    return rc;
}

int
erasure_plan_open(struct db *db, const struct register_file *r, struct erasure_plan **out,
                  struct err *e)
{
    struct erasure_plan *p = calloc(1, sizeof *p);
    struct text text;
    int rc;

    *out = NULL;
    text_init(&text, STATEMENT_MAX);
    if (p == NULL || (p->arena = arena_new(ARENA_MAX)) == NULL ||
        (p->steps = arena_calloc(p->arena, STEPS_MAX + 1, sizeof *p->steps)) == NULL ||
        (p->statements = arena_calloc(p->arena, STEPS_MAX, sizeof *p->statements)) == NULL) {
        rc = no_memory(e);
        goto out;
    }
    p->data = r;
    p->set = (struct db_set){"erasure by the register", p->statements, 0};
    if ((rc = add_all(p, &text, e)) != ST_OK || (rc = media_sweep_prepare(db, e)) != ST_OK ||
        (rc = erasure_store_prepare_run(db, e)) != ST_OK ||
        (rc = db_prepare(db, &p->set, e)) != ST_OK)
        goto out;
    *out = p;
    p = NULL; /* ownership moved to the caller */
out:
    text_release(&text);
    erasure_plan_free(p);
    return rc;
}

void
erasure_plan_free(struct erasure_plan *p)
{
    if (p == NULL)
        return;
    arena_free(p->arena);
    free(p);
}

size_t
erasure_plan_steps(const struct erasure_plan *p)
{
    return p->set.count;
}

const char *
erasure_plan_what(const struct erasure_plan *p, size_t step)
{
    return p->steps[step].what;
}

const char *
erasure_plan_action(const struct erasure_plan *p, size_t step)
{
    return register_action_word(p->steps[step].erase->action);
}

bool
erasure_plan_is_last(const struct erasure_plan *p, size_t step)
{
    return p->steps[step].last;
}

bool
erasure_plan_has_files(const struct erasure_plan *p, size_t step)
{
    return p->steps[step].files;
}

int
erasure_plan_batch(struct db *db, const struct erasure_plan *p, size_t step, int64_t account,
                   int64_t *changed, struct err *e)
{
    const struct step *s = &p->steps[step];
    struct db_value args[ARGS_MAX];
    struct db_done done = {0};
    size_t count = 0;
    int rc;

    for (int i = 0; i < s->set_to; i++)
        args[count++] = db_text(s->erase->to);
    args[count++] = db_int(account);
    for (int i = 0; i < s->where_to; i++)
        args[count++] = db_text(s->erase->to);
    rc = db_run(db, &p->set, (int)step, args, count, &done, e);
    *changed = rc == ST_OK ? done.affected : 0;
    return rc;
}
