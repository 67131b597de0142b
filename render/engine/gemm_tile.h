/*
 * The innermost product. A template: gemm_direct.c, winograd.c and attention.c include it once per
 * kind of processor and number of rows, with
 *
 *     TILE_NAME(x)   the name of x for this kind
 *     TILE_TARGET    the attribute that lets the compiler use its instructions
 *     TILE_LANES     floats per vector register
 *     TILE_ROWS      rows held in registers at once; TILE_ROWS · 2 accumulators must fit
 *
 * No include guard, on purpose.
 */

typedef float TILE_NAME(lanes) __attribute__((vector_size(TILE_LANES * 4), aligned(4), may_alias));

/* The body of both products; the steps between rows and along k are known when it is inlined. */
TILE_TARGET __attribute__((always_inline)) static inline void
TILE_NAME(body)(const float *rows, size_t row_step, size_t k_step, const float *panel, size_t k,
                bool more, float *sums, size_t ld)
{
    typedef TILE_NAME(lanes) vec;
    vec sum[TILE_ROWS][2] = {{{0.0f}}};

    if (more) {
#pragma GCC unroll 16
        for (size_t r = 0; r < TILE_ROWS; r++) {
            sum[r][0] = *(const vec *)(sums + r * ld);
            sum[r][1] = *(const vec *)(sums + r * ld + TILE_LANES);
        }
    }
    for (size_t i = 0; i < k; i++, panel += 2 * TILE_LANES, rows += k_step) {
        vec left = *(const vec *)panel, right = *(const vec *)(panel + TILE_LANES);

#pragma GCC unroll 16
        for (size_t r = 0; r < TILE_ROWS; r++) {
            sum[r][0] += rows[r * row_step] * left;
            sum[r][1] += rows[r * row_step] * right;
        }
    }
#pragma GCC unroll 16
    for (size_t r = 0; r < TILE_ROWS; r++) {
        *(vec *)(sums + r * ld) = sum[r][0];
        *(vec *)(sums + r * ld + TILE_LANES) = sum[r][1];
    }
}

/* sums[TILE_ROWS][ld] (2 · TILE_LANES columns) = (more ? sums : 0) + rows[TILE_ROWS][k] ·
   panel[k][2 · TILE_LANES]. Every sum is taken in the order of k, wherever it stands in a tile. */
__attribute__((unused)) TILE_TARGET static void
TILE_NAME(multiply)(const float *rows, size_t ld_rows, const float *panel, size_t k, bool more,
                    float *sums, size_t ld)
{
    TILE_NAME(body)(rows, ld_rows, 1, panel, k, more, sums, ld);
}

/* The same with the rows turned: rows[k][TILE_ROWS]. */
__attribute__((unused)) TILE_TARGET static void
TILE_NAME(multiply_turned)(const float *rows, size_t ld_rows, const float *panel, size_t k,
                           bool more, float *sums, size_t ld)
{
    TILE_NAME(body)(rows, 1, ld_rows, panel, k, more, sums, ld);
}

#undef TILE_NAME
#undef TILE_TARGET
#undef TILE_LANES
#undef TILE_ROWS
