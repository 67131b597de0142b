/*
 * A part's config.json, read with the defaults of its class. What the engine does not implement is
 * refused by key and value, never ignored.
 */
#ifndef GEMPIX_RENDER_MODEL_MODEL_CONFIG_H
#define GEMPIX_RENDER_MODEL_MODEL_CONFIG_H

#include <stdbool.h>
#include <stddef.h>

struct err;
struct json;

#define CONFIG_LEVELS 8

/* Reads folder/config.json (or another file name). 0, ST_IO, ST_INVALID, ST_NOMEM. json_free(*out).
 */
int config_read(const char *folder, const char *file, struct json **out, struct err *e);

/* Sticky, as in layers.h: after a failure the calls do nothing and return the default. */
struct config {
    const struct json *json;
    const char *part; /* "unet", for messages */
    struct err *e;
    int rc;
};

/* A whole number in [min, max]. null counts as missing. */
size_t config_size(struct config *c, const char *key, size_t missing, size_t min, size_t max);
double config_real(struct config *c, const char *key, double missing);
bool config_bool(struct config *c, const char *key, bool missing);
/* One of `names` (ends with NULL); returns its index. `missing` is an index. */
size_t config_choice(struct config *c, const char *key, const char *const *names, size_t missing);
/* A list of whole numbers into out[CONFIG_LEVELS]; a single number counts `single` times (0 = a
   list is required). Returns the length; `missing` (of `count` values) if absent. */
size_t config_list(struct config *c, const char *key, size_t single, const size_t *missing,
                   size_t count, size_t out[CONFIG_LEVELS]);
/* Marks in out[i] whether entry i of a list of names is `yes`; an entry that is neither yes nor no
   is refused. The list must have `count` entries. */
void config_kinds(struct config *c, const char *key, const char *yes, const char *no, size_t count,
                  bool *out);

/* A key that must be absent, null, or this value. */
struct config_only {
    const char *key;
    const char *text; /* allowed string, or NULL */
    double number;    /* allowed number when text is NULL; 0 also allows false, 1 also true */
};
void config_only(struct config *c, const struct config_only *rules, size_t count);

#endif
