/*
 * The three transforms of Winograd's convolutions. A template: winograd.c includes it once per kind
 * of processor, with TILE_NAME, TILE_TARGET and TILE_LANES as in gemm_tile.h.
 *
 * Channels are the lanes of the vectors. F(4×4) has points 0, ±1, ±2, ∞, F(2×2) 0, ±1, ∞. Each
 * two-dimensional transform is the one-dimensional one of all columns, then of all rows.
 */

typedef float TILE_NAME(channels)
    __attribute__((vector_size(TILE_LANES * 4), aligned(4), may_alias));

#define VEC TILE_NAME(channels)
#define INLINE __attribute__((always_inline)) static inline
/* in[n][n] to mid[m][n], column by column, then to out[m][m], row by row. */
#define PASSES(one, n, m)                                                                          \
    do {                                                                                           \
        _Pragma("GCC unroll 6") for (size_t i = 0; i < (n); i++)                                   \
            TILE_NAME(one)(in + i, (n), mid + i, (n));                                             \
        _Pragma("GCC unroll 6") for (size_t i = 0; i < (m); i++)                                   \
            TILE_NAME(one)(mid + (n)*i, 1, out + (m)*i, 1);                                        \
    } while (0)

/* Six inputs to six. */
TILE_TARGET INLINE void
TILE_NAME(input6)(const VEC *in, size_t step, VEC *out, size_t out_step)
{
    VEC a = in[0], b = in[step], c = in[2 * step], d = in[3 * step], e = in[4 * step],
        f = in[5 * step];
    VEC even = e - 4.0f * c, odd = d - 4.0f * b, low = e - c, high = 2.0f * (d - b);

    out[0] = 4.0f * a - 5.0f * c + e;
    out[out_step] = even + odd;
    out[2 * out_step] = even - odd;
    out[3 * out_step] = low + high;
    out[4 * out_step] = low - high;
    out[5 * out_step] = 4.0f * b - 5.0f * d + f;
}

TILE_TARGET INLINE void
TILE_NAME(input4)(const VEC *in, size_t step, VEC *out, size_t out_step)
{
    VEC a = in[0], b = in[step], c = in[2 * step], d = in[3 * step];

    out[0] = a - c;
    out[out_step] = b + c;
    out[2 * out_step] = c - b;
    out[3 * out_step] = b - d;
}

/* Three taps to six points. */
TILE_TARGET INLINE void
TILE_NAME(taps6)(const VEC *in, size_t step, VEC *out, size_t out_step)
{
    VEC a = in[0], b = in[step], c = in[2 * step];
    VEC near = (a + c) * (-1.0f / 6.0f), side = b * (-1.0f / 6.0f);
    VEC far = a * (1.0f / 24.0f) + c * (1.0f / 6.0f), wide = b * (1.0f / 12.0f);

    out[0] = a * 0.25f;
    out[out_step] = near + side;
    out[2 * out_step] = near - side;
    out[3 * out_step] = far + wide;
    out[4 * out_step] = far - wide;
    out[5 * out_step] = c;
}

TILE_TARGET INLINE void
TILE_NAME(taps4)(const VEC *in, size_t step, VEC *out, size_t out_step)
{
    VEC a = in[0], b = in[step], c = in[2 * step];
    VEC both = (a + c) * 0.5f, mid = b * 0.5f;

    out[0] = a;
    out[out_step] = both + mid;
    out[2 * out_step] = both - mid;
    out[3 * out_step] = c;
}

/* Six points to four outputs. */
TILE_TARGET INLINE void
TILE_NAME(output6)(const VEC *in, size_t step, VEC *out, size_t out_step)
{
    VEC a = in[0], b = in[step], c = in[2 * step], d = in[3 * step], e = in[4 * step],
        f = in[5 * step];
    VEC near = b + c, side = b - c, far = d + e, wide = d - e;

    out[0] = a + near + far;
    out[out_step] = side + 2.0f * wide;
    out[2 * out_step] = near + 4.0f * far;
    out[3 * out_step] = side + 8.0f * wide + f;
}

TILE_TARGET INLINE void
TILE_NAME(output4)(const VEC *in, size_t step, VEC *out, size_t out_step)
{
    VEC a = in[0], b = in[step], c = in[2 * step], d = in[3 * step];

    out[0] = a + b + c;
    out[out_step] = b - c - d;
}

/* One tile's input, `side`² pixels at `from`, `channels` a multiple of TILE_LANES, to
   to[point][channels] with `step` floats between points. */
TILE_TARGET static void
TILE_NAME(input)(const float *const *from, size_t side, size_t channels, float *to, size_t step)
{
    VEC in[36], mid[36], out[36];

    for (size_t c = 0; c < channels; c += TILE_LANES) {
        for (size_t i = 0; i < side * side; i++)
            in[i] = *(const VEC *)(from[i] + c);
        if (side == 6)
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
    VEC in[9], mid[18], out[36];

    for (size_t o = 0; o < width; o += TILE_LANES) {
#pragma GCC unroll 9
        for (size_t i = 0; i < 9; i++)
            in[i] = *(const VEC *)(from + i * width + o);
        if (side == 6)
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
    VEC in[36], mid[24], out[16];

    for (size_t o = 0; o < width; o += TILE_LANES) {
        for (size_t i = 0; i < side * side; i++)
            in[i] = *(const VEC *)(from + i * step + o);
        if (side == 6)
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
