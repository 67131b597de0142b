/*
 * SQL of an export. Knows no files and no archive: export.c writes what is read here.
 */
#include "common/export_store.h"

#include "common/arena.h"
#include "common/db.h"
#include "common/err.h"
#include "common/register_sql.h"
#include "common/text.h"

#define PLACES_MAX 64
#define STATEMENT_MAX 8192

static const char *statements[PLACES_MAX + 2];
static struct db_set set = {"export", statements, 0};

static const char FILES[] = "SELECT public_id, extension, kind, created_at FROM media"
                            " WHERE account_id = ? AND state = 'stored' ORDER BY id LIMIT ?"
                            " OFFSET ?";

/* Pictures that came with a question; each may be of some megabytes. */
static const char ATTACHED[] = "SELECT f.id, f.extension, f.data FROM ticket_file f"
                               " JOIN ticket t ON t.id = f.ticket_id WHERE t.account_id = ?"
                               " ORDER BY f.id LIMIT ? OFFSET ?";

static void
put_column(struct text *t, const char *table, const char *column, enum register_form form)
{
    if (form == REGISTER_HEX)
        text_printf(t, "LOWER(HEX(%s.%s))", table, column);
    else if (form == REGISTER_TIME || form == REGISTER_FLAG)
        text_printf(t, "%s.%s", table, column);
    else
        text_printf(t, "CAST(%s.%s AS CHAR)", table, column);
}

static int
put_columns(struct text *t, struct export_place *p, struct err *e)
{
    for (const struct register_part *part = p->thing->parts; part != NULL; part = part->next) {
        for (size_t i = 0; part->form != REGISTER_UNEXPORTED && part->names[i] != NULL; i++) {
            if (p->columns == EXPORT_COLUMNS)
                return err_set(e, ST_TOOBIG, "A table has too many columns.", "%s", p->thing->name);
            if (p->columns > 0)
                text_puts(t, ", ");
            put_column(t, p->thing->name, part->names[i], part->form);
            p->names[p->columns] = part->export_as != NULL ? part->export_as : part->names[i];
            p->forms[p->columns++] = part->form;
        }
    }
    return ST_OK;
}

/* Rows alike in every exported column may change places: the copy is the same. */
static int
make_statement(struct text *t, const struct register_file *r, struct export_place *p, struct err *e)
{
    int rc;

    text_puts(t, "SELECT ");
    if ((rc = put_columns(t, p, e)) != ST_OK)
        return rc;
    text_printf(t, " FROM %s WHERE ", p->thing->name);
    if (!register_sql_owner(t, r, p->thing))
        return err_setf(e, ST_INVALID, "%s: exported, but without an owner.", p->thing->name);
    text_puts(t, " ORDER BY ");
    if (p->thing->since != NULL)
        text_printf(t, "%s.%s, ", p->thing->name, p->thing->since);
    for (size_t i = 1; i <= p->columns; i++)
        text_printf(t, "%s%zu", i > 1 ? ", " : "", i);
    text_puts(t, " LIMIT ? OFFSET ?");
    return ST_OK;
}

static int
add_place(const struct register_file *r, struct arena *arena, struct export_place *p, struct err *e)
{
    struct text t;
    int rc;

    text_init(&t, STATEMENT_MAX);
    rc = make_statement(&t, r, p, e);
    if (rc == ST_OK &&
        (t.failed || (statements[set.count] = arena_strdup(arena, text_cstr(&t))) == NULL))
        rc = err_set(e, ST_NOMEM, "Out of memory.", "export");
    if (rc == ST_OK)
        set.count++;
    text_release(&t);
    return rc;
}

/* False for a table whose rows are only numbers of ours and a file. */
static bool
has_columns(const struct register_thing *t)
{
    for (const struct register_part *p = t->parts; p != NULL; p = p->next)
        if (p->form != REGISTER_UNEXPORTED)
            return true;
    return false;
}

int
export_store_prepare(struct db *db, const struct register_file *r, struct arena *arena,
                     struct export_place **places, size_t *count, struct err *e)
{
    int rc;

    *count = set.count = 0;
    if ((*places = arena_alloc(arena, PLACES_MAX * sizeof **places)) == NULL)
        return err_set(e, ST_NOMEM, "Out of memory.", "export");
    for (const struct register_thing *t = r->things[REGISTER_TABLE]; t != NULL; t = t->next) {
        if (t->export_as == NULL || !has_columns(t))
            continue;
        if (set.count == PLACES_MAX)
            return err_set(e, ST_TOOBIG, "There are too many tables.", "export");
        (*places)[*count] = (struct export_place){.thing = t};
        if ((rc = add_place(r, arena, &(*places)[*count], e)) != ST_OK)
            return rc;
        (*count)++;
    }
    statements[set.count++] = ATTACHED;
    statements[set.count++] = FILES;
    return db_prepare(db, &set, e);
}

int
export_store_page(struct db *db, size_t place, int64_t account, int64_t from, struct db_rows **out,
                  struct err *e)
{
    return db_query(db, &set, (int)place,
                    DB_ARGS(db_int(account), db_int(EXPORT_PAGE), db_int(from)), out, e);
}

int
export_store_files(struct db *db, int64_t account, int64_t from, struct db_rows **out,
                   struct err *e)
{
    return export_store_page(db, set.count - 1, account, from, out, e);
}

int
export_store_attached(struct db *db, int64_t account, int64_t from, struct db_rows **out,
                      struct err *e)
{
    return db_query(db, &set, (int)set.count - 2,
                    DB_ARGS(db_int(account), db_int(EXPORT_FEW), db_int(from)), out, e);
}
