/*
 * Convolution over channels-last images, by im2col in panels and matrix products.
 */
#ifndef GEMPIX_RENDER_ENGINE_CONV_H
#define GEMPIX_RENDER_ENGINE_CONV_H

#include <stddef.h>

#include "render/engine/engine.h"

struct gemm_add;
struct weight;

struct conv_shape {
    size_t kernel; /* square; at most 7 */
    size_t stride; /* 1 or 2 */
    size_t before; /* zeros above and left */
    size_t after;  /* zeros below and right; differs from `before` in the autoencoder's way down */
    size_t grow_h,
        grow_w; /* first enlarge the input to this size by nearest neighbour; 0 = as it is */
};

/* Side of the output for an input side. */
size_t conv_out_side(const struct conv_shape *s, size_t side);

/* out[n, h', w', co] = x[n, h, w, ci] * w + add, where w has a row per output channel and kernel²
 * taps. `add` counts rows as pixels. out->data is given. */
void conv(struct engine *g, const struct conv_shape *s, const struct tensor *x,
          const struct weight *w, const struct gemm_add *add, struct tensor *out);

/* Nearest-neighbour enlargement to out's h and w. */
void enlarge(struct engine *g, const struct tensor *x, struct tensor *out);

/* out[…, ca + cb] = [a | b] on channels. */
void join(struct engine *g, const struct tensor *a, const struct tensor *b, struct tensor *out);

#endif
