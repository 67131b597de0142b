/*
 * The running softmax of one tile of attention, for one kind of processor. A template: attention.c
 * includes it once per kind, with TILE_NAME, TILE_TARGET and TILE_LANES as in gemm_tile.h.
 *
 * No include guard, on purpose.
 */

#define WIDTH (2 * (size_t)TILE_LANES)

/* Each lane is a query. Turns scores s[count][WIDTH] into weights 2^(s - top) with the running top
   of each query, adds them to `total`, and brings what was summed up so far, total and out[depth]
   [WIDTH], to the new top. */
TILE_TARGET static void
TILE_NAME(soften)(float *s, size_t count, float *restrict top, float *restrict total, float *out,
                  size_t depth)
{
    float most[WIDTH], shrink[WIDTH];
    bool risen = false;

    for (size_t t = 0; t < WIDTH; t++)
        most[t] = top[t];
    for (size_t i = 0; i < count; i++) {
        for (size_t t = 0; t < WIDTH; t++)
            most[t] = s[i * WIDTH + t] > most[t] ? s[i * WIDTH + t] : most[t];
    }
    for (size_t t = 0; t < WIDTH; t++)
        risen |= most[t] > top[t];
    if (risen) {
        for (size_t t = 0; t < WIDTH; t++) {
            shrink[t] = expo2_down(top[t] - most[t]);
            total[t] *= shrink[t];
            top[t] = most[t];
        }
        for (size_t i = 0; i < depth; i++) {
            for (size_t t = 0; t < WIDTH; t++)
                out[i * WIDTH + t] *= shrink[t];
        }
    }
    for (size_t i = 0; i < count; i++) {
        for (size_t t = 0; t < WIDTH; t++) {
            float weight = expo2_down(s[i * WIDTH + t] - most[t]);

            s[i * WIDTH + t] = weight;
            total[t] += weight;
        }
    }
}

#undef WIDTH
#undef TILE_NAME
#undef TILE_TARGET
#undef TILE_LANES
