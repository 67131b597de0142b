/*
 * Winograd's transforms in one dimension: inputs to points, taps to points, points to outputs. A
 * part of winograd_tile.h, which says what VEC and INLINE are. F(6, 3) has the points 0, ±1, ±2,
 * ±1/2, ∞, F(4, 3) 0, ±1, ±2, ∞, F(2, 3) 0, ±1, ∞.
 *
 * No include guard, on purpose.
 */

/* Eight inputs to eight points. */
TILE_TARGET INLINE void
TILE_NAME(input8)(const VEC *in, size_t step, VEC *out, size_t out_step)
{
    VEC a = in[0], b = in[step], c = in[2 * step], d = in[3 * step], e = in[4 * step],
        f = in[5 * step], g = in[6 * step], h = in[7 * step];
    VEC even = c + g - 4.25f * e, odd = b + f - 4.25f * d;
    VEC low = g + 0.25f * c - 1.25f * e, high = 0.5f * b - 2.5f * d + 2.0f * f;
    VEC near = g + 4.0f * c - 5.0f * e, far = 2.0f * b - 2.5f * d + 0.5f * f;

    out[0] = a - g + 5.25f * (e - c);
    out[out_step] = even + odd;
    out[2 * out_step] = even - odd;
    out[3 * out_step] = low + high;
    out[4 * out_step] = low - high;
    out[5 * out_step] = near + far;
    out[6 * out_step] = near - far;
    out[7 * out_step] = h - b + 5.25f * (d - f);
}

/* Three taps to eight points. */
TILE_TARGET INLINE void
TILE_NAME(taps8)(const VEC *in, size_t step, VEC *out, size_t out_step)
{
    VEC a = in[0], b = in[step], c = in[2 * step];
    VEC one = (a + c) * (-2.0f / 9.0f), side = b * (-2.0f / 9.0f);
    VEC two = a * (1.0f / 90.0f) + c * (2.0f / 45.0f), wide = b * (1.0f / 45.0f);
    VEC half = a * (1.0f / 45.0f) + c * (1.0f / 180.0f), slim = b * (1.0f / 90.0f);

    out[0] = a;
    out[out_step] = one + side;
    out[2 * out_step] = one - side;
    out[3 * out_step] = two + wide;
    out[4 * out_step] = two - wide;
    out[5 * out_step] = half + slim;
    out[6 * out_step] = half - slim;
    out[7 * out_step] = c;
}

/* Eight points to six outputs. */
TILE_TARGET INLINE void
TILE_NAME(output8)(const VEC *in, size_t step, VEC *out, size_t out_step)
{
    VEC one = in[step] + in[2 * step], side = in[step] - in[2 * step];
    VEC two = in[3 * step] + in[4 * step], wide = in[3 * step] - in[4 * step];
    VEC half = in[5 * step] + in[6 * step], slim = in[5 * step] - in[6 * step];

    out[0] = in[0] + one + two + 32.0f * half;
    out[out_step] = side + 2.0f * wide + 16.0f * slim;
    out[2 * out_step] = one + 4.0f * two + 8.0f * half;
    out[3 * out_step] = side + 8.0f * wide + 4.0f * slim;
    out[4 * out_step] = one + 16.0f * two + 2.0f * half;
    out[5 * out_step] = in[7 * step] + side + 32.0f * wide + slim;
}

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
