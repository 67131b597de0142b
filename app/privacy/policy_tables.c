/*
 * The policy's tables, made from the data register; and the whole as plain text. Knows no pages.
 */
#include <inttypes.h>
#include <stdbool.h>
#include <string.h>

#include "app/privacy/policy.h"
#include "common/arena.h"
#include "common/err.h"
#include "common/language.h"
#include "common/register_words.h"
#include "common/text.h"

#define CELL_MAX ((size_t)8 * 1024)

struct maker {
    const struct policy *policy;
    struct arena *arena;
    struct text text;
    struct policy_table *table; /* the current one */
    struct policy_row **tail;
    bool failed;
};

static struct policy_table *
new_table(struct maker *m, struct policy_table **at, const char *name, const char *about)
{
    struct policy_table *t = arena_alloc(m->arena, sizeof *t);

    m->failed = m->failed || t == NULL;
    if (t == NULL)
        return NULL;
    t->name = name;
    t->about = about;
    *at = m->table = t;
    m->tail = &t->rows;
    return t;
}

static void
set_heads(struct policy_table *t, size_t count, const char *const *heads)
{
    t->columns = count;
    for (size_t i = 0; i < count; i++)
        t->heads[i] = T(heads[i]);
}

/* The text made so far becomes a cell. */
static const char *
cell(struct maker *m)
{
    const char *copy = m->text.failed ? NULL : arena_strdup(m->arena, text_cstr(&m->text));

    m->failed = m->failed || copy == NULL;
    text_clear(&m->text);
    return copy != NULL ? copy : "";
}

static struct policy_row *
new_row(struct maker *m, const char *name)
{
    struct policy_row *row = arena_alloc(m->arena, sizeof *row);

    m->failed = m->failed || row == NULL;
    if (row == NULL)
        return NULL;
    row->cells[0] = name;
    *m->tail = row;
    m->tail = &row->next;
    return row;
}

/* How long a thing is kept, and columns of it that end earlier. */
static const char *
keep_cell(struct maker *m, const struct register_thing *t)
{
    register_put_keep(&m->text, &t->keep, m->policy->conf);
    for (const struct register_part *p = t->parts; p != NULL; p = p->next) {
        if (!p->keeps)
            continue;
        text_printf(&m->text, "; %s: ", T(p->about));
        register_put_keep(&m->text, &p->keep, m->policy->conf);
    }
    return cell(m);
}

static void
data_row(struct maker *m, const struct register_thing *t)
{
    struct policy_row *row = new_row(m, T(t->about));

    if (row == NULL)
        return;
    register_put_parts(&m->text, t);
    row->cells[1] = cell(m);
    register_put_names(&m->text, m->policy->data->purposes, t->purposes);
    row->cells[2] = cell(m);
    row->cells[3] = register_basis_word(t->basis);
    row->cells[4] = keep_cell(m, t);
}

/* A table for each category that holds anything about a person. Cookies have their own. */
static void
make_data(struct maker *m, struct policy_table **at)
{
    static const char *const heads[] = {N_("What"), N_("Holds"), N_("Purpose"), N_("Ground"),
                                        N_("Kept")};
    const struct register_file *r = m->policy->data;

    for (const struct register_word *c = r->categories; c != NULL; c = c->next) {
        struct policy_table *table = NULL;

        for (int kind = 0; kind < REGISTER_COOKIE; kind++) {
            for (const struct register_thing *t = r->things[kind]; t != NULL; t = t->next) {
                if (t->whose == REGISTER_NOBODY || strcmp(t->category, c->id) != 0)
                    continue;
                if (table == NULL && (table = new_table(m, at, T(c->name), T(c->about))) == NULL)
                    return;
                data_row(m, t);
            }
        }
        if (table != NULL) {
            set_heads(table, 5, heads);
            at = &table->next;
        }
    }
}

static bool
serves(const struct register_thing *t, const char *purpose)
{
    for (size_t i = 0; t->purposes != NULL && t->purposes[i] != NULL; i++)
        if (strcmp(t->purposes[i], purpose) == 0)
            return true;
    return false;
}

/* The grounds of everything that serves a purpose. */
static const char *
grounds(struct maker *m, const char *purpose)
{
    unsigned seen = 0;

    for (int kind = 0; kind < REGISTER_KINDS; kind++)
        for (const struct register_thing *t = m->policy->data->things[kind]; t != NULL; t = t->next)
            seen |= serves(t, purpose) ? 1u << t->basis : 0;
    for (int b = 0; b <= REGISTER_LAW; b++) {
        if ((seen >> b & 1) == 0)
            continue;
        if (m->text.len > 0)
            text_puts(&m->text, T(", "));
        text_puts(&m->text, register_basis_word((enum register_basis)b));
    }
    return cell(m);
}

static void
make_purposes(struct maker *m, struct policy_table **at)
{
    static const char *const heads[] = {N_("Purpose"), N_("That is"), N_("Ground")};
    struct policy_table *table = new_table(m, at, NULL, NULL);

    if (table == NULL)
        return;
    set_heads(table, 3, heads);
    for (const struct register_word *w = m->policy->data->purposes; w != NULL; w = w->next) {
        struct policy_row *row = new_row(m, T(w->name));

        if (row == NULL)
            return;
        row->cells[1] = T(w->about);
        row->cells[2] = grounds(m, w->id);
    }
}

