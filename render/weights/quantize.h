/*
 * Weights as whole numbers of 8 bits with a factor for each row: a quarter of float, half of f16.
 * In files such a tensor is I8, and its factors are F32 in NAME.scale.
 */
#ifndef GEMPIX_RENDER_WEIGHTS_QUANTIZE_H
#define GEMPIX_RENDER_WEIGHTS_QUANTIZE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct err;
struct weight_store;

/* w[rows][depth] ≈ out · scales[row]: the largest of a row becomes ±127. A row of zeros has the
 * factor 0. False if there is NaN or infinity. */
bool quantize_rows(const float *w, size_t rows, size_t depth, int8_t *restrict out, float *scales);

/* Is a tensor one that may be kept so? Matrices and kernels with rows of 32 and more; not the first
   and last layers, embeddings and the time's layers, which are small and decide much. */
bool quantize_fits(const char *name, const size_t shape[8], size_t rank);

/* Replaces all such tensors of a store. 0, ST_IO, ST_NOMEM, ST_UNSUPPORTED. */
int quantize_store(struct weight_store *s, struct err *e);

#endif
