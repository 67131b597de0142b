/*
 * One size of the pyramid of fill.c: a picture with a hole, where each patch that touches the hole
 * found its like, and the search for better ones. For fill.c alone.
 */
#ifndef GEMPIX_RENDER_PIPELINE_FILL_LEVEL_H
#define GEMPIX_RENDER_PIPELINE_FILL_LEVEL_H

#include <stddef.h>
#include <stdint.h>

struct err;
struct hole;
struct image;
struct pool;

struct fill_level {
    size_t w, h, deepest;
    uint8_t *rgb;   /* [h][w][3]; in the hole what is believed so far */
    uint16_t *deep; /* [h][w]: steps to the known part, 0 = known */
    int32_t
        *target; /* [h][w]: number of the patch around a pixel, -1 = it does not touch the hole */
    uint32_t *centre;  /* [targets]: its pixel */
    uint32_t *found;   /* [targets]: centre of the patch that is most like it */
    uint32_t *next;    /* [targets]: the same, being found */
    float *distance;   /* [targets]: mean square of the difference */
    uint32_t *sources; /* [source_count]: centres of patches that are wholly known */
    uint8_t *usable;   /* [h][w]: is it one of them? */
    size_t targets, source_count;
    uint32_t seed;
    float likeness; /* squared difference that counts as alike when voting */
};

int fill_level_first(const struct image *image, const struct hole *hole, struct fill_level *out,
                     struct err *e);
/* A level of half the size: known pixels are averages of known ones. */
int fill_level_half(const struct fill_level *from, struct fill_level *out, struct err *e);
void fill_level_release(struct fill_level *l);

/* First beliefs: smooth ones for the coarsest level (coarser == NULL), else those of the coarser.
 */
void fill_level_begin(struct fill_level *l, const struct fill_level *coarser, struct pool *pool,
                      uint32_t seed);
/* One search over all patches and one vote. */
void fill_level_round(struct fill_level *l, struct pool *pool, uint32_t round);
/* Copies the hole's pixels into a picture of this size. */
void fill_level_give(const struct fill_level *l, struct image *image);

#endif