static void
make_cookies(struct maker *m, struct policy_table **at)
{
    static const char *const heads[] = {N_("Cookie"), N_("What it does"), N_("Needed"),
                                        N_("Lives")};
    struct policy_table *table = new_table(m, at, NULL, NULL);

    if (table == NULL)
        return;
    set_heads(table, 4, heads);
    for (const struct register_thing *t = m->policy->data->things[REGISTER_COOKIE]; t != NULL;
         t = t->next) {
        struct policy_row *row = new_row(m, t->name);

        if (row == NULL)
            return;
        row->cells[1] = T(t->about);
        row->cells[2] = t->essential                   ? T("the site cannot do without it")
                        : t->basis == REGISTER_CONSENT ? T("no; only with your consent")
                                                       : T("no; only when you choose");
        register_put_keep(&m->text, &t->keep, m->policy->conf);
        row->cells[3] = cell(m);
    }
}

/* The categories of what reaches a processor. */
static const char *
reached(struct maker *m, const char *processor)
{
    const struct register_file *r = m->policy->data;

    for (const struct register_word *c = r->categories; c != NULL; c = c->next) {
        bool found = false;

        for (int kind = 0; kind < REGISTER_KINDS; kind++)
            for (const struct register_thing *t = r->things[kind]; t != NULL; t = t->next)
                for (size_t i = 0; t->processors != NULL && t->processors[i] != NULL; i++)
                    found = found || (strcmp(t->processors[i], processor) == 0 &&
                                      strcmp(t->category, c->id) == 0);
        if (!found)
            continue;
        if (m->text.len > 0)
            text_puts(&m->text, T("; "));
        text_puts(&m->text, T(c->name));
    }
    return cell(m);
}

static void
make_processors(struct maker *m, struct policy_table **at)
{
    static const char *const heads[] = {N_("Who"), N_("What for"), N_("What reaches it"),
                                        N_("Where"), N_("Safeguard")};
    struct policy_table *table = new_table(m, at, NULL, NULL);

    if (table == NULL)
        return;
    set_heads(table, 5, heads);
    for (const struct register_word *w = m->policy->data->processors; w != NULL; w = w->next) {
        struct policy_row *row = new_row(m, T(w->name));

        if (row == NULL)
            return;
        row->cells[1] = T(w->about);
        row->cells[2] = reached(m, w->id);
        row->cells[3] = w->where != NULL ? T(w->where) : "";
        row->cells[4] = w->safeguard != NULL ? T(w->safeguard) : "";
    }
}

int
policy_tables(const struct policy *p, enum policy_table_kind kind, struct arena *arena,
              struct policy_table **out, struct err *e)
{
    static void (*const makers[])(struct maker *, struct policy_table **) = {
        [POLICY_DATA] = make_data,
        [POLICY_PURPOSES] = make_purposes,
        [POLICY_COOKIES] = make_cookies,
        [POLICY_PROCESSORS] = make_processors,
    };
    struct maker m = {.policy = p, .arena = arena};

    *out = NULL;
    if (kind == POLICY_NO_TABLE)
        return ST_OK;
    text_init(&m.text, CELL_MAX);
    makers[kind](&m, out);
    text_release(&m.text);
    return m.failed ? err_set(e, ST_NOMEM, "Please try again later.", "privacy policy") : ST_OK;
}

/* --- plain text --- */

static void
put_table(struct text *out, const struct policy_table *t)
{
    if (t->name != NULL)
        text_printf(out, "\n## %s: %s\n", t->name, t->about);
    text_putc(out, '\n');
    for (const struct policy_row *row = t->rows; row != NULL; row = row->next) {
        text_printf(out, "- %s.", row->cells[0]);
        for (size_t i = 1; i < t->columns; i++)
            if (row->cells[i][0] != '\0')
                text_printf(out, " %s: %s.", t->heads[i], row->cells[i]);
        text_putc(out, '\n');
    }
}

int
policy_put_text(const struct policy *p, struct arena *arena, struct text *out, struct err *e)
{
    struct policy_table *tables;
    int rc;

    for (const struct policy_section *s = p->sections; s != NULL; s = s->next) {
        text_printf(out, "%s# %s\n", s == p->sections ? "" : "\n", T(s->heading));
        for (const struct policy_line *l = s->lines; l != NULL; l = l->next) {
            text_putc(out, '\n');
            register_put_filled(out, T(l->text), p->conf);
            text_putc(out, '\n');
        }
        if ((rc = policy_tables(p, s->table, arena, &tables, e)) != ST_OK)
            return rc;
        for (; tables != NULL; tables = tables->next)
            put_table(out, tables);
    }
    return out->failed ? err_set(e, ST_NOMEM, "Please try again later.", "privacy policy") : ST_OK;
}

void
policy_put_promises(struct text *t, uint32_t promises)
{
    const char *between = "";

    for (int n = 1; n <= REGISTER_PROMISES; n++) {
        if ((promises >> n & 1) == 0)
            continue;
        text_printf(t, "%sP%d", between, n);
        between = " ";
    }
}
