/*
 * What a picture has on it that is thin and all brighter, or all darker, than what is around it:
 * the parts of which letters and emblems are made. For mark_single.c.
 */
#ifndef GEMPIX_RENDER_PIPELINE_MARK_PARTS_H
#define GEMPIX_RENDER_PIPELINE_MARK_PARTS_H

#include <stddef.h>
#include <stdint.h>

#include "render/pipeline/mark_lattice.h"

struct err;

/* A picture in one of the sizes in which it is searched. */
struct level {
    int w, h;
    uint8_t *rgb;      /* [h][w][3] */
    struct plane fine; /* luminance less its local middle */
    float *ground;     /* [h][w][3]: the mean colour of what is near and not fine; below 0 where
                          there is none */
};

/* Sums over pixels of one part that have its full opacity: what lies around, b, and what is seen,
   c, of each channel. */
struct tint {
    double n, b[3], c[3], bb[3], bc[3], cc[3];
};

struct part {
    int start, count;   /* its pixels in parts.at */
    int x0, y0, x1, y1; /* its box, the last included */
    double stroke;      /* mean width of its strokes, in pixels */
    double winding;     /* length of its outline in outlines of its box */
    double share;       /* of the ink in its colour, by a pure ink; 0 to 1 */
    double flat;        /* share of its pixels that have as much ink */
    double straight;    /* how well its difference from the ground points to the ink; 1 = exactly */
    struct tint tint;
    int group; /* for whoever groups parts */
};

struct parts {
    int w, h;
    int *at; /* pixels, those of one part one after the other */
    uint8_t *seen;
    struct part *part;
    int n, room;
};

/* A level of an image. 0 or ST_NOMEM; released by level_release also after an error. */
int level_make(const uint8_t *rgb, int w, int h, struct level *out, struct err *e);
/* The level of half the size. */
int level_halve(const struct level *of, struct level *out, struct err *e);
void level_release(struct level *l); /* zeroed struct is legal */

/* How much of a pure ink, white or black, a colour c over a ground b has: 0 to 1, or below 0 where
   there is no ground or it is away from the ink. */
double ink_of(const uint8_t *c, const float *b, double ink);

/* Room for the parts of pictures up to this size. */
int parts_new(int w, int h, struct parts *out, struct err *e);
/* Parts whose luminance differs by more than `threshold` in the direction of `sign`, 1 or -1. */
void parts_find(const struct level *l, int sign, float threshold, struct parts *out);
void parts_release(struct parts *p); /* zeroed struct is legal */

#endif
