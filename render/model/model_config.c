/*
 * Configuration of model parts. Knows no network. Read next: unet_config.c.
 */
#include "render/model/model_config.h"

#include <inttypes.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "common/err.h"
#include "common/json.h"

#define FILE_MAX ((size_t)1 << 20)

int
config_read(const char *folder, const char *file, struct json **out, struct err *e)
{
    char path[4096];
    int len = snprintf(path, sizeof path, "%s/%s", folder, file);

    *out = NULL;
    if (len < 0 || (size_t)len >= sizeof path)
        return err_setf(e, ST_INVALID, "The path of the model is too long.");
    return json_parse_file(path, FILE_MAX, 16, out, e);
}

static const struct json *
look(struct config *c, const char *key)
{
    const struct json *j = c->rc == ST_OK ? json_get(c->json, key) : NULL;

    return json_kind(j) == JSON_KIND_NULL ? NULL : j;
}

static void
refuse(struct config *c, const char *key, const char *what)
{
    c->rc =
        err_setf(c->e, ST_INVALID, "The model's %s configuration has a bad value for \"%s\": %s.",
                 c->part, key, what);
}

size_t
config_size(struct config *c, const char *key, size_t missing, size_t min, size_t max)
{
    const struct json *j = look(c, key);
    int64_t v;

    if (j == NULL)
        return missing;
    v = json_value_int(j, -1);
    if (json_kind(j) != JSON_KIND_INT || v < 0 || (size_t)v < min || (size_t)v > max) {
        char what[80];

        (void)snprintf(what, sizeof what, "a whole number from %zu to %zu is needed", min, max);
        refuse(c, key, what);
        return missing;
    }
    return (size_t)v;
}

double
config_real(struct config *c, const char *key, double missing)
{
    const struct json *j = look(c, key);

    if (j != NULL && json_kind(j) != JSON_KIND_INT && json_kind(j) != JSON_KIND_REAL)
        refuse(c, key, "a number is needed");
    return json_value_number(j, missing);
}

bool
config_bool(struct config *c, const char *key, bool missing)
{
    const struct json *j = look(c, key);

    if (j == NULL)
        return missing;
    if (json_kind(j) != JSON_KIND_BOOL) {
        refuse(c, key, "true or false is needed");
        return missing;
    }
    return json_bool(c->json, key, missing);
}

size_t
config_choice(struct config *c, const char *key, const char *const *names, size_t missing)
{
    const struct json *j = look(c, key);
    const char *value = json_value_text(j, "");

    if (j == NULL)
        return missing;
    for (size_t i = 0; names[i] != NULL; i++) {
        if (strcmp(value, names[i]) == 0)
            return i;
    }
    c->rc = err_setf(c->e, ST_UNSUPPORTED,
                     "The model's %s needs \"%s\": \"%.60s\", which this engine cannot do.",
                     c->part, key, value);
    return missing;
}

size_t
config_list(struct config *c, const char *key, size_t single, const size_t *missing, size_t count,
            size_t out[CONFIG_LEVELS])
{
    const struct json *j = look(c, key);
    size_t size = json_size(j);

    for (size_t i = 0; i < count && i < CONFIG_LEVELS; i++)
        out[i] = missing[i];
    if (j == NULL)
        return count;
    if (json_kind(j) == JSON_KIND_INT && single != 0)
        size = single;
    else if (json_kind(j) != JSON_KIND_ARRAY || size == 0 || size > CONFIG_LEVELS) {
        refuse(c, key, "a list of 1 to 8 whole numbers is needed");
        return count;
    }
    for (size_t i = 0; i < size; i++) {
        int64_t v = json_value_int(json_kind(j) == JSON_KIND_INT ? j : json_at(j, i), -1);

        if (v < 1 || v > 1 << 20) {
            refuse(c, key, "its entries must be whole numbers above 0");
            return count;
        }
        out[i] = (size_t)v;
    }
    return size;
}

void
config_kinds(struct config *c, const char *key, const char *yes, const char *no, size_t count,
             bool *out)
{
    const struct json *j = look(c, key);

    if (j == NULL)
        return;
    if (json_kind(j) != JSON_KIND_ARRAY || json_size(j) != count) {
        refuse(c, key, "it needs one entry per level");
        return;
    }
    for (size_t i = 0; i < count && c->rc == ST_OK; i++) {
        const char *value = json_value_text(json_at(j, i), "");

        out[i] = strcmp(value, yes) == 0;
        if (!out[i] && strcmp(value, no) != 0)
            c->rc = err_setf(c->e, ST_UNSUPPORTED,
                             "The model's %s has a \"%.60s\" in \"%s\", which this engine cannot "
                             "do.",
                             c->part, value, key);
    }
}

static bool
allowed(const struct json *j, const struct config_only *rule)
{
    switch (json_kind(j)) {
    case JSON_KIND_NULL:
        return true;
    case JSON_KIND_STRING:
        return rule->text != NULL && strcmp(json_value_text(j, ""), rule->text) == 0;
    case JSON_KIND_INT:
    case JSON_KIND_REAL:
        return rule->text == NULL && json_value_number(j, 0.0) == rule->number;
    default:
        return false;
    }
}

void
config_only(struct config *c, const struct config_only *rules, size_t count)
{
    for (size_t i = 0; i < count && c->rc == ST_OK; i++) {
        const struct json *j = json_get(c->json, rules[i].key);
        bool fits = allowed(j, &rules[i]);

        if (json_kind(j) == JSON_KIND_BOOL && rules[i].text == NULL)
            fits = json_bool(c->json, rules[i].key, false) == (rules[i].number != 0.0);
        if (!fits)
            c->rc = err_setf(c->e, ST_UNSUPPORTED,
                             "The model's %s sets \"%s\" to something this engine cannot do.",
                             c->part, rules[i].key);
    }
}
