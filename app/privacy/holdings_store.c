/*
 * Counts what is stored about a member. The statements are made of the register's names, once per
 * worker. Knows no pages: centre_pages.c shows it.
 */
#include <string.h>

#include "app/privacy/holdings.h"
#include "common/arena.h"
#include "common/clock.h"
#include "common/db.h"
#include "common/err.h"
#include "common/register.h"
#include "common/register_sql.h"
#include "common/text.h"

#define PLACES_MAX 128
#define ARENA_MAX ((size_t)512 * 1024)
#define STATEMENT_MAX 4096
#define ARGS_MAX 32

/* A table, or columns of it that end before their row. */
struct place {
    const struct register_thing *thing;
    const struct register_part *part;
    size_t nexts; /* ends that the statement asks for */
    int replaced; /* of columns: how often each condition has the replacing text */
};

static struct place places[PLACES_MAX];
static const char *statements[PLACES_MAX];
static struct db_set set = {"holdings", statements, 0};
static const struct register_file *prepared; /* whose names the statements are made of */

/* The earliest end of what is there now, by one rule: (SELECT MIN(column) + span …). */
static bool
put_next(struct text *t, const struct register_file *r, const struct place *p,
         const struct register_keep *k)
{
    const struct register_thing *thing = p->thing;

    if (k->rule != REGISTER_AFTER)
        return false;
    text_printf(t, ", (SELECT MIN(%s.%s) + %lld FROM %s WHERE ", thing->name, k->column,
                (long long)(k->seconds * CLOCK_SECOND), thing->name);
    register_sql_owner(t, r, thing);
    register_sql_limits(t, thing->name, k);
    if (p->part != NULL)
        register_sql_not_yet(t, p->part, k);
    text_puts(t, ")");
    return true;
}

/* Count, oldest, and an end for each rule that has a date; false where nobody's. */
static bool
make_statement(struct text *t, const struct register_file *r, struct place *p)
{
    const struct register_keep *first = p->part != NULL ? &p->part->keep : &p->thing->keep;

    text_puts(t, "SELECT COUNT(*), ");
    if (p->thing->since != NULL)
        text_printf(t, "MIN(%s.%s)", p->thing->name, p->thing->since);
    else
        text_puts(t, "NULL");
    for (const struct register_keep *k = first; k != NULL; k = k->next)
        p->nexts += put_next(t, r, p, k);
    text_printf(t, " FROM %s WHERE ", p->thing->name);
    if (!register_sql_owner(t, r, p->thing))
        return false;
    if (p->part != NULL)
        p->replaced = register_sql_not_yet(t, p->part, first);
    return true;
}

static int
add_place(struct arena *arena, const struct register_file *r, const struct register_thing *thing,
          const struct register_part *part, struct err *e)
{
    struct place p = {.thing = thing, .part = part};
    struct text t;
    int rc = ST_OK;

    text_init(&t, STATEMENT_MAX);
    if (make_statement(&t, r, &p)) {
        if (t.failed || set.count == PLACES_MAX ||
            (statements[set.count] = arena_strdup(arena, text_cstr(&t))) == NULL)
            rc = err_set(e, ST_NOMEM, "Please try again later.", "holdings");
        else
            places[set.count++] = p;
    }
    text_release(&t);
    return rc;
}

static int
make_all(const struct register_file *r, struct err *e)
{
    struct arena *arena = arena_new(ARENA_MAX); /* for as long as the worker lives */
    int rc = arena != NULL ? ST_OK : err_set(e, ST_NOMEM, "Please try again later.", "holdings");

    set.count = 0;
    for (const struct register_thing *t = r->things[REGISTER_TABLE]; t != NULL && rc == ST_OK;
         t = t->next) {
        if (t->whose != REGISTER_MEMBER)
            continue;
        rc = add_place(arena, r, t, NULL, e);
        for (const struct register_part *p = t->parts; p != NULL && rc == ST_OK; p = p->next)
            if (p->keeps)
                rc = add_place(arena, r, t, p, e);
    }
    if (rc == ST_OK)
        prepared = r;
    else
        arena_free(arena);
    return rc;
}

static int
count_place(struct db *db, size_t index, int64_t account, struct holding *h, struct err *e)
{
    const struct place *p = &places[index];
    struct db_value args[ARGS_MAX];
    struct db_rows *rows;
    size_t nexts = p->nexts, count = 0;
    int rc;

    for (size_t i = 0; i <= nexts; i++) {
        if (count + 1 + (size_t)p->replaced > ARGS_MAX)
            return err_set(e, ST_TOOBIG, "Please try again later.", "%s: too many rules",
                           p->thing->name);
        args[count++] = db_int(account);
        for (int j = 0; j < p->replaced; j++)
            args[count++] = db_text(p->part->keep.to);
    }
    if ((rc = db_query(db, &set, (int)index, args, count, &rows, e)) != ST_OK)
        return rc;
    h->thing = p->thing;
    h->part = p->part;
    if (db_next(rows)) {
        h->count = db_get_int(rows, 0);
        h->oldest = db_get_int(rows, 1);
        for (unsigned i = 0; i < nexts; i++) {
            int64_t next = db_get_int(rows, 2 + i);
            if (next > 0 && (h->next == 0 || next < h->next))
                h->next = next;
        }
    }
    db_rows_free(rows);
    return ST_OK;
}

int
holdings_load(struct db *db, const struct register_file *r, int64_t account, struct arena *arena,
              struct holding **out, struct err *e)
{
    int rc;

    *out = NULL;
    if (prepared != r && (rc = make_all(r, e)) != ST_OK)
        return rc;
    if ((rc = db_prepare(db, &set, e)) != ST_OK)
        return rc;
    for (size_t i = 0; i < set.count; i++) {
        if ((*out = arena_alloc(arena, sizeof **out)) == NULL)
            return err_set(e, ST_NOMEM, "Please try again later.", "holdings");
        if ((rc = count_place(db, i, account, *out, e)) != ST_OK)
            return rc;
        out = &(*out)->following;
    }
    return ST_OK;
}
