/*
 * Semi-transparent marks lifted off: where a mark only tints, c = (1 - a)·b + a·w, the picture b is
 * still there. One opacity a and one colour w are estimated for the whole mark, then how much of it
 * each pixel at an edge has; then b is solved for. Where the mark hides the picture nothing is
 * done: those pixels are left to a filling.
 *
 * Estimating: Dekel et al. 2017 do it from many pictures with one mark; here the many places of one
 * mark on one picture serve, against what its surroundings let expect.
 */
#ifndef GEMPIX_RENDER_PIPELINE_UNMARK_H
#define GEMPIX_RENDER_PIPELINE_UNMARK_H

#include <stdbool.h>
#include <stdint.h>

struct err;
struct hole;
struct image;

struct unmark_found {
    bool lifted;      /* false: it hides the picture, or nothing could be told; nothing changed */
    double opacity;   /* 0 to 1 */
    double colour[3]; /* 0 to 255 */
};

/* The open pixels of `hole` are the mark, with its soft edges. Changes them in `image`. 0 or
 * ST_NOMEM. */
int unmark(const struct hole *hole, struct image *image, struct unmark_found *found, struct err *e);

#endif
