/*
 * The unknown part of a picture: which pixels, how far each is from the known ones, and its
 * connected pieces. For the files of this folder.
 */
#ifndef GEMPIX_RENDER_PIPELINE_HOLE_H
#define GEMPIX_RENDER_PIPELINE_HOLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct err;
struct image;

struct hole_box {
    size_t x0, y0, x1, y1; /* the last two are behind the box */
};

struct hole {
    size_t w, h;
    uint8_t *open;     /* [h][w]: 1 = still to be filled */
    uint16_t *deep;    /* [h][w]: steps to the nearest known pixel, 0 = known; at most HOLE_DEEP */
    size_t count;      /* of open pixels */
    uint32_t *waiting; /* memory of hole_piece */
};

#define HOLE_DEEP 60000

/* Where `mask` is brighter than half, widened by `grow` pixels. 0; ST_INVALID when nothing of the
   picture is left; ST_NOMEM. */
int hole_make(const struct image *mask, size_t grow, struct hole *out, struct err *e);
void hole_release(struct hole *h); /* zeroed struct is legal */

/* The box around the open pixels inside `in`; empty (x1 = x0) when there are none. */
struct hole_box hole_bounds(const struct hole *h, struct hole_box in);
/* The box around the open pixels that touch (x, y), also diagonally, and how deep they get. Marks
   them in `open` by 2, which hole_bounds takes for open too. */
struct hole_box hole_piece(struct hole *h, size_t x, size_t y, size_t *deepest);

#endif
