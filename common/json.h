/*
 * JSON, read once and strictly: bounded size and depth, duplicate keys, U+0000 and text that is not
 * UTF-8 refused. Used for job parameters, model configurations, vocabularies, safetensors headers.
 */
#ifndef GEMPIX_COMMON_JSON_H
#define GEMPIX_COMMON_JSON_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct err;
struct text;
struct json; /* an opaque node */

enum json_kind {
    JSON_KIND_NULL,
    JSON_KIND_BOOL,
    JSON_KIND_INT,
    JSON_KIND_REAL,
    JSON_KIND_STRING,
    JSON_KIND_ARRAY,
    JSON_KIND_OBJECT
};

/* Parses exactly one document of at most `max_depth` levels. 0, ST_INVALID (message names line and
 * column) or ST_NOMEM. json_free(*out). */
int json_parse(const char *data, size_t len, int max_depth, struct json **out, struct err *e);
/* Reads a file of at most max_bytes. 0, ST_IO, ST_TOOBIG, ST_INVALID, ST_NOMEM. */
int json_parse_file(const char *path, size_t max_bytes, int max_depth, struct json **out,
                    struct err *e);
void json_free(struct json *j); /* the root only; NULL is legal */

enum json_kind json_kind(const struct json *j); /* JSON_KIND_NULL for NULL */
/* Member, or NULL. Borrowed. */
const struct json *json_get(const struct json *object, const char *key);
size_t json_size(const struct json *j); /* members or elements; 0 for scalars */
const struct json *json_at(const struct json *array, size_t index);
/* Walks an object in order: returns 0 and fills key and value until the end, then ST_NOTFOUND.
 * `*cursor` starts NULL. */
int json_next(const struct json *object, void **cursor, const char **key,
              const struct json **value);

/* Scalars with a default for a missing member or another kind. */
int64_t json_int(const struct json *object, const char *key, int64_t missing);
double json_number(const struct json *object, const char *key, double missing);
bool json_bool(const struct json *object, const char *key, bool missing);
const char *json_text(const struct json *object, const char *key, const char *missing);
/* The value of a node itself. */
int64_t json_value_int(const struct json *j, int64_t missing);
double json_value_number(const struct json *j, double missing);
const char *json_value_text(const struct json *j, const char *missing);

/* Writers into a text: a quoted, escaped string; a whole node, compact. */
void json_put_string(struct text *t, const char *s);
void json_put(struct text *t, const struct json *j);

#endif
