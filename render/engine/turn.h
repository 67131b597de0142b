/*
 * Turning matrices.
 */
#ifndef GEMPIX_RENDER_ENGINE_TURN_H
#define GEMPIX_RENDER_ENGINE_TURN_H

#include <stddef.h>

/* to[columns][ld_to] = the transpose of from[rows][ld_from], in the calling thread. */
void turn(const float *from, size_t ld_from, size_t rows, size_t columns, float *to, size_t ld_to);

#endif
