/*
 * Weights of products and convolutions as the file holds them. They stay in its number format,
 * mostly where it is mapped, and become floats a panel at a time, when they are used: half the
 * memory, and half of what must be fetched from it.
 */
#ifndef GEMPIX_RENDER_ENGINE_WEIGHT_H
#define GEMPIX_RENDER_ENGINE_WEIGHT_H

#include <stdbool.h>
#include <stddef.h>

#include "render/engine/dtype.h"

/* [rows][depth] row-major, any alignment. Zeroed = none. */
struct weight {
    const void *data;
    enum dtype kind;
    const float *scales; /* DTYPE_I8: what the values of each row are multiplied by; else NULL */
    size_t rows, depth;
    size_t taps; /* > 1: a convolution's kernel area. A row lies as [channel][tap], as in the file,
                    and is given out as [tap][channel]; depth = channels · taps */
};

/* Floats at `w` as a weight. */
struct weight weight_floats(const float *w, size_t rows, size_t depth);

/* True if weight_rows must write to its scratch memory. */
bool weight_converts(const struct weight *w);

/* Rows [first, first + count) as floats [count][depth]: in `scratch`, or where they lie when that
   is the same. */
const float *weight_rows(const struct weight *w, size_t first, size_t count, float *scratch);

/* Elements [at, at + count) of one row, in the order of the file whatever the taps, always written
 * to `out`. */
void weight_row_part(const struct weight *w, size_t row, size_t at, size_t count, float *out);

#endif
