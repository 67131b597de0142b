/*
 * A mark that is repeated on a lattice all over a picture. For mark.c.
 */
#ifndef GEMPIX_RENDER_PIPELINE_MARK_TILED_H
#define GEMPIX_RENDER_PIPELINE_MARK_TILED_H

#include <stdint.h>

#include "render/pipeline/mark.h"

struct err;
struct plane;

struct tiled {
    enum mark_result result;
    double agreement; /* share of the picture's blocks in which it shows */
};

/* `fine` is luminance less its local middle. mask[h][w], cleared before, gets 255 where the mark
   is. 0 or ST_NOMEM. */
int tiled_find(const struct plane *fine, struct tiled *out, uint8_t *mask, struct err *e);

#endif
