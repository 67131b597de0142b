/*
 * The Mustache renderer against every named case of the specification's core modules (comments,
 * delimiters, interpolation, sections, inverted sections, partials), with templates of our own; and
 * its refusals. The table of cases is mustache_cases.h.
 */
#include "app/view/mustache.h"
#include "common/err.h"
#include "common/json.h"
#include "common/text.h"
#include "t/lib/tap.h"
#include "t/view/mustache_cases.h"

/* --- JSON as the renderer's data --- */

static const void *
get(const void *node, const char *name, size_t len)
{
    char key[64];

    if (len >= sizeof key)
        return NULL;
    memcpy(key, name, len);
    key[len] = '\0';
    return json_get(node, key);
}

static bool
is_true(const struct json *node)
{
    struct text t;
    bool yes;

    text_init(&t, 10);
    json_put(&t, node);
    yes = strcmp(text_cstr(&t), "true") == 0;
    text_release(&t);
    return yes;
}

static enum mustache_kind
kind(const void *node)
{
    switch (json_kind(node)) {
    case JSON_KIND_NULL:
        return MUSTACHE_FALSE;
    case JSON_KIND_BOOL:
        return is_true(node) ? MUSTACHE_TRUE : MUSTACHE_FALSE;
    case JSON_KIND_ARRAY:
        return MUSTACHE_LIST;
    case JSON_KIND_OBJECT:
        return MUSTACHE_OBJECT;
    default:
        return MUSTACHE_STRING;
    }
}

static const char *
string(const void *node)
{
    static char number[40];

    if (json_kind(node) == JSON_KIND_STRING)
        return json_value_text(node, "");
    if (json_kind(node) == JSON_KIND_INT)
        snprintf(number, sizeof number, "%" PRId64, json_value_int(node, 0));
    else
        snprintf(number, sizeof number, "%g", json_value_number(node, 0));
    return number;
}

static size_t
size(const void *node)
{
    return json_size(node);
}

static const void *
at(const void *node, size_t i)
{
    return json_at(node, i);
}

static const struct mustache_data data = {get, kind, string, size, at};

/* --- partials of a case: "name" and text in turn --- */

#define PARTIALS_MAX 4

struct library {
    const char *names[PARTIALS_MAX];
    struct mustache *compiled[PARTIALS_MAX];
    int count;
};

static const struct mustache *
find(void *ctx, const char *name, size_t len)
{
    const struct library *l = ctx;

    for (int i = 0; i < l->count; i++) {
        if (strlen(l->names[i]) == len && memcmp(l->names[i], name, len) == 0)
            return l->compiled[i];
    }
    return NULL;
}

static void
run_case(const struct mustache_case *c)
{
    struct library library = {0};
    struct mustache_partials partials = {find, &library};
    struct mustache *m = NULL;
    struct json *json = NULL;
    struct text out;
    struct err e = {0};
    int rc = json_parse(c->data, strlen(c->data), 20, &json, &e);

    for (int i = 0; rc == ST_OK && i + 1 < 2 * PARTIALS_MAX && c->partials[i] != NULL; i += 2) {
        library.names[library.count] = c->partials[i];
        rc = mustache_compile(c->partials[i + 1], strlen(c->partials[i + 1]),
                              &library.compiled[library.count++], &e);
    }
    text_init(&out, 10000);
    if (rc == ST_OK)
        rc = mustache_compile(c->template, strlen(c->template), &m, &e);
    if (rc == ST_OK)
        rc = mustache_render(m, &data, json, &partials, &out, &e);
    if (rc != ST_OK)
        diag("%s", e.message);
    is_str(rc == ST_OK ? text_cstr(&out) : NULL, c->expected, c->name);
    text_release(&out);
    mustache_free(m);
    for (int i = 0; i < library.count; i++)
        mustache_free(library.compiled[i]);
    json_free(json);
}

/* --- what is refused --- */

static void
refused(const char *template, const char *message)
{
    struct mustache *m;
    struct err e = {0};

    is_int(mustache_compile(template, strlen(template), &m, &e), ST_INVALID, message);
    ok(m == NULL, "... nothing is handed out");
    is_str(e.message, message, "... and the sentence says where");
    mustache_free(m);
}

static void
test_refusals(void)
{
    refused("a\n{{b", "Line 2: a tag is not closed.");
    refused("{{{a}}", "Line 1: a tag is not closed.");
    refused("{{#a}}", "Line 1: a section is not closed.");
    refused("{{#a}}\n\ntext", "Line 3: a section is not closed.");
    refused("{{/a}}", "Line 1: a section is closed that is not open.");
    refused("{{#a}}\n{{#b}}{{/a}}{{/b}}", "Line 2: another section is open here.");
    refused("{{}}", "Line 1: a tag has no name.");
    refused("{{# }}", "Line 1: a tag has no name.");
    refused("{{a b}}", "Line 1: a name holds a blank.");
    refused("{{=<%=}}", "Line 1: new delimiters are two words without =.");
    refused("{{=a b c=}}", "Line 1: new delimiters are two words.");
    refused("{{==}}", "Line 1: new delimiters are two words without =.");
}

/* A template that includes itself without end, and an output with a ceiling. */
static void
test_bounds(void)
{
    struct library library = {.names = {"self"}, .count = 1};
    struct mustache_partials partials = {find, &library};
    struct mustache *m = library.compiled[0];
    struct json *json = NULL;
    struct text out;
    struct err e = {0};
    char deep[70 * 6 + 1];

    if (mustache_compile("a{{>self}}", 10, &library.compiled[0], &e) != ST_OK ||
        json_parse("{\"x\":\"0123456789\"}", 18, 4, &json, &e) != ST_OK)
        abort();
    text_init(&out, 10000);
    m = library.compiled[0];
    is_int(mustache_render(m, &data, json, &partials, &out, &e), ST_TOOBIG,
           "a template inside itself without end is stopped");
    text_release(&out);
    mustache_free(m);
    if (mustache_compile("{{x}}{{x}}", 10, &m, &e) != ST_OK)
        abort();
    text_init(&out, 15);
    is_int(mustache_render(m, &data, json, NULL, &out, &e), ST_TOOBIG,
           "the output's ceiling holds");
    text_release(&out);
    mustache_free(m);
    for (int i = 0; i < 70; i++)
        memcpy(deep + (size_t)i * 6, "{{#x}}", 6);
    deep[sizeof deep - 1] = '\0';
    is_int(mustache_compile(deep, strlen(deep), &m, &e), ST_INVALID,
           "70 nested sections are refused");
    json_free(json);
}

int
main(void)
{
    for (size_t i = 0; i < sizeof mustache_cases / sizeof mustache_cases[0]; i++)
        run_case(&mustache_cases[i]);
    test_refusals();
    test_bounds();
    return tap_done();
}
