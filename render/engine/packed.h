/*
 * Activations at half the size, for pictures that are too large for float: 16-bit integers with a
 * scale per pixel. Each value is off by at most 1/65534 of the largest in its pixel.
 */
#ifndef GEMPIX_RENDER_ENGINE_PACKED_H
#define GEMPIX_RENDER_ENGINE_PACKED_H

#include <stddef.h>

struct engine;

/* One image [h, w, c]. Each pixel is its scale (float) and c integers, side by side, so rows lie in
   order. Memory is the caller's: packed_row bytes per row. */
struct packed {
    unsigned char *data;
    size_t h, w, c;
};

size_t packed_row(size_t w, size_t c);

/* Writes or reads `rows` rows from row `first` on: x [rows, w, c]. A pixel with NaN or Inf comes
   back as NaN. */
void pack_rows(struct engine *g, const float *x, size_t first, size_t rows,
               const struct packed *to);
void unpack_rows(struct engine *g, const struct packed *from, size_t first, size_t rows, float *x);

#endif
