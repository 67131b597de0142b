/*
 * The register's conditions as SQL text. Runs nothing: purge_store.c and holdings_store.c do.
 */
#include "common/register_sql.h"

#include "common/text.h"

static void
put_when(struct text *t, const char *table, const struct register_condition *c)
{
    if (c->values[0] == NULL) {
        text_printf(t, " AND %s.%s IS NULL", table, c->column);
        return;
    }
    text_printf(t, " AND %s.%s IN (", table, c->column);
    for (size_t i = 0; c->values[i] != NULL; i++)
        text_printf(t, "%s'%s'", i > 0 ? ", " : "", c->values[i]);
    text_putc(t, ')');
}

void
register_sql_limits(struct text *t, const char *table, const struct register_keep *k)
{
    for (size_t i = 0; i < k->whens; i++)
        put_when(t, table, &k->when[i]);
    for (size_t i = 0; i < k->unlesses; i++)
        text_printf(t, " AND NOT EXISTS (SELECT 1 FROM %s other WHERE other.%s = %s.id)",
                    k->unless[i].table, k->unless[i].column, table);
}

void
register_sql_due(struct text *t, const char *table, const struct register_keep *k)
{
    if (k->rule == REGISTER_AFTER)
        text_printf(t, "%s.%s <= ?", table, k->column);
    else if (k->rule == REGISTER_NEWEST)
        text_printf(t,
                    "COALESCE((SELECT MAX(newest.%s) FROM %s newest"
                    " WHERE newest.%s = %s.id), 0) <= ?",
                    k->other, k->table, k->column, table);
    else
        text_printf(t,
                    "NOT EXISTS (SELECT 1 FROM job WHERE job.id = %s.%s"
                    " AND job.state IN ('queued', 'running'))",
                    table, k->column);
    register_sql_limits(t, table, k);
}

bool
register_sql_owner(struct text *t, const struct register_file *r,
                   const struct register_thing *thing)
{
    const struct register_thing *through;

    if (thing->owner == NULL)
        return false;
    if (thing->owner_table == NULL) {
        text_printf(t, "%s.%s = ?", thing->name, thing->owner);
        return true;
    }
    through = register_find(r, REGISTER_TABLE, thing->owner_table);
    if (through == NULL || through->owner == NULL || through->owner_table != NULL)
        return false;
    text_printf(t, "%s.%s IN (SELECT id FROM %s WHERE %s = ?)", thing->name, thing->owner,
                through->name, through->owner);
    return true;
}

int
register_sql_not_yet(struct text *t, const struct register_part *part,
                     const struct register_keep *k)
{
    int parameters = 0;

    text_puts(t, " AND (FALSE");
    for (size_t i = 0; part->names[i] != NULL; i++) {
        if (k->then == REGISTER_NULL) {
            text_printf(t, " OR %s IS NOT NULL", part->names[i]);
            continue;
        }
        for (size_t j = 0; k->members != NULL && k->members[j] != NULL; j++, parameters++)
            text_printf(t, " OR JSON_VALUE(%s, '$.%s') <> ?", part->names[i], k->members[j]);
        if (k->members == NULL) {
            text_printf(t, " OR NOT %s <=> ?", part->names[i]);
            parameters++;
        }
    }
    text_putc(t, ')');
    return parameters;
}
