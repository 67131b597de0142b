/*
 * Number formats of weight files and their conversion to float. f16 and bf16 become float without
 * rounding.
 */
#ifndef GEMPIX_RENDER_WEIGHTS_DTYPE_H
#define GEMPIX_RENDER_WEIGHTS_DTYPE_H

#include <stddef.h>

enum dtype { DTYPE_F32, DTYPE_F16, DTYPE_BF16, DTYPE_I8, DTYPE_OTHER };

/* Bits per element of a format by its name in a safetensors file ("F16"); 0 = no such format.
   `kind` receives which of ours it is. */
unsigned dtype_bits(const char *name, enum dtype *kind);

/* `count` elements at `from` (any alignment, little-endian) to floats. Not for DTYPE_OTHER. */
void dtype_convert(enum dtype kind, const void *from, float *to, size_t count);

#define DTYPE_HALF_MOST 65504.0F

/* `count` floats, no larger than DTYPE_HALF_MOST in magnitude, to the nearest f16, ties to even;
   little-endian, any alignment. */
void dtype_to_halves(const float *from, void *to, size_t count);

#endif
