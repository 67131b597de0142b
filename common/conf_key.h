/*
 * The table of configuration keys: conf_keys.c declares it, conf.c reads files by it. Private to
 * these two; programs include common/conf.h.
 */
#ifndef GEMPIX_COMMON_CONF_KEY_H
#define GEMPIX_COMMON_CONF_KEY_H

#include <stdbool.h>
#include <stddef.h>

struct conf;
struct err;

enum conf_type {
    CONF_TEXT, /* min and max count bytes */
    CONF_PATH, /* relative to the folder of the configuration file; "" stays "" */
    CONF_SECRET, /* a path like that, or "credential:NAME": conf_secret */
    CONF_INT,
    CONF_REAL,
    CONF_BOOL,
};

struct conf_key {
    const char *name; /* "section.key" */
    enum conf_type type;
    size_t offset;        /* into struct conf */
    double min, max;      /* of the value or of the length */
    const char *standard; /* as it would be written in the file; NULL = the key must be given */
    const char *words;    /* a text is one of these, separated by blanks; NULL = any text */
    const char *about;    /* one line for the manual */
};

extern const struct conf_key conf_keys[];
extern const size_t conf_key_count;

/* What a single key cannot tell: keys against each other, the form of URLs. 0 or ST_INVALID
 * (message without file). */
int conf_keys_check(const struct conf *c, struct err *e);

#endif
