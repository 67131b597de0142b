/*
 * The record of processing; see record.h. Knows no pages and no commands.
 */
#include "app/privacy/record.h"

#include <stddef.h>

#include "common/language.h"
#include "common/register_words.h"

#define CELL_MAX ((size_t)64 * 1024)

const char *const record_heads[RECORD_CELLS] = {
    N_("Kind"),  N_("Name"),       N_("What it is"), N_("Holds"),
    N_("Whose"), N_("Category"),   N_("Purposes"),   N_("Legal ground"),
    N_("Kept"),  N_("On erasure"), N_("Reaches"),
};

void
record_fill(struct record_line *l, const struct policy *p, const struct register_thing *t)
{
    const struct register_word *category =
        t->category != NULL ? register_word(p->data->categories, t->category) : NULL;

    for (size_t i = 0; i < RECORD_CELLS; i++)
        text_init(&l->cells[i], CELL_MAX);
    text_puts(&l->cells[0], T(register_kind_word(t->kind)));
    text_puts(&l->cells[1], t->name);
    text_puts(&l->cells[2], T(t->about));
    register_put_parts(&l->cells[3], t);
    text_puts(&l->cells[4], T(register_whose_word(t->whose)));
    text_puts(&l->cells[5], category != NULL ? T(category->name) : "");
    register_put_names(&l->cells[6], p->data->purposes, t->purposes);
    text_puts(&l->cells[7], T(register_basis_word(t->basis)));
    register_put_keep(&l->cells[8], &t->keep, p->conf);
    text_puts(&l->cells[9], T(register_action_word(t->erase.action)));
    register_put_names(&l->cells[10], p->data->processors, t->processors);
}

void
record_release(struct record_line *l)
{
    for (size_t i = 0; i < RECORD_CELLS; i++)
        text_release(&l->cells[i]);
}

const struct register_thing *
record_next(const struct policy *p, const struct register_thing *t)
{
    int kind = t != NULL ? (int)t->kind : -1;

    t = t != NULL ? t->next : NULL;
    for (;;) {
        while (t != NULL && t->whose == REGISTER_NOBODY)
            t = t->next;
        if (t != NULL || ++kind == REGISTER_KINDS)
            return t;
        t = p->data->things[kind];
    }
}

/* A cell that a spreadsheet would take for a formula cannot come from the register. */
static void
put_cell(struct text *out, const char *cell, size_t index)
{
    if (index > 0)
        text_putc(out, ',');
    text_putc(out, '"');
    for (; *cell != '\0'; cell++) {
        if (*cell == '"')
            text_putc(out, '"');
        text_putc(out, *cell);
    }
    text_putc(out, '"');
}

void
record_put_csv(struct text *out, const struct policy *p)
{
    for (size_t i = 0; i < RECORD_CELLS; i++)
        put_cell(out, T(record_heads[i]), i);
    text_puts(out, "\r\n");
    for (const struct register_thing *t = record_next(p, NULL); t != NULL; t = record_next(p, t)) {
        struct record_line l;

        record_fill(&l, p, t);
        for (size_t i = 0; i < RECORD_CELLS; i++)
            put_cell(out, text_cstr(&l.cells[i]), i);
        record_release(&l);
        text_puts(out, "\r\n");
    }
}
