/*
 * Holes filled without weights, from the picture's own texture: for every patch at the hole the
 * most similar patch of the known part is searched, and pixels become what those patches say, from
 * coarse to fine. Searching: PatchMatch (Barnes et al. 2009), with the propagation of jump flooding
 * so that all pixels of a pass are independent; voting: Wexler et al. 2007, with weights that fall
 * with the distance from the known part (Newson et al. 2014).
 *
 * The same picture, mask and seed give the same bytes whatever the number of threads.
 */
#ifndef GEMPIX_RENDER_PIPELINE_FILL_H
#define GEMPIX_RENDER_PIPELINE_FILL_H

#include <stdint.h>

struct err;
struct hole;
struct image;
struct pool;

struct fill_params {
    uint32_t seed;
    /* Called after every pass; nonzero asks to stop; NULL is legal. */
    int (*progress)(void *ctx, int done, int all);
    void *ctx;
};

/* Replaces the open pixels of `image` (which has the hole's size); all others stay as they are. A
 * picture of which too little is known for one patch is filled smoothly. 0, ST_CANCELLED, ST_NOMEM.
 */
int fill(struct pool *pool, const struct fill_params *params, const struct hole *hole,
         struct image *image, struct err *e);

#endif
