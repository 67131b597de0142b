/*
 * Weights in the file's number format. Knows nothing of layers or files. Read next: gemm.c.
 */
#include "render/engine/weight.h"

#include <stdint.h>
#include <string.h>

#include "render/engine/engine.h"

#define TURN 64 /* channels turned at a time */
#define TAPS_MAX 49
#define AHEAD 3 /* rows fetched in advance */
#define LINE 64 /* bytes of a cache line */

static const size_t BYTES[] = {
    [DTYPE_F32] = 4, [DTYPE_F16] = 2, [DTYPE_BF16] = 2, [DTYPE_I8] = 1, [DTYPE_OTHER] = 0};

struct weight
weight_floats(const float *w, size_t rows, size_t depth)
{
    struct weight out = {.data = w, .kind = DTYPE_F32, .rows = rows, .depth = depth};

    return out;
}

bool
weight_converts(const struct weight *w)
{
    return w->kind != DTYPE_F32 || w->taps > 1 || (uintptr_t)w->data % sizeof(float) != 0;
}

/* [channel][tap] to [tap][channel]. */
static void
turn_row(const struct weight *w, const unsigned char *from, float *to)
{
    size_t taps = w->taps, channels = w->depth / taps;
    float part[TURN * TAPS_MAX];

    for (size_t c = 0; c < channels; c += TURN) {
        size_t count = channels - c < TURN ? channels - c : TURN;

        dtype_convert(w->kind, from + c * taps * BYTES[w->kind], part, count * taps);
        for (size_t t = 0; t < taps; t++) {
            for (size_t i = 0; i < count; i++)
                to[t * channels + c + i] = part[i * taps + t];
        }
    }
}

ENGINE_VECTOR static void
scale_row(float *row, float by, size_t count)
{
    for (size_t i = 0; i < count; i++)
        row[i] *= by;
}

const float *
weight_rows(const struct weight *w, size_t first, size_t count, float *scratch)
{
    const unsigned char *from = w->data;

    from += first * w->depth * BYTES[w->kind];
    if (!weight_converts(w))
        return (const float *)(const void *)from;
    if (w->taps <= 1)
        dtype_convert(w->kind, from, scratch, count * w->depth);
    for (size_t r = 0; r < count; r++) {
        float *row = scratch + r * w->depth;

        if (w->taps > 1)
            turn_row(w, from + r * w->depth * BYTES[w->kind], row);
        if (w->scales != NULL)
            scale_row(row, w->scales[first + r], w->depth);
    }
    return scratch;
}

void
weight_row_part(const struct weight *w, size_t row, size_t at, size_t count, float *out)
{
    const unsigned char *from = w->data;

    from += (row * w->depth + at) * BYTES[w->kind];
    /* The same part of the row after next, which would else be waited for: callers take a part of
       each row, too little for the processor to see where they are going. */
    for (size_t i = 0; i < count * BYTES[w->kind]; i += LINE) {
        if (at + 2 * count <= w->depth)
            __builtin_prefetch(from + count * BYTES[w->kind] + i);
        if (at == 0 && row + AHEAD < w->rows)
            __builtin_prefetch(from + AHEAD * w->depth * BYTES[w->kind] + i);
    }
    dtype_convert(w->kind, from, out, count);
    if (w->scales != NULL)
        scale_row(out, w->scales[row], count);
}
