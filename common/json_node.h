/*
 * The node that json.c builds and json_read.c reads. Private to these two; everybody else includes common/json.h.
 */
#ifndef GEMPIX_COMMON_JSON_NODE_H
#define GEMPIX_COMMON_JSON_NODE_H

#include <stddef.h>
#include <stdint.h>

#include "common/json.h"

struct arena;

struct json {
    enum json_kind kind;
    size_t size;          /* members, elements, or bytes of a string */
    const char *key;      /* of a member, else NULL */
    struct arena *arena;  /* of the root, else NULL */
    struct json **sorted; /* an object's members by key */
    union {
        int64_t integer; /* also a boolean */
        double real;
        const char *string;
        struct json **items; /* in the order of the document */
    };
};

/* Bytes of the UTF-8 character at s, 0 if it is overlong, a surrogate or cut off by `left`. */
size_t json_utf8_length(const unsigned char *s, size_t left);

#endif
