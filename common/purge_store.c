/*
 * Makes the statements of retention from the names that the register declares, and runs them. The
 * names are small letters, digits and underscores (register_load.c refuses others) and were put
 * there by us, never by a visitor; every value is a parameter. Knows no batches: purge.c does.
 */
#include "common/purge_store.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "common/arena.h"
#include "common/clock.h"
#include "common/db.h"
#include "common/err.h"
#include "common/purge.h"
#include "common/register_sql.h"
#include "common/text.h"

#define STATEMENT_MAX 4096
#define STATEMENTS_MAX 256
#define ARGS_MAX 16

struct purge_store {
    struct db *db;
    struct arena *arena;
    const struct purge_rule *rules;
    struct purge_sql *sql; /* by rule */
    const char *statements[STATEMENTS_MAX];
    struct db_set set;
    int mark, note;
};

struct maker {
    struct purge_store *s;
    const struct register_file *r;
    struct text text;
    struct err *e;
};

static int
no_memory(struct err *e)
{
    return err_set(e, ST_NOMEM, "Out of memory.", "statements of retention");
}

/* Takes the finished text as a statement. */
static int
keep_statement(struct maker *m, int *out)
{
    struct purge_store *s = m->s;
    char *copy;

    if (m->text.failed || s->set.count == STATEMENTS_MAX ||
        (copy = arena_strdup(s->arena, text_cstr(&m->text))) == NULL)
        return no_memory(m->e);
    *out = (int)s->set.count;
    s->statements[s->set.count++] = copy;
    text_clear(&m->text);
    return ST_OK;
}

/* --- statements --- */

static void
put_assignments(struct text *t, const struct purge_rule *rule, struct purge_sql *q)
{
    const struct register_keep *k = rule->keep;
    const char *const *names = rule->part->names;

    for (size_t i = 0; names[i] != NULL; i++) {
        text_printf(t, "%s%s = ", i > 0 ? ", " : "", names[i]);
        if (k->then == REGISTER_NULL) {
            text_puts(t, "NULL");
        } else if (k->members == NULL) {
            text_putc(t, '?');
            q->to++;
        } else {
            text_printf(t, "JSON_REPLACE(%s", names[i]);
            for (size_t j = 0; k->members[j] != NULL; j++, q->to++)
                text_printf(t, ", '$.%s', ?", k->members[j]);
            text_putc(t, ')');
        }
    }
}

/* Columns: a count, and a replacement within a window of ids, so that a batch reads few rows. */
static int
make_replacing(struct maker *m, const struct purge_rule *rule, struct purge_sql *q)
{
    const char *table = rule->thing->name;
    int rc;

    text_printf(&m->text, "SELECT COUNT(*) FROM %s WHERE ", table);
    register_sql_due(&m->text, rule->thing->name, rule->keep);
    register_sql_not_yet(&m->text, rule->part, rule->keep);
    if ((rc = keep_statement(m, &q->count)) != ST_OK)
        return rc;
    text_printf(&m->text, "UPDATE %s SET ", table);
    put_assignments(&m->text, rule, q);
    text_printf(&m->text, " WHERE %s.id > ? AND %s.id <= ? AND ", table, table);
    register_sql_due(&m->text, rule->thing->name, rule->keep);
    q->to_condition = register_sql_not_yet(&m->text, rule->part, rule->keep);
    if ((rc = keep_statement(m, &q->act)) != ST_OK)
        return rc;
    text_printf(&m->text, "SELECT COALESCE(MAX(id), 0) FROM %s", table);
    return keep_statement(m, &q->list);
}

/* Whatever is kept with this table's rows; those declared last go first, as keys demand. */
static int
make_children(struct maker *m, const struct purge_rule *rule, struct purge_sql *q)
{
    for (const struct register_thing *t = m->r->things[REGISTER_TABLE]; t != NULL; t = t->next) {
        int rc;

        if (t->keep.rule != REGISTER_WITH || strcmp(t->keep.table, rule->thing->name) != 0)
            continue;
        if (q->child_count == PURGE_CHILDREN)
            return err_set(m->e, ST_TOOBIG, "Too many tables are kept with one.", "%s",
                           rule->thing->name);
        text_printf(&m->text, "DELETE FROM %s WHERE %s = ?", t->name, t->keep.column);
        if ((rc = keep_statement(m, &q->children[q->child_count])) != ST_OK)
            return rc;
        q->child_count++;
    }
    return ST_OK;
}

