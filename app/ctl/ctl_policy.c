/*
 * Commands that print what the data register says: the record of processing, and the privacy policy
 * as plain text. Knows no pages. Read next: app/privacy/policy.h.
 */
#include <stdbool.h>
#include <stdio.h>

#include "app/ctl/ctl.h"
#include "app/privacy/policy.h"
#include "app/privacy/record.h"
#include "common/arena.h"
#include "common/conf.h"
#include "common/text.h"

#define POLICY_MAX ((size_t)8 * 1024 * 1024)
#define TEXT_MAX ((size_t)1024 * 1024)

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
put_html_record(const struct policy *p)
{
    fputs("<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">"
          "<title>Record of processing</title></head><body>\n<h1>Record of processing: ",
          stdout);
    put_html(p->conf->site.name);
    fputs("</h1>\n<p>Version ", stdout);
    put_html(p->data->version);
    fputs(". Contact: ", stdout);
    put_html(p->conf->site.contact);
    fputs("</p>\n<table border=\"1\">\n<tr>", stdout);
    for (size_t i = 0; i < RECORD_CELLS; i++)
        printf("<th>%s</th>", record_heads[i]);
    fputs("</tr>\n", stdout);
    for (const struct register_thing *t = record_next(p, NULL); t != NULL; t = record_next(p, t)) {
        struct record_line l;

        record_fill(&l, p, t);
        fputs("<tr>", stdout);
        for (size_t i = 0; i < RECORD_CELLS; i++) {
            fputs("<td>", stdout);
            put_html(text_cstr(&l.cells[i]));
            fputs("</td>", stdout);
        }
        record_release(&l);
        fputs("</tr>\n", stdout);
    }
    fputs("</table>\n</body></html>\n", stdout);
}

static void
put_csv_record(const struct policy *p)
{
    struct text out;

    text_init(&out, TEXT_MAX);
    record_put_csv(&out, p);
    fputs(text_cstr(&out), stdout);
    text_release(&out);
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
        html ? put_html_record(p) : put_csv_record(p);
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
