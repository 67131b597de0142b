/*
 * Views and the template cache: what handlers put in is what templates get out; an edited file is
 * read again.
 */
#include <utime.h>

#include "app/http/http.h"
#include "app/view/mustache.h"
#include "app/view/templates.h"
#include "app/view/view.h"
#include "app/view/view_node.h"
#include "common/arena.h"
#include "common/clock.h"
#include "common/err.h"
#include "common/text.h"
#include "t/lib/tap.h"

const struct route *const route_tables[] = {NULL};

static void
shows(const struct view *v, const char *template, const char *expected)
{
    struct mustache *m;
    struct text out;
    struct err e = {0};

    text_init(&out, 10000);
    if (mustache_compile(template, strlen(template), &m, &e) != ST_OK ||
        mustache_render(m, &view_data, v, NULL, &out, &e) != ST_OK)
        diag("%s", e.message);
    is_str(text_cstr(&out), expected, template);
    mustache_free(m);
    text_release(&out);
}

static void
test_values(struct arena *arena)
{
    struct view *v = view_new(arena), *section, *other = view_new(arena);

    view_text(v, "text", "a <b>");
    view_text(v, "empty", "");
    view_text(v, "absent", NULL);
    view_int(v, "int", -12);
    view_real(v, "real", 2.5, 2);
    view_flag(v, "yes", true);
    view_flag(v, "no", false);
    section = view_section(v, "who");
    view_text(section, "name", "Ada");
    view_text(view_item(v, "list"), "n", "1");
    view_text(view_item(v, "list"), "n", "2");
    shows(v, "{{text}} {{int}} {{real}}", "a &lt;b&gt; -12 2.50");
    shows(v, "{{#empty}}no{{/empty}}{{^absent}}none{{/absent}}{{#yes}}y{{/yes}}{{#no}}n{{/no}}",
          "noney");
    shows(v, "{{who.name}} {{#who}}{{name}} {{text}}{{/who}}", "Ada Ada a &lt;b&gt;");
    shows(v, "{{#list}}{{n}},{{/list}}", "1,2,");
    view_text(v, "text", "again");
    shows(v, "{{text}}", "again");
    view_text(other, "site", "Gempix");
    view_text(other, "text", "outer");
    view_fall_back(v, other);
    shows(v, "{{site}} {{text}}", "Gempix again");
    ok(!view_failed(v), "nothing failed");
}

static void
test_form(struct arena *arena)
{
    static const char *const words[] = {"red", "blue", NULL};
    static const struct field fields[] = {
        {"name", "Name", FIELD_LINE, 1, 80, true, NULL},
        {"password", "Password", FIELD_SECRET, 1, 80, true, NULL},
        {"colour", "Colour", FIELD_CHOICE, 0, 0, true, words},
        {"terms", "Terms", FIELD_CHECK, 0, 1, false, NULL},
    };
    static const struct form form = {fields, 4};
    struct route route = {.form = &form};
    struct request rq = {.route = &route, .arena = arena};
    struct view *v = view_new(arena);

    rq.values[0] = (struct value){.present = true, .text = "\"Ada\"", .error = "too loud"};
    rq.values[1] = (struct value){.present = true, .text = "secret"};
    rq.values[2] = (struct value){.present = true, .text = "blue", .i = 1};
    rq.values[3] = (struct value){.present = true, .text = "", .i = 1};
    view_form(v, &rq);
    shows(v, "{{name.name}}={{name.value}} ({{name.error}})", "name=&quot;Ada&quot; (too loud)");
    shows(v, "[{{password.value}}]", "[]");
    shows(v, "{{#colour.choices}}{{value}}{{#selected}}!{{/selected}} {{/colour.choices}}",
          "red blue! ");
    shows(v, "{{#terms.checked}}checked{{/terms.checked}}", "checked");
}

/* What cannot be allocated is remembered, and nothing crashes on the way. */
static void
test_memory(void)
{
    struct arena *small = arena_new(20000);
    struct view *v = view_new(small);

    for (int i = 0; i < 2000; i++) {
        struct view *item = view_item(v, "list");
        view_text(item, "name", "a text of some length, so that memory ends");
        view_flag(view_section(item, "deep"), "flag", true);
    }
    ok(view_failed(v), "a view that outgrew its memory says so");
    ok(view_failed(NULL), "... and so does none at all");
    arena_free(small);
}

static void
put_file(const char *path, const char *text, time_t when)
{
    struct utimbuf times = {when, when};
    FILE *f = fopen(path, "we");

    if (f == NULL || fputs(text, f) < 0 || fclose(f) != 0 || utime(path, &times) != 0)
        abort();
}

static void
is_template(struct templates *t, const char *name, const char *expected)
{
    static int64_t now;
    const struct mustache *m;
    struct text out;
    struct err e = {0};
    struct arena *arena = arena_new(100000);

    text_init(&out, 1000);
    templates_begin(t, now += CLOCK_SECOND);
    if (templates_get(t, name, strlen(name), &m, &e) == ST_OK &&
        mustache_render(m, &view_data, view_new(arena), NULL, &out, &e) == ST_OK)
        is_str(text_cstr(&out), expected, name);
    else
        is_str(e.message, expected, name);
    text_release(&out);
    arena_free(arena);
}

static void
test_templates(void)
{
    char directory[] = "/tmp/gempix-view-XXXXXX", path[64];
    struct templates *t;

    if (mkdtemp(directory) == NULL)
        abort();
    snprintf(path, sizeof path, "%s/page.mustache", directory);
    t = templates_new(directory);
    is_template(t, "page", "page.mustache cannot be found.");
    put_file(path, "one", 1000);
    is_template(t, "page", "one");
    put_file(path, "two", 2000);
    is_template(t, "page", "two");
    put_file(path, "a\n{{#b}}", 3000);
    is_template(t, "page", "page.mustache: Line 2: a section is not closed.");
    put_file(path, "mended", 4000);
    is_template(t, "page", "mended");
    is_template(t, "../etc/passwd", "A template has no such name.");
    templates_free(t);
    (void)unlink(path);
    (void)rmdir(directory);
}

int
main(void)
{
    struct arena *arena = arena_new(1000000);

    test_values(arena);
    test_form(arena);
    test_memory();
    test_templates();
    arena_free(arena);
    return tap_done();
}