static int
make_deleting(struct maker *m, const struct purge_rule *rule, struct purge_sql *q)
{
    const char *table = rule->thing->name;
    int rc;

    text_printf(&m->text, "SELECT COUNT(*) FROM %s WHERE ", table);
    register_sql_due(&m->text, rule->thing->name, rule->keep);
    rc = keep_statement(m, &q->count);
    if (rc != ST_OK || rule->keep->by == REGISTER_MEDIA ||
        (rc = make_children(m, rule, q)) != ST_OK)
        return rc;
    if (q->child_count == 0) {
        text_printf(&m->text, "DELETE FROM %s WHERE ", table);
        register_sql_due(&m->text, rule->thing->name, rule->keep);
        text_puts(&m->text, " LIMIT ?");
        return keep_statement(m, &q->act);
    }
    text_printf(&m->text, "SELECT id FROM %s WHERE ", table);
    register_sql_due(&m->text, rule->thing->name, rule->keep);
    text_puts(&m->text, " LIMIT ?");
    if ((rc = keep_statement(m, &q->list)) != ST_OK)
        return rc;
    text_printf(&m->text, "SELECT id FROM %s WHERE ", table);
    register_sql_due(&m->text, rule->thing->name, rule->keep);
    text_printf(&m->text, " AND %s.id = ? FOR UPDATE", table);
    if ((rc = keep_statement(m, &q->lock)) != ST_OK)
        return rc;
    text_printf(&m->text, "DELETE FROM %s WHERE id = ?", table);
    return keep_statement(m, &q->act);
}

static int
make_all(struct maker *m, size_t count)
{
    struct purge_store *s = m->s;
    int rc = ST_OK;

    for (size_t i = 0; i < count && rc == ST_OK; i++) {
        struct purge_sql *q = &s->sql[i];

        q->list = q->lock = -1;
        q->timed = s->rules[i].keep->rule != REGISTER_JOB;
        rc = s->rules[i].part != NULL ? make_replacing(m, &s->rules[i], q)
                                      : make_deleting(m, &s->rules[i], q);
    }
    if (rc != ST_OK)
        return rc;
    text_puts(&m->text, "SELECT mark FROM purge_run WHERE rule = ?");
    if ((rc = keep_statement(m, &s->mark)) != ST_OK)
        return rc;
    text_puts(&m->text, "INSERT INTO purge_run (rule, mark, ran_at, changed, changed_ever)"
                        " VALUES (?, ?, ?, ?, ?) ON DUPLICATE KEY UPDATE mark = VALUES(mark),"
                        " ran_at = VALUES(ran_at), changed = VALUES(changed),"
                        " changed_ever = changed_ever + VALUES(changed_ever)");
    return keep_statement(m, &s->note);
}

int
purge_store_new(struct db *db, struct arena *arena, const struct register_file *r,
                const struct purge_rule *rules, size_t count, struct purge_store **out,
                struct err *e)
{
    struct purge_store *s = arena_alloc(arena, sizeof *s);
    struct maker m = {.s = s, .r = r, .e = e};
    int rc;

    *out = NULL;
    if (s == NULL || (s->sql = arena_calloc(arena, count, sizeof *s->sql)) == NULL)
        return no_memory(e);
    s->db = db;
    s->arena = arena;
    s->rules = rules;
    s->set = (struct db_set){"retention", s->statements, 0};
    text_init(&m.text, STATEMENT_MAX);
    rc = make_all(&m, count);
    text_release(&m.text);
    if (rc == ST_OK && (rc = db_prepare(db, &s->set, e)) == ST_OK)
        *out = s;
    return rc;
}

bool
purge_store_is_whole(const struct purge_store *s, size_t rule)
{
    return s->sql[rule].lock >= 0;
}

/* --- running them --- */

struct args {
    struct db_value list[ARGS_MAX];
    size_t count;
};

static void
add(struct args *a, struct db_value value)
{
    if (a->count < ARGS_MAX)
        a->list[a->count++] = value;
}

static void
add_condition(struct args *a, const struct purge_store *s, size_t rule, int64_t before)
{
    const struct purge_sql *q = &s->sql[rule];

    if (q->timed)
        add(a, db_int(before));
    for (int i = 0; i < q->to_condition; i++)
        add(a, db_text(s->rules[rule].keep->to));
}

