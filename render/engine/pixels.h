/*
 * What picture networks need beside convolutions: PReLU, moving pixels between space and
 * channels, reflected borders, scaled sums. Tensors are channels last; outputs are given.
 */
#ifndef GEMPIX_RENDER_ENGINE_PIXELS_H
#define GEMPIX_RENDER_ENGINE_PIXELS_H

#include <stddef.h>

#include "render/engine/engine.h"

/* PReLU in place: x[p][c] below 0 is multiplied by slopes[c]. */
void pixels_leak(struct engine *g, struct tensor *x, const float *slopes);

/* In place: ReLU(x · scale + shift), both [c]. */
void pixels_scale_relu(struct engine *g, struct tensor *x, const float *scale, const float *shift);

/* out = a · scale + b; out may be either. */
void pixels_add_scaled(struct engine *g, const struct tensor *a, float scale, const float *b,
                       float *out);

/* [n, h, w, c·r²] -> [n, h·r, w·r, c]; channel c·r² + i·r + j goes to row i, column j. */
void pixels_shuffle(struct engine *g, const struct tensor *x, size_t r, struct tensor *out);
/* The way back: [n, h·r, w·r, c] -> [n, h, w, c·r²]. */
void pixels_unshuffle(struct engine *g, const struct tensor *x, size_t r, struct tensor *out);

/* Borders of `top` rows and `left` columns before, and as many after as out's sides leave, filled
   by reflection without repeating the edge. Borders may be wider than x. */
void pixels_reflect(struct engine *g, const struct tensor *x, size_t top, size_t left,
                    struct tensor *out);

/* Where column or row `at` of a reflected line of `side` comes from. */
size_t pixels_mirror(ptrdiff_t at, size_t side);

/* Channels [from, from + out->c) of x. */
void pixels_slice(struct engine *g, const struct tensor *x, size_t from, struct tensor *out);

#endif
