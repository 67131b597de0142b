/*
 * The three transforms of Winograd's convolutions. A template: winograd.c includes it once per kind
 * of processor, with TILE_NAME, TILE_TARGET and TILE_LANES as in gemm_tile.h.
 *
 * Channels are the lanes of the vectors. Each
 * two-dimensional transform is the one-dimensional one of all columns, then of all rows.
 */

typedef float TILE_NAME(channels)
    __attribute__((vector_size(TILE_LANES * 4), aligned(4), may_alias));

#define VEC TILE_NAME(channels)
#define INLINE __attribute__((always_inline)) static inline
/* in[n][n] to mid[m][n], column by column, then to out[m][m], row by row. */
#define PASSES(one, n, m)                                                                          \
    do {                                                                                           \
        _Pragma("GCC unroll 8") for (size_t i = 0; i < (n); i++)                                   \
            TILE_NAME(one)(in + i, (n), mid + i, (n));                                             \
        _Pragma("GCC unroll 8") for (size_t i = 0; i < (m); i++)                                   \
            TILE_NAME(one)(mid + (n)*i, 1, out + (m)*i, 1);                                        \
    } while (0)

#include "render/engine/winograd_lines.h"

/* One tile's input, `side`² pixels at `from`, `channels` a multiple of TILE_LANES, to
   to[point][channels] with `step` floats between points. */
TILE_TARGET static void
TILE_NAME(input)(const float *const *from, size_t side, size_t channels, float *to, size_t step)
{
    VEC in[64], mid[64], out[64];

    for (size_t c = 0; c < channels; c += TILE_LANES) {
        for (size_t i = 0; i < side * side; i++)
            in[i] = *(const VEC *)(from[i] + c);
        if (side == 8)
            PASSES(input8, 8, 8);
        else if (side == 6)
            PASSES(input6, 6, 6);
        else
            PASSES(input4, 4, 4);
        for (size_t i = 0; i < side * side; i++)
            *(VEC *)(to + i * step + c) = out[i];
    }
}

/* Taps from[9][width] of one input channel to to[point][width] with `step` floats between points;
   `width` output channels, a multiple of TILE_LANES. */
TILE_TARGET static void
TILE_NAME(taps)(const float *from, size_t side, size_t width, float *to, size_t step)
{
    VEC in[9], mid[24], out[64];

    for (size_t o = 0; o < width; o += TILE_LANES) {
#pragma GCC unroll 9
        for (size_t i = 0; i < 9; i++)
            in[i] = *(const VEC *)(from + i * width + o);
        if (side == 8)
            PASSES(taps8, 3, 8);
        else if (side == 6)
            PASSES(taps6, 3, 6);
        else
            PASSES(taps4, 3, 4);
        for (size_t i = 0; i < side * side; i++)
            *(VEC *)(to + i * step + o) = out[i];
    }
}

TILE_TARGET INLINE void
TILE_NAME(rectify)(VEC *x, float slope)
{
    typedef int mask __attribute__((vector_size(TILE_LANES * 4)));
    VEC less = *x * slope;
    mask negative = *x < 0.0f;

    *x = (VEC)(((mask)less & negative) | ((mask)*x & ~negative));
}

/* Points from[point][…], `step` floats apart, of one tile and `width` channels from `channel` to
   its (side - 2)² pixels, plus bias and residuals, NULL = none, also of pixels; then what is
   negative · slope. */
TILE_TARGET static void
TILE_NAME(output)(const float *from, size_t step, size_t side, size_t width, size_t channel,
                  const float *bias, const float *const *residual, float slope, float *const *to)
{
    VEC in[64], mid[48], out[36];

    for (size_t o = 0; o < width; o += TILE_LANES) {
        for (size_t i = 0; i < side * side; i++)
            in[i] = *(const VEC *)(from + i * step + o);
        if (side == 8)
            PASSES(output8, 8, 6);
        else if (side == 6)
            PASSES(output6, 6, 4);
        else
            PASSES(output4, 4, 2);
        for (size_t i = 0; i < (side - 2) * (side - 2); i++) {
            VEC sum = out[i];

            if (to[i] == NULL)
                continue;
            if (bias != NULL)
                sum += *(const VEC *)(bias + channel + o);
            if (residual[i] != NULL)
                sum += *(const VEC *)(residual[i] + channel + o);
            TILE_NAME(rectify)(&sum, slope);
            *(VEC *)(to[i] + channel + o) = sum;
        }
    }
}

#undef VEC
#undef INLINE
#undef PASSES
#undef TILE_NAME
#undef TILE_TARGET
#undef TILE_LANES
