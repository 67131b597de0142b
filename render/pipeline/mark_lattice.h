/*
 * The lattice on which something repeats in a plane of numbers, from the plane's correlation with
 * itself. For mark.c.
 */
#ifndef GEMPIX_RENDER_PIPELINE_MARK_LATTICE_H
#define GEMPIX_RENDER_PIPELINE_MARK_LATTICE_H

#include <stddef.h>

struct err;

struct plane {
    int w, h;
    float *v; /* [h][w] */
};

struct lattice {
    double ax, ay, bx, by; /* the two steps, in pixels */
    double strength;       /* deviations by which its points stand out of chance; 0 = none found */
};

/* The `most` strongest lattices that differ, about strongest first; *count tells how many there
   are. `p` has a mean near 0. 0 or ST_NOMEM. */
int lattice_find(const struct plane *p, struct lattice *out, int most, int *count, struct err *e);

#endif
