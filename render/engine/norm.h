/*
 * GroupNorm and LayerNorm. Statistics are kept in double: a group at 512 × 512 pixels has a million
 * values and plain float sums would lose digits.
 */
#ifndef GEMPIX_RENDER_ENGINE_NORM_H
#define GEMPIX_RENDER_ENGINE_NORM_H

#include <stdbool.h>
#include <stddef.h>

#include "render/engine/engine.h"

/* out = (x - mean) / sqrt(var + eps) · scale + shift over each of `groups` slices of channels of
   each image, then SiLU if asked. scale, shift: [c]. `groups` divides c. out->data may be x->data.
 */
void norm_group(struct engine *g, const struct tensor *x, size_t groups, double eps,
                const float *scale, const float *shift, bool silu, struct tensor *out);

/* The two halves of norm_group, for one image that comes in bands of rows. norm_group_sums adds a
   band's sums and squares per channel to sums [2][c], which begin as zeros; norm_group_by then
   normalises any band by the sums of all `pixels`. x->n is 1. */
void norm_group_sums(struct engine *g, const struct tensor *x, double *sums);

struct norm_known {
    size_t groups;
    double eps;
    const float *scale, *shift; /* [c] */
    double *sums;               /* [2][c] */
    size_t pixels;
};

void norm_group_by(struct engine *g, const struct tensor *x, const struct norm_known *known,
                   bool silu, struct tensor *out);

/* The same over the last axis: x, out [rows][width]. */
void norm_layer(struct engine *g, const float *x, size_t rows, size_t width, double eps,
                const float *scale, const float *shift, float *out);

#endif
