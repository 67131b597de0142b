/*
 * Matrix products on OpenBLAS. The only file that includes cblas.h. Knows nothing of layers. Read
 * next: conv.c.
 *
 * Why tiles of our own: the BLAS library's threading is poor on the small and thin shapes of these
 * networks and mixes badly with other threads. Tiles are cut by problem size, so results are the
 * same for any number of threads.
 *
 * Why the library is opened at run time: it chooses its kernels while it is being loaded, and
 * versions up to 0.3.23 take a processor that they do not know, such as Zen 5, for a Haswell, at
 * half the speed. Only the environment can tell them better, and only before they are loaded.
 */
#include "render/engine/gemm.h"

#include <cblas.h>
#include <dlfcn.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "common/err.h"

#include "render/engine/engine.h"
#include "render/engine/pool.h"

#define TILES_WANTED 16
#define TILE_FLOPS 4e6 /* below this a tile is not worth another thread's wake-up */
#define TILE_STEP 16   /* tile sides are multiples of it: the kernels' register blocks */

struct job {
    size_t m, n, k, lda, ldc;
    const float *a, *w;
    float *c;
    const struct gemm_add *add;
    size_t tile_m, tile_n, columns; /* columns = tiles side by side */
};

static __typeof__(cblas_sgemm) *sgemm;
static pthread_once_t opened = PTHREAD_ONCE_INIT;

/* Names that the library has had on the systems we know. */
static const char *const LIBRARIES[] = {"libopenblas.so.0", "libopenblas.so"};

/* Keeps what the operator has set. */
static void
advise_library(void)
{
    (void)setenv("OPENBLAS_NUM_THREADS", "1", 0);
#if defined(__x86_64__) && defined(__GNUC__)
    if (__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512dq") &&
        __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512vl"))
        (void)setenv("OPENBLAS_CORETYPE", "SkylakeX", 0);
#endif
}

static void
open_library(void)
{
    __typeof__(openblas_set_num_threads) *set_threads;
    void *library = NULL;

    advise_library();
    for (size_t i = 0; i < sizeof LIBRARIES / sizeof *LIBRARIES && library == NULL; i++)
        library = dlopen(LIBRARIES[i], RTLD_NOW | RTLD_LOCAL);
    if (library == NULL)
        return;
    /* POSIX lets functions travel through void pointers; ISO C wants it spelled so. */
    *(void **)&set_threads = dlsym(library, "openblas_set_num_threads");
    *(void **)&sgemm = dlsym(library, "cblas_sgemm");
    if (set_threads != NULL)
        set_threads(1);
}

int
gemm_start(struct err *e)
{
    (void)pthread_once(&opened, open_library);
    if (sgemm == NULL)
        return err_setf(e, ST_UNSUPPORTED,
                        "The library OpenBLAS is missing; install the package libopenblas0.");
    return ST_OK;
}

/* Writes bias and residual into a tile of C. Returns the beta that sgemm must use. */
static float
prefill(size_t m, size_t n, float *c, size_t ldc, const struct gemm_add *add, size_t row,
        size_t column, size_t width)
{
    if (add == NULL || (add->bias == NULL && add->residual == NULL))
        return 0.0f;
    for (size_t i = 0; i < m; i++) {
        const float *bias = add->bias;
        float *to = c + i * ldc;

        if (bias != NULL)
            bias += column + (add->bias_rows != 0 ? (row + i) / add->bias_rows * width : 0);
        if (add->residual == NULL) {
            memcpy(to, bias, n * sizeof *to);
            continue;
        }
        const float *residual = add->residual + (row + i) * add->ld_residual + column;

        if (bias == NULL) {
            if (residual != to)
                memcpy(to, residual, n * sizeof *to);
            continue;
        }
        for (size_t j = 0; j < n; j++)
            to[j] = residual[j] + bias[j];
    }
    return 1.0f;
}

static void
product(size_t m, size_t n, size_t k, const float *a, size_t lda, const float *w, float beta,
        float *c, size_t ldc)
{
    sgemm(CblasRowMajor, CblasNoTrans, CblasTrans, (int)m, (int)n, (int)k, 1.0f, a, (int)lda,
                w, (int)k, beta, c, (int)ldc);
}

static void
tile_task(void *arg, int index, int thread)
{
    const struct job *j = arg;
    size_t i = (size_t)index / j->columns * j->tile_m;
    size_t o = (size_t)index % j->columns * j->tile_n;
    size_t m = j->m - i < j->tile_m ? j->m - i : j->tile_m;
    size_t n = j->n - o < j->tile_n ? j->n - o : j->tile_n;
    float *c = j->c + i * j->ldc + o;
    float beta = prefill(m, n, c, j->ldc, j->add, i, o, j->n);

    (void)thread;
    product(m, n, j->k, j->a + i * j->lda, j->lda, j->w + o * j->k, beta, c, j->ldc);
}

static size_t
half(size_t x)
{
    return (x / 2 + TILE_STEP - 1) / TILE_STEP * TILE_STEP;
}

void
gemm(struct engine *g, size_t m, size_t n, size_t k, const float *a, size_t lda, const float *w,
     float *c, size_t ldc, const struct gemm_add *add)
{
    struct job j = {m, n, k, lda, ldc, a, w, c, add, m, n, 1};
    size_t rows = 1;

    if (g->planning)
        g->flops += 2.0 * (double)m * (double)n * (double)k;
    if (g->planning || m == 0)
        return;
    while (rows * j.columns < TILES_WANTED &&
           2.0 * (double)j.tile_m * (double)j.tile_n * (double)k > 2 * TILE_FLOPS) {
        size_t tm = half(j.tile_m), tn = half(j.tile_n);

        if (tm < j.tile_m && (j.tile_m >= j.tile_n || tn >= j.tile_n))
            j.tile_m = tm;
        else if (tn < j.tile_n)
            j.tile_n = tn;
        else
            break;
        rows = (m + j.tile_m - 1) / j.tile_m;
        j.columns = (n + j.tile_n - 1) / j.tile_n;
    }
    pool_run(g->pool, (int)(rows * j.columns), tile_task, &j);
}

void
gemm_part(size_t m, size_t n, size_t k, const float *a, size_t lda, const float *w, float *c,
          size_t ldc, const struct gemm_add *add, size_t row)
{
    product(m, n, k, a, lda, w, prefill(m, n, c, ldc, add, row, 0, n), c, ldc);
}

void
gemm_nt(size_t m, size_t n, size_t k, float alpha, const float *a, size_t lda, const float *b,
        size_t ldb, float *c, size_t ldc)
{
    sgemm(CblasRowMajor, CblasNoTrans, CblasTrans, (int)m, (int)n, (int)k, alpha, a, (int)lda,
                b, (int)ldb, 0.0f, c, (int)ldc);
}

void
gemm_nn(size_t m, size_t n, size_t k, const float *a, size_t lda, const float *b, size_t ldb,
        float *c, size_t ldc)
{
    sgemm(CblasRowMajor, CblasNoTrans, CblasNoTrans, (int)m, (int)n, (int)k, 1.0f, a,
                (int)lda, b, (int)ldb, 0.0f, c, (int)ldc);
}
