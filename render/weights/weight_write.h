/*
 * Writes the tensors of a store into one safetensors file, in halves or in 8 bits.
 */
#ifndef GEMPIX_RENDER_WEIGHTS_WEIGHT_WRITE_H
#define GEMPIX_RENDER_WEIGHTS_WEIGHT_WRITE_H

#include <stdbool.h>

struct err;
struct weight_store;

/* Everything becomes F16, but F32 what goes beyond it; with `int8` the tensors of quantize_fits
   become I8 with factors. Tensors that hold no weights are left out. One tensor is in memory at a
   time. 0, ST_IO, ST_NOMEM, ST_UNSUPPORTED. */
int weight_write(const struct weight_store *s, bool int8, const char *path, struct err *e);

#endif
