/*
 * The products and the softmax of one tile of attention, for one kind of processor. A template:
 * attention.c includes it once per kind, with
 *
 *     TILE_NAME(x)   the name of x for this kind
 *     TILE_TARGET    the attribute that lets the compiler use its instructions
 *     TILE_LANES     floats per vector register
 *     TILE_ROWS      queries held in registers at once; TILE_ROWS · 2 accumulators must fit
 *
 * No include guard, on purpose.
 */

typedef float TILE_NAME(vector) __attribute__((vector_size(TILE_LANES * 4), aligned(4), may_alias));

/* s[TILE_ROWS][KEYS] = q[TILE_ROWS][width] · k[width][KEYS] for the first `columns` keys, a
 * multiple of 2 · TILE_LANES. */
TILE_TARGET static void
TILE_NAME(scores)(const float *q, const float *k, size_t width, size_t columns, float *s)
{
    typedef TILE_NAME(vector) vec;

    for (size_t c = 0; c < columns; c += 2 * TILE_LANES) {
        vec sum[TILE_ROWS][2] = {{{0.0f}}};

        for (size_t d = 0; d < width; d++) {
            vec left = *(const vec *)(k + d * KEYS + c),
                right = *(const vec *)(k + d * KEYS + c + TILE_LANES);

#pragma GCC unroll 16
            for (size_t r = 0; r < TILE_ROWS; r++) {
                sum[r][0] += q[r * width + d] * left;
                sum[r][1] += q[r * width + d] * right;
            }
        }
#pragma GCC unroll 16
        for (size_t r = 0; r < TILE_ROWS; r++) {
            *(vec *)(s + r * KEYS + c) = sum[r][0];
            *(vec *)(s + r * KEYS + c + TILE_LANES) = sum[r][1];
        }
    }
}

/* Turns a row of scores into weights exp(s - top) with the running top, and brings what has been
   summed up so far, out[depth] and sums[TILE_LANES], to the new top. */
TILE_TARGET static void
TILE_NAME(soften)(float *s, size_t columns, float *top, float *sums, float *out, size_t depth)
{
    float most[TILE_LANES], max;

    for (size_t t = 0; t < TILE_LANES; t++)
        most[t] = s[t];
    for (size_t i = TILE_LANES; i < columns; i += TILE_LANES) {
        for (size_t t = 0; t < TILE_LANES; t++)
            most[t] = s[i + t] > most[t] ? s[i + t] : most[t];
    }
#pragma GCC unroll 4
    for (size_t step = TILE_LANES / 2; step > 0; step /= 2) {
        for (size_t t = 0; t < step; t++)
            most[t] = most[t + step] > most[t] ? most[t + step] : most[t];
    }
    max = most[0];
    if (max > *top) {
        float shrink = expo(*top - max);

        for (size_t t = 0; t < TILE_LANES; t++)
            sums[t] *= shrink;
        for (size_t i = 0; i < depth; i++)
            out[i] *= shrink;
        *top = max;
    }
    max = *top;
    for (size_t i = 0; i < columns; i += TILE_LANES) {
        for (size_t t = 0; t < TILE_LANES; t++) {
            s[i + t] = expo(s[i + t] - max);
            sums[t] += s[i + t];
        }
    }
}

/* out[TILE_ROWS][depth] += s[TILE_ROWS][KEYS] · v[count][depth]; depth is a multiple of
 * TILE_LANES. */
TILE_TARGET static void
TILE_NAME(gather)(const float *s, const float *v, size_t count, size_t depth, float *out)
{
    typedef TILE_NAME(vector) vec;
    size_t d = 0;

    for (; d + 2 * TILE_LANES <= depth; d += 2 * TILE_LANES) {
        vec sum[TILE_ROWS][2];

#pragma GCC unroll 16
        for (size_t r = 0; r < TILE_ROWS; r++) {
            sum[r][0] = *(const vec *)(out + r * depth + d);
            sum[r][1] = *(const vec *)(out + r * depth + d + TILE_LANES);
        }
        for (size_t i = 0; i < count; i++) {
            vec left = *(const vec *)(v + i * depth + d),
                right = *(const vec *)(v + i * depth + d + TILE_LANES);

#pragma GCC unroll 16
            for (size_t r = 0; r < TILE_ROWS; r++) {
                sum[r][0] += s[r * KEYS + i] * left;
                sum[r][1] += s[r * KEYS + i] * right;
            }
        }
#pragma GCC unroll 16
        for (size_t r = 0; r < TILE_ROWS; r++) {
            *(vec *)(out + r * depth + d) = sum[r][0];
            *(vec *)(out + r * depth + d + TILE_LANES) = sum[r][1];
        }
    }
    for (; d < depth; d += TILE_LANES) {
        vec sum[TILE_ROWS];

#pragma GCC unroll 16
        for (size_t r = 0; r < TILE_ROWS; r++)
            sum[r] = *(const vec *)(out + r * depth + d);
        for (size_t i = 0; i < count; i++) {
            vec one = *(const vec *)(v + i * depth + d);

#pragma GCC unroll 16
            for (size_t r = 0; r < TILE_ROWS; r++)
                sum[r] += s[r * KEYS + i] * one;
        }
#pragma GCC unroll 16
        for (size_t r = 0; r < TILE_ROWS; r++)
            *(vec *)(out + r * depth + d) = sum[r];
    }
}

#undef TILE_NAME
#undef TILE_TARGET
#undef TILE_LANES
#undef TILE_ROWS
