/*
 * Marks and things taken out of a picture by the means that fit: what only tints is lifted off
 * (unmark.h); what hides is filled, by a network where there is one (cleanup.h), else from the
 * picture's own texture (fill.h).
 */
#ifndef GEMPIX_RENDER_PIPELINE_CLEAR_H
#define GEMPIX_RENDER_PIPELINE_CLEAR_H

#include <stdbool.h>
#include <stdint.h>

struct cleanup;
struct err;
struct image;

enum clear_way { CLEAR_LIFTED, CLEAR_NETWORK, CLEAR_TEXTURE };

struct clear_params {
    struct cleanup *network; /* NULL: there is none */
    int threads;             /* of the filling; 0 = one per core */
    int grow;                /* pixels by which the mask is widened first */
    uint32_t seed;
    bool never_lift; /* the mask is over a thing, not over a mark */
    int (*progress)(void *ctx, int done, int all);
    void *ctx;
};

/* As cleanup() in cleanup.h; *way tells what was done. 0, ST_INVALID, ST_CANCELLED, ST_NOMEM,
   ST_INTERNAL. */
int clear_marks(const struct clear_params *params, const struct image *in, const struct image *mask,
                struct image *out, enum clear_way *way, struct err *e);

#endif
