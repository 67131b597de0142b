/*
 * Matrix products. The only file that sees BLAS is gemm.c; each thread of the pool calls
 * single-threaded sgemm on tiles whose sizes depend on the problem alone.
 */
#ifndef GEMPIX_RENDER_ENGINE_GEMM_H
#define GEMPIX_RENDER_ENGINE_GEMM_H

#include <stddef.h>

struct engine;
struct err;

/* What is added to a product. Zeroed = nothing. */
struct gemm_add {
    const float *bias;     /* [n], or [rows / bias_rows][n] */
    size_t bias_rows;      /* rows of C that share a row of bias; 0 = all share the first */
    const float *residual; /* [m][ld_residual], may be C itself */
    size_t ld_residual;
};

/* Opens the BLAS library, once per process, with one thread and the kernels that fit the processor.
 * 0 or ST_UNSUPPORTED. */
int gemm_start(struct err *e);

/* C[m][ldc] = A[m][lda] · W[n][k]ᵀ + add, all row-major. */
void gemm(struct engine *g, size_t m, size_t n, size_t k, const float *a, size_t lda,
          const float *w, float *c, size_t ldc, const struct gemm_add *add);

/* The same in the calling thread, for use inside tasks; `row` is the number of A's first row for
 * bias and residual. */
void gemm_part(size_t m, size_t n, size_t k, const float *a, size_t lda, const float *w, float *c,
               size_t ldc, const struct gemm_add *add, size_t row);

/* C = alpha · A[m][lda] · B[n][ldb]ᵀ, in the calling thread. */
void gemm_nt(size_t m, size_t n, size_t k, float alpha, const float *a, size_t lda, const float *b,
             size_t ldb, float *c, size_t ldc);
/* C = A[m][lda] · B[k][ldb], in the calling thread. */
void gemm_nn(size_t m, size_t n, size_t k, const float *a, size_t lda, const float *b, size_t ldb,
             float *c, size_t ldc);

#endif
