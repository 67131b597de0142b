/*
 * Where else on a picture a mark is that was found in one place. For mark.c.
 */
#ifndef GEMPIX_RENDER_PIPELINE_MARK_COPIES_H
#define GEMPIX_RENDER_PIPELINE_MARK_COPIES_H

#include <stdint.h>

struct err;
struct plane;

/* Adds copies of what mask[h][w] marks, 255, wherever `fine`, luminance less its local middle,
   shows the same strokes; `sign` is 1 for a mark that is brighter than the picture, else -1. *count
   tells how many were added. 0 or ST_NOMEM. */
int copies_find(const struct plane *fine, int sign, uint8_t *mask, int *count, struct err *e);

#endif
