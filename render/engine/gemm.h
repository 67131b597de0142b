/*
 * Matrix products. The only file that sees BLAS is gemm.c; each thread of the pool calls
 * single-threaded sgemm on tiles whose sizes depend on the problem of one image alone. So neither
 * the number of threads nor the size of a batch changes a bit.
 */
#ifndef GEMPIX_RENDER_ENGINE_GEMM_H
#define GEMPIX_RENDER_ENGINE_GEMM_H

#include <stdbool.h>
#include <stddef.h>

#include "render/engine/weight.h"

struct engine;

/* What is added to a product. Zeroed = nothing. */
struct gemm_add {
    const float *bias;     /* [n], or [rows / bias_rows][n] */
    size_t bias_rows;      /* rows of C that share a row of bias; 0 = all share the first */
    const float *residual; /* [rows][ld_residual], may be C itself */
    size_t ld_residual;
    bool rectify; /* then x < 0 becomes slope · x: ReLU with slope 0, leaky ReLU below 1 */
    float slope;
};

/* Applies add->rectify to a line, in the calling thread. */
void gemm_rectify(const struct gemm_add *add, float *x, size_t count);

/* C[images · m][ldc] = A[images · m][lda] · Wᵀ + add, all row-major. W has `count` parts of equal
   size side by side in C: n = count · rows, k = depth. */
struct gemm {
    size_t images, m;
    const float *a;
    size_t lda;
    const struct weight *parts;
    size_t count;
    float *c;
    size_t ldc;
    struct gemm_add add;
    bool gated; /* one part, whose rows are [value | gate]: C = value · gelu(gate), n = rows / 2,
                   the bias has both halves, no residual */
};

/* Tells BLAS to use no threads of its own. */
void gemm_start(void);

void gemm_run(struct engine *g, const struct gemm *p);

/* C[m][ldc] = A[m][lda] · W[n][k]ᵀ + add in the calling thread, for use inside tasks; `row` is the
 * number of A's first row for bias and residual. */
void gemm_part(size_t m, size_t n, size_t k, const float *a, size_t lda, const float *w, float *c,
               size_t ldc, const struct gemm_add *add, size_t row);

/* C = alpha · A[m][lda] · B[n][ldb]ᵀ, in the calling thread. */
void gemm_nt(size_t m, size_t n, size_t k, float alpha, const float *a, size_t lda, const float *b,
             size_t ldb, float *c, size_t ldc);
/* C = A[m][lda] · B[k][ldb], in the calling thread. */
void gemm_nn(size_t m, size_t n, size_t k, const float *a, size_t lda, const float *b, size_t ldb,
             float *c, size_t ldc);

#endif
