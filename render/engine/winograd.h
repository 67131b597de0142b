/*
 * 3×3 convolutions with fewer products: Winograd's F(4×4, 3×3) and F(2×2, 3×3), as described by
 * Lavin and Gray, "Fast algorithms for convolutional neural networks" (2015).
 */
#ifndef GEMPIX_RENDER_ENGINE_WINOGRAD_H
#define GEMPIX_RENDER_ENGINE_WINOGRAD_H

#include <stdbool.h>

#include "render/engine/conv.h"

/* Whether this processor and this problem suit them: 3×3, stride 1, any border, enough
   channels. Depends on the problem of one image alone. */
bool winograd_fits(const struct conv_shape *s, const struct tensor *x, const struct weight *w,
                   const struct tensor *out);

/* As conv(). Relative error about 3e-6. No bit depends on the threads or on the batch. */
void winograd_conv(struct engine *g, const struct conv_shape *s, const struct tensor *x,
                   const struct weight *w, const struct gemm_add *add, struct tensor *out);

#endif
