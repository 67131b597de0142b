/*
 * A Mustache renderer: the core modules of the published specification (interpolation, sections,
 * inverted sections, comments, delimiters, partials), without lambdas. {{x}} escapes for HTML: & <
 * > " and '. Knows no HTTP.
 */
#ifndef GEMPIX_APP_VIEW_MUSTACHE_H
#define GEMPIX_APP_VIEW_MUSTACHE_H

#include <stddef.h>

struct err;
struct mustache; /* a compiled template */
struct text;

/* How the renderer sees data; view.c implements it for views, the conformance test for JSON. A node
 * is opaque. */
enum mustache_kind {
    MUSTACHE_FALSE,
    MUSTACHE_STRING,
    MUSTACHE_OBJECT,
    MUSTACHE_LIST,
    MUSTACHE_TRUE
};
struct mustache_data {
    const void *(*get)(const void *node, const char *name,
                       size_t len); /* member of an object or NULL */
    enum mustache_kind (*kind)(const void *node);
    const char *(*string)(const void *node); /* text of a scalar */
    size_t (*size)(const void *node);        /* list */
    const void *(*at)(const void *node, size_t i);
};
/* Source of partials: a template by name, or NULL for an unknown one (renders as nothing). */
struct mustache_partials {
    const struct mustache *(*find)(void *ctx, const char *name, size_t len);
    void *ctx;
};

/* 0, ST_INVALID (message: line and what is wrong), ST_NOMEM. mustache_free(*out). */
int mustache_compile(const char *source, size_t len, struct mustache **out, struct err *e);
void mustache_free(struct mustache *m);
/* Renders into `out`. 0, ST_TOOBIG when out's ceiling or depth 64 is reached. */
int mustache_render(const struct mustache *m, const struct mustache_data *data, const void *root,
                    const struct mustache_partials *partials, struct text *out, struct err *e);

#endif