static int
one_number(struct purge_store *s, int statement, const struct args *a, int64_t *out, struct err *e)
{
    struct db_rows *rows;
    int rc = db_query(s->db, &s->set, statement, a->list, a->count, &rows, e);

    *out = 0;
    if (rc != ST_OK)
        return rc;
    if (db_next(rows))
        *out = db_get_int(rows, 0);
    db_rows_free(rows);
    return ST_OK;
}

int
purge_store_count(struct purge_store *s, size_t rule, int64_t before, int64_t *due, struct err *e)
{
    struct args a = {.count = 0};

    add_condition(&a, s, rule, before);
    return one_number(s, s->sql[rule].count, &a, due, e);
}

int
purge_store_last(struct purge_store *s, size_t rule, int64_t *id, struct err *e)
{
    return one_number(s, s->sql[rule].list, &(struct args){.count = 0}, id, e);
}

int
purge_store_delete(struct purge_store *s, size_t rule, int64_t before, int max, int64_t *changed,
                   struct err *e)
{
    struct args a = {.count = 0};
    struct db_done done = {0};
    int rc;

    add_condition(&a, s, rule, before);
    add(&a, db_int(max));
    rc = db_run(s->db, &s->set, s->sql[rule].act, a.list, a.count, &done, e);
    *changed = rc == ST_OK ? done.affected : 0;
    return rc;
}

int
purge_store_replace(struct purge_store *s, size_t rule, int64_t before, int64_t after, int64_t upto,
                    int64_t *changed, struct err *e)
{
    struct args a = {.count = 0};
    struct db_done done = {0};
    int rc;

    for (int i = 0; i < s->sql[rule].to; i++)
        add(&a, db_text(s->rules[rule].keep->to));
    add(&a, db_int(after));
    add(&a, db_int(upto));
    add_condition(&a, s, rule, before);
    rc = db_run(s->db, &s->set, s->sql[rule].act, a.list, a.count, &done, e);
    *changed = rc == ST_OK ? done.affected : 0;
    return rc;
}

struct whole {
    struct purge_store *s;
    size_t rule;
    int64_t before, id, changed;
};

static int
whole_body(struct db *db, void *arg, struct err *e)
{
    struct whole *w = arg;
    const struct purge_sql *q = &w->s->sql[w->rule];
    struct db_done done = {0};
    struct args a = {.count = 0};
    int64_t locked;
    int rc;

    w->changed = 0;
    add_condition(&a, w->s, w->rule, w->before);
    add(&a, db_int(w->id));
    if ((rc = one_number(w->s, q->lock, &a, &locked, e)) != ST_OK || locked == 0)
        return rc;
    for (size_t i = q->child_count; i > 0 && rc == ST_OK; i--) {
        rc = db_run(db, &w->s->set, q->children[i - 1], DB_ARGS(db_int(w->id)), &done, e);
        w->changed += done.affected;
    }
    if (rc == ST_OK)
        rc = db_run(db, &w->s->set, q->act, DB_ARGS(db_int(w->id)), &done, e);
    w->changed += done.affected;
    return rc;
}

int
purge_store_delete_whole(struct purge_store *s, size_t rule, int64_t before, int max,
                         int64_t *changed, struct err *e)
{
    struct whole w = {.s = s, .rule = rule, .before = before};
    struct args a = {.count = 0};
    struct db_rows *rows;
    int rc;

    *changed = 0;
    add_condition(&a, s, rule, before);
    add(&a, db_int(max));
    if ((rc = db_query(s->db, &s->set, s->sql[rule].list, a.list, a.count, &rows, e)) != ST_OK)
        return rc;
    while (rc == ST_OK && db_next(rows)) {
        w.id = db_get_int(rows, 0);
        rc = db_transaction(s->db, whole_body, &w, e);
        *changed += rc == ST_OK ? w.changed : 0;
    }
    db_rows_free(rows);
    return rc;
}

int
purge_store_mark(struct purge_store *s, const char *name, int64_t *mark, struct err *e)
{
    struct args a = {.count = 0};

    add(&a, db_text(name));
    return one_number(s, s->mark, &a, mark, e);
}

int
purge_store_note(struct purge_store *s, const char *name, int64_t mark, int64_t changed,
                 struct err *e)
{
    return db_run(
        s->db, &s->set, s->note,
        DB_ARGS(db_text(name), db_int(mark), db_int(clock_now()), db_int(changed), db_int(changed)),
        NULL, e);
}
