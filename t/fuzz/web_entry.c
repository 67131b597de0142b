/*
 * The parsers of visitors' bytes and of templates behind the entry that fuzzers look for: the first
 * byte chooses the parser, the rest is its input. What a parser hands out is read completely, so
 * that a sanitizer sees every byte. 20-web.c drives it without a fuzzer; with one: clang
 * -fsanitize=fuzzer,address and this file.
 */
#include "t/fuzz/web_entry.h"

#include <stdlib.h>
#include <string.h>

#include "app/http/cookie.h"
#include "app/http/form.h"
#include "app/http/request.h"
#include "app/http/route.h"
#include "app/http/url.h"
#include "app/view/mustache.h"
#include "app/view/view.h"
#include "app/view/view_node.h"
#include "common/arena.h"
#include "common/conf.h"
#include "common/err.h"
#include "common/text.h"

static const struct route table[] = {
    {.name = "job", .method = METHOD_GET, .pattern = "/jobs/{id}"},
    {.name = "two", .method = METHOD_GET, .pattern = "/a/{id}/{id}"},
    {0},
};
const struct route *const route_tables[] = {table, NULL};

static const char *const words[] = {"red", "blue", NULL};
static const struct field fields[] = {
    {"a", "A", FIELD_TEXT, 1, 100, true, NULL}, {"b", "B", FIELD_LINE, 1, 10, false, NULL},
    {"c", "C", FIELD_INT, 0, 10, false, NULL},  {"d", "D", FIELD_REAL, 0, 10, false, NULL},
    {"e", "E", FIELD_CHECK, 0, 1, false, NULL}, {"f", "F", FIELD_CHOICE, 0, 0, false, words},
    {"g", "G", FIELD_ID, 0, 0, false, NULL},    {"h", "H", FIELD_FILE, 0, 100, false, NULL},
};
static const struct form form = {fields, sizeof fields / sizeof fields[0]};

static size_t
sum(const char *s, size_t len)
{
    size_t total = 0;

    for (size_t i = 0; i < len; i++)
        total += (unsigned char)s[i];
    return total;
}

/* A body of either kind, then its values. A text that is accepted must be valid. */
static size_t
body(struct arena *arena, const char *type, char *data, size_t len)
{
    struct value values[FORM_FIELDS_MAX];
    struct pairs pairs;
    struct err e;
    size_t total = 0;
    int errors;

    if (form_body(arena, type, data, len, &pairs, &e) != ST_OK && pairs.count != 0)
        abort();
    for (size_t i = 0; i < pairs.count; i++)
        total += sum(pairs.list[i].value, pairs.list[i].len + 1) + strlen(pairs.list[i].name);
    if (form_values(arena, &form, &pairs, values, &errors, &e) != ST_OK)
        return total;
    for (size_t i = 0; i < form.count; i++) {
        total += sum(values[i].text, values[i].len);
        if (values[i].error == NULL && fields[i].type != FIELD_FILE &&
            (strlen(values[i].text) != values[i].len ||
             !form_is_utf8(values[i].text, values[i].len)))
            abort();
    }
    return total;
}

static size_t template(struct arena *arena, const char *data, size_t len)
{
    struct view *v = view_new(arena);
    struct mustache *m = NULL;
    struct text out;
    struct err e;
    size_t total = 0;

    view_text(v, "a", "<1>");
    view_text(view_section(v, "b"), "c", "2");
    view_text(view_item(v, "l"), "a", "3");
    view_text(view_item(v, "l"), "a", "4");
    text_init(&out, 100000);
    if (mustache_compile(data, len, &m, &e) == ST_OK &&
        mustache_render(m, &view_data, v, NULL, &out, &e) == ST_OK)
        total = sum(text_cstr(&out), out.len);
    mustache_free(m);
    text_release(&out);
    return total;
}

/* The whole input as a header, a path and parameters. */
static size_t
line(struct arena *arena, char *data, size_t len)
{
    char url[] = "https://example.org", value[64],
         *params[] = {data, data + strlen(data) / 2, NULL};
    struct conf conf = {.site.url = url};
    struct app app = {.conf = &conf, .arena = arena};
    struct id ids[ROUTE_IDS];
    struct exchange x;
    struct request rq;
    struct err e;
    unsigned allowed;
    size_t total = 0;
    long n;

    if (cookie_find(data, "gempix", value, sizeof value))
        total += strlen(value);
    (void)route_find(route_tables, data, METHOD_GET, ids, &allowed);
    if (request_init(&rq, &x, &app, params, &e) == ST_OK)
        total += strlen(rq.path) + strlen(rq.referer_path);
    if ((n = url_decode(data, len, true)) > (long)len)
        abort();
    return total + (n > 0 ? sum(data, (size_t)n) : 0);
}

int
LLVMFuzzerTestOneInput(const uint8_t *input, size_t size)
{
    static volatile size_t sink;
    struct arena *arena = arena_new((size_t)4 << 20);
    size_t len = size > 0 ? size - 1 : 0;
    char *data = malloc(len + 1), *copy;

    if (arena == NULL || data == NULL || size == 0)
        goto out;
    memcpy(data, input + 1, len);
    data[len] = '\0';
    switch (input[0] % 4) {
    case 0:
        sink = body(arena, "application/x-www-form-urlencoded", data, len);
        break;
    case 1:
        /* The type's own text is a visitor's too: up to the first line feed. */
        copy = memchr(data, '\n', len);
        if (copy != NULL) {
            *copy = '\0';
            sink = body(arena, data, copy + 1, len - (size_t)(copy + 1 - data));
        }
        break;
    case 2:
        sink = template(arena, data, len);
        break;
    default:
        sink = line(arena, data, len);
        break;
    }
    (void)sink;
out:
    free(data);
    arena_free(arena);
    return 0;
}
