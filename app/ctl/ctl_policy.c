/*
 * Commands that print what the data register says: the record of processing, and the privacy policy
 * as plain text. Knows no pages. Read next: app/privacy/policy.h.
 */
#include <stdbool.h>
#include <stdio.h>

#include "app/ctl/ctl.h"
#include "app/privacy/policy.h"
#include "common/arena.h"
#include "common/conf.h"
#include "common/register_words.h"
#include "common/text.h"

#define POLICY_MAX ((size_t)8 * 1024 * 1024)
#define TEXT_MAX ((size_t)1024 * 1024)
#define CELLS 11

static const char *const heads[CELLS] = {
    "Kind",     "Name",         "What it is", "Holds",      "Whose",   "Category",
    "Purposes", "Legal ground", "Kept",       "On erasure", "Reaches",
};

/* A line of the record: texts one after the other in one buffer. */
struct line {
    struct text cells[CELLS];
};

static void
fill_line(struct line *l, const struct policy *p, const struct register_thing *t)
{
    const struct register_word *category =
        t->category != NULL ? register_word(p->data->categories, t->category) : NULL;

    text_puts(&l->cells[0], register_kind_word(t->kind));
    text_puts(&l->cells[1], t->name);
    text_puts(&l->cells[2], t->about);
    register_put_parts(&l->cells[3], t);
    text_puts(&l->cells[4], register_whose_word(t->whose));
    text_puts(&l->cells[5], category != NULL ? category->name : "");
    register_put_names(&l->cells[6], p->data->purposes, t->purposes);
    text_puts(&l->cells[7], register_basis_word(t->basis));
    register_put_keep(&l->cells[8], &t->keep, p->conf);
    text_puts(&l->cells[9], register_action_word(t->erase.action));
    register_put_names(&l->cells[10], p->data->processors, t->processors);
}

/* RFC 4180. A cell that a spreadsheet would take for a formula cannot come from the register. */
static void
put_csv(const char *text)
{
    putchar('"');
    for (; *text != '\0'; text++) {
        if (*text == '"')
            putchar('"');
        putchar(*text);
    }
    putchar('"');
}

static void
put_html(const char *text)
{
    for (; *text != '\0'; text++) {
        if (*text == '<')
            fputs("&lt;", stdout);
        else if (*text == '>')
            fputs("&gt;", stdout);
        else if (*text == '&')
            fputs("&amp;", stdout);
        else
            putchar(*text);
    }
}

static void
put_row(const char *const cells[CELLS], bool html, const char *tag)
{
    if (html)
        fputs("<tr>", stdout);
    for (size_t i = 0; i < CELLS; i++) {
        if (html) {
            printf("<%s>", tag);
            put_html(cells[i]);
            printf("</%s>", tag);
        } else {
            if (i > 0)
                putchar(',');
            put_csv(cells[i]);
        }
    }
    fputs(html ? "</tr>\n" : "\r\n", stdout);
}

static void
put_thing(const struct policy *p, const struct register_thing *t, bool html)
{
    const char *cells[CELLS];
    struct line l;

    for (size_t i = 0; i < CELLS; i++)
        text_init(&l.cells[i], TEXT_MAX);
    fill_line(&l, p, t);
    for (size_t i = 0; i < CELLS; i++)
        cells[i] = text_cstr(&l.cells[i]);
    put_row(cells, html, "td");
    for (size_t i = 0; i < CELLS; i++)
        text_release(&l.cells[i]);
}

static void
put_record(const struct policy *p, bool html)
{
    if (html) {
        fputs("<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">"
              "<title>Record of processing</title></head><body>\n<h1>Record of processing: ",
              stdout);
        put_html(p->conf->site.name);
        fputs("</h1>\n<p>Version ", stdout);
        put_html(p->data->version);
        fputs(". Contact: ", stdout);
        put_html(p->conf->site.contact);
        fputs("</p>\n<table border=\"1\">\n", stdout);
    }
    put_row(heads, html, "th");
    for (int kind = 0; kind < REGISTER_KINDS; kind++)
        for (const struct register_thing *t = p->data->things[kind]; t != NULL; t = t->next)
            if (t->whose != REGISTER_NOBODY)
                put_thing(p, t, html);
    if (html)
        fputs("</table>\n</body></html>\n", stdout);
}

int
ctl_register_record(struct ctl *c)
{
    bool html = ctl_option(c, "html") != NULL;
    struct arena *arena;
    struct policy *p;
    int rc;

    if (html == (ctl_option(c, "csv") != NULL))
        return ctl_usage(c, "--csv or --html is needed.");
    if ((arena = arena_new(POLICY_MAX)) == NULL)
        return err_set(&c->e, ST_NOMEM, "Out of memory.", NULL);
    if ((rc = policy_load(c->conf->policy.dir, c->conf, arena, &p, &c->e)) == ST_OK)
        put_record(p, html);
    arena_free(arena);
    return rc;
}

int
ctl_policy_print(struct ctl *c)
{
    struct arena *arena = arena_new(POLICY_MAX);
    struct policy *p;
    struct text out;
    int rc;

    if (arena == NULL)
        return err_set(&c->e, ST_NOMEM, "Out of memory.", NULL);
    text_init(&out, TEXT_MAX);
    if ((rc = policy_load(c->conf->policy.dir, NULL, arena, &p, &c->e)) == ST_OK &&
        (rc = policy_put_text(p, arena, &out, &c->e)) == ST_OK)
        fputs(text_cstr(&out), stdout);
    text_release(&out);
    arena_free(arena);
    return rc;
}
