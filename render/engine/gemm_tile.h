/*
 * The innermost product and the turning of matrices. A template: gemm_direct.c includes it once
 * per kind of processor, with
 *
 *     TILE_NAME(x)   the name of x for this kind
 *     TILE_TARGET    the attribute that lets the compiler use its instructions
 *     TILE_LANES     floats per vector register
 *     TILE_ROWS      rows held in registers at once; TILE_ROWS · 2 accumulators must fit
 *
 * No include guard, on purpose.
 */

typedef float TILE_NAME(lanes) __attribute__((vector_size(TILE_LANES * 4), aligned(4), may_alias));

/* sums[TILE_ROWS][ld] (2 · TILE_LANES columns) = (more ? sums : 0) + rows[TILE_ROWS][k] ·
   panel[k][2 · TILE_LANES]. Every sum is taken in the order of k, wherever it stands in a tile. */
TILE_TARGET static void
TILE_NAME(multiply)(const float *rows, size_t ld_rows, const float *panel, size_t k, bool more,
                    float *sums, size_t ld)
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
    for (size_t i = 0; i < k; i++, panel += 2 * TILE_LANES) {
        vec left = *(const vec *)panel, right = *(const vec *)(panel + TILE_LANES);

#pragma GCC unroll 16
        for (size_t r = 0; r < TILE_ROWS; r++) {
            sum[r][0] += rows[r * ld_rows + i] * left;
            sum[r][1] += rows[r * ld_rows + i] * right;
        }
    }
#pragma GCC unroll 16
    for (size_t r = 0; r < TILE_ROWS; r++) {
        *(vec *)(sums + r * ld) = sum[r][0];
        *(vec *)(sums + r * ld + TILE_LANES) = sum[r][1];
    }
}

#undef TILE_NAME
#undef TILE_TARGET
#undef TILE_LANES
#undef TILE_ROWS
