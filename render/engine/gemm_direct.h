/*
 * Products by kernels of our own, for processors with AVX2 or better. See gemm.h for the contract.
 */
#ifndef GEMPIX_RENDER_ENGINE_GEMM_DIRECT_H
#define GEMPIX_RENDER_ENGINE_GEMM_DIRECT_H

#include <stdbool.h>

struct engine;
struct gemm;

/* Whether this processor and this problem suit them. Depends on the problem of one image alone. */
bool gemm_direct_fits(const struct gemm *p);

/* As gemm_run. Every element of the result is summed in the order of k, so batches and tiles cannot
   change a bit. */
void gemm_direct(struct engine *g, const struct gemm *p);

#endif
