/*
 * Reading and writing JSON trees. json.c builds them.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/err.h"
#include "common/json.h"
#include "common/json_node.h"
#include "common/text.h"

enum json_kind
json_kind(const struct json *j)
{
    return j != NULL ? j->kind : JSON_NULL;
}

static int
compare_key(const void *key, const void *node)
{
    return strcmp(key, (*(struct json *const *)node)->key);
}

const struct json *
json_get(const struct json *object, const char *key)
{
    struct json **at;

    if (json_kind(object) != JSON_OBJECT || object->size == 0)
        return NULL;
    at = bsearch(key, object->sorted, object->size, sizeof *object->sorted, compare_key);
    return at != NULL ? *at : NULL;
}

size_t
json_size(const struct json *j)
{
    enum json_kind kind = json_kind(j);

    return kind == JSON_ARRAY || kind == JSON_OBJECT ? j->size : 0;
}

const struct json *
json_at(const struct json *array, size_t index)
{
    return json_kind(array) == JSON_ARRAY && index < array->size ? array->items[index] : NULL;
}

int
json_next(const struct json *object, void **cursor, const char **key, const struct json **value)
{
    uintptr_t index = (uintptr_t)*cursor;

    *key = NULL;
    *value = NULL;
    if (json_kind(object) != JSON_OBJECT || index >= object->size)
        return ST_NOTFOUND;
    *key = object->items[index]->key;
    *value = object->items[index];
    *cursor = (void *)(index + 1);
    return ST_OK;
}

int64_t
json_value_int(const struct json *j, int64_t missing)
{
    return json_kind(j) == JSON_INT ? j->integer : missing;
}

double
json_value_real(const struct json *j, double missing)
{
    if (json_kind(j) == JSON_INT)
        return (double)j->integer;
    return json_kind(j) == JSON_REAL ? j->real : missing;
}

const char *
json_value_string(const struct json *j, const char *missing)
{
    return json_kind(j) == JSON_STRING ? j->string : missing;
}

int64_t
json_int(const struct json *object, const char *key, int64_t missing)
{
    return json_value_int(json_get(object, key), missing);
}

double
json_real(const struct json *object, const char *key, double missing)
{
    return json_value_real(json_get(object, key), missing);
}

bool
json_bool(const struct json *object, const char *key, bool missing)
{
    const struct json *j = json_get(object, key);

    return json_kind(j) == JSON_BOOL ? j->integer != 0 : missing;
}

const char *
json_string(const struct json *object, const char *key, const char *missing)
{
    return json_value_string(json_get(object, key), missing);
}

/* Bytes that are not UTF-8 become U+FFFD: what is written is always valid JSON. */
void
json_put_string(struct text *t, const char *s)
{
    const char *end = s + strlen(s);

    text_putc(t, '"');
    while (s < end) {
        unsigned char c = (unsigned char)*s;
        size_t n = json_utf8_length((const unsigned char *)s, (size_t)(end - s));
        if (n == 0)
            text_puts(t, "\xef\xbf\xbd");
        else if (c == '"' || c == '\\')
            text_printf(t, "\\%c", c);
        else if (c == '\n')
            text_puts(t, "\\n");
        else if (c < 0x20 || c == 0x7f)
            text_printf(t, "\\u%04x", c);
        else
            text_put(t, s, n);
        s += n > 0 ? n : 1;
    }
    text_putc(t, '"');
}

/* The shortest of 15 to 17 digits that reads back equal, and still reads as a real number. */
static void
put_real(struct text *t, double value)
{
    char s[40];

    for (int digits = 15; digits <= 17; digits++) {
        snprintf(s, sizeof s, "%.*g", digits, value);
        if (strtod(s, NULL) == value)
            break;
    }
    text_puts(t, s);
    if (strpbrk(s, ".e") == NULL)
        text_puts(t, ".0");
}

static void
put_container(struct text *t, const struct json *j)
{
    bool object = j->kind == JSON_OBJECT;

    text_putc(t, object ? '{' : '[');
    for (size_t i = 0; i < j->size; i++) {
        if (i > 0)
            text_putc(t, ',');
        if (object) {
            json_put_string(t, j->items[i]->key);
            text_putc(t, ':');
        }
        json_put(t, j->items[i]);
    }
    text_putc(t, object ? '}' : ']');
}

void
json_put(struct text *t, const struct json *j)
{
    switch (json_kind(j)) {
    case JSON_NULL:
        text_puts(t, "null");
        break;
    case JSON_BOOL:
        text_puts(t, j->integer != 0 ? "true" : "false");
        break;
    case JSON_INT:
        text_printf(t, "%" PRId64, j->integer);
        break;
    case JSON_REAL:
        put_real(t, j->real);
        break;
    case JSON_STRING:
        json_put_string(t, j->string);
        break;
    case JSON_ARRAY:
    case JSON_OBJECT:
        put_container(t, j);
        break;
    }
}
