/*
 * Matrix products on OpenBLAS. The only file that includes cblas.h. Knows nothing of layers. Read
 * next: conv.c.
 *
 * Why tiles of our own: the BLAS library's threading is poor on the small and thin shapes of these
 * networks and mixes badly with other threads. Tiles are cut by problem size, so results are the
 * same for any number of threads.
 */
#include "render/engine/gemm.h"

#include <cblas.h>
#include <string.h>

#include "render/engine/act.h"
#include "render/engine/engine.h"
#include "render/engine/gemm_direct.h"
#include "render/engine/pool.h"

#define TILES_WANTED 16
#define TILE_FLOPS 4e6 /* below this a tile is not worth another thread's wake-up */
#define TILE_STEP 16   /* tile sides are multiples of it: the kernels' register blocks */
#define GATED_ROWS 256 /* of a gated tile, whose two halves need scratch memory */
#define GATED_COLUMNS 256
#define PANEL_FLOATS ((size_t)1 << 19) /* weights of a tile as floats: 2 MiB per thread */

struct job {
    const struct gemm *p;
    size_t n, k; /* columns and depth of one part */
    size_t tile_m, tile_n;
    size_t rows, columns; /* tiles on top of and beside each other, of one part */
    size_t panel, halves; /* floats of scratch per thread: weights; both halves of a gated tile */
    float *scratch;
};

void
gemm_start(void)
{
    openblas_set_num_threads(1);
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

ENGINE_VECTOR void
gemm_rectify(const struct gemm_add *add, float *x, size_t count)
{
    float slope = add->slope;

    for (size_t i = 0; i < count && add->rectify; i++)
        x[i] = x[i] < 0.0f ? x[i] * slope : x[i];
}

static void
rectify_tile(const struct gemm_add *add, size_t m, size_t n, float *c, size_t ldc)
{
    for (size_t i = 0; i < m && add != NULL && add->rectify; i++)
        gemm_rectify(add, c + i * ldc, n);
}

static void
product(size_t m, size_t n, size_t k, const float *a, size_t lda, const float *w, float beta,
        float *c, size_t ldc)
{
    cblas_sgemm(CblasRowMajor, CblasNoTrans, CblasTrans, (int)m, (int)n, (int)k, 1.0f, a, (int)lda,
                w, (int)k, beta, c, (int)ldc);
}

/* value · gelu(gate) of a tile of one image. */
static void
gated_tile(const struct job *j, const float *a, size_t m, const float *w, size_t column, size_t n,
           float *scratch, float *c)
{
    const float *bias = j->p->add.bias;
    float *gate = scratch + j->tile_m * j->tile_n;
    struct gemm_add value_add = {.bias = bias != NULL ? bias + column : NULL};
    struct gemm_add gate_add = {.bias = bias != NULL ? bias + j->n + column : NULL};

    gemm_part(m, n, j->k, a, j->p->lda, w, scratch, n, &value_add, 0);
    gemm_part(m, n, j->k, a, j->p->lda, w + n * j->k, gate, n, &gate_add, 0);
    for (size_t r = 0; r < m; r++)
        act_geglu_row(scratch + r * n, gate + r * n, c + r * j->p->ldc, n);
}

/* The weights of a tile: of the gated kind the rows of both halves, one after the other. */
static const float *
tile_weights(const struct job *j, const struct weight *w, size_t column, size_t n, float *panel)
{
    const float *got;

    if (!j->p->gated)
        return weight_rows(w, column, n, panel);
    for (size_t half = 0; half < 2; half++) {
        float *to = panel + half * n * j->k;

        if ((got = weight_rows(w, half * j->n + column, n, to)) != to)
            memcpy(to, got, n * j->k * sizeof *to);
    }
    return panel;
}

static void
tile_task(void *arg, int index, int thread)
{
    const struct job *j = arg;
    const struct gemm *p = j->p;
    size_t across = (size_t)index / j->rows, i = (size_t)index % j->rows * j->tile_m;
    size_t part = across / j->columns, column = across % j->columns * j->tile_n;
    size_t m = p->m - i < j->tile_m ? p->m - i : j->tile_m;
    size_t n = j->n - column < j->tile_n ? j->n - column : j->tile_n;
    float *scratch = j->scratch + (size_t)thread * (j->panel + j->halves);
    const float *w = tile_weights(j, &p->parts[part], column, n, scratch);

    column += part * j->n;
    for (size_t image = 0; image < p->images; image++) {
        size_t row = image * p->m + i;
        const float *a = p->a + row * p->lda;
        float *c = p->c + row * p->ldc + column;

        if (p->gated)
            gated_tile(j, a, m, w, column, n, scratch + j->panel, c);
        else {
            product(m, n, j->k, a, p->lda, w,
                    prefill(m, n, c, p->ldc, &p->add, row, column, j->n * p->count), c, p->ldc);
            rectify_tile(&p->add, m, n, c, p->ldc);
        }
    }
}

static size_t
half(size_t x)
{
    return (x / 2 + TILE_STEP - 1) / TILE_STEP * TILE_STEP;
}

/* `x` cut into equal tiles of at most `most`. */
static size_t
even(size_t x, size_t most)
{
    size_t tiles = (x + most - 1) / most;

    return ((x + tiles - 1) / tiles + TILE_STEP - 1) / TILE_STEP * TILE_STEP;
}

static bool
converts(const struct gemm *p)
{
    for (size_t i = 0; i < p->count; i++) {
        if (weight_converts(&p->parts[i]))
            return true;
    }
    return p->gated;
}

/* Chooses the tiles by the problem of one image. */
static void
cut(struct job *j)
{
    const struct gemm *p = j->p;
    size_t most = PANEL_FLOATS / j->k / (p->gated ? 2 : 1);

    most = most < TILE_STEP ? TILE_STEP : most;
    most = p->gated && most > GATED_COLUMNS ? GATED_COLUMNS : most;
    j->tile_m = p->gated && p->m > GATED_ROWS ? GATED_ROWS : p->m;
    j->tile_n = converts(p) ? even(j->n, most) : j->n;
    for (;;) {
        size_t tm = half(j->tile_m), tn = half(j->tile_n);

        j->rows = (p->m + j->tile_m - 1) / j->tile_m;
        j->columns = (j->n + j->tile_n - 1) / j->tile_n;
        if (j->rows * j->columns * p->count >= TILES_WANTED ||
            2.0 * (double)j->tile_m * (double)j->tile_n * (double)j->k <= 2 * TILE_FLOPS)
            return;
        if (tm < j->tile_m && (j->tile_m >= j->tile_n || tn >= j->tile_n))
            j->tile_m = tm;
        else if (tn < j->tile_n)
            j->tile_n = tn;
        else
            return;
    }
}

void
gemm_run(struct engine *g, const struct gemm *p)
{
    struct job j = {.p = p, .n = p->parts->rows / (p->gated ? 2 : 1), .k = p->parts->depth};
    size_t mark = engine_mark(g), threads = (size_t)pool_threads(g->pool);

    if (p->m == 0 || p->images == 0)
        return;
    if (gemm_direct_fits(p)) {
        gemm_direct(g, p);
        return;
    }
    cut(&j);
    j.panel = converts(p) ? j.tile_n * j.k * (p->gated ? 2 : 1) : 0;
    j.halves = p->gated ? 2 * j.tile_m * j.tile_n : 0;
    j.panel = (j.panel + TILE_STEP - 1) / TILE_STEP * TILE_STEP;
    if (j.panel + j.halves != 0)
        j.scratch = engine_floats(g, threads * (j.panel + j.halves));
    if (g->planning)
        g->flops +=
            2.0 * (double)(p->images * p->m) * (double)(p->parts->rows * p->count) * (double)j.k;
    else
        pool_run(g->pool, (int)(j.rows * j.columns * p->count), tile_task, &j);
    engine_rewind(g, mark);
}

void
gemm_part(size_t m, size_t n, size_t k, const float *a, size_t lda, const float *w, float *c,
          size_t ldc, const struct gemm_add *add, size_t row)
{
    product(m, n, k, a, lda, w, prefill(m, n, c, ldc, add, row, 0, n), c, ldc);
    rectify_tile(add, m, n, c, ldc);
}

void
gemm_nt(size_t m, size_t n, size_t k, float alpha, const float *a, size_t lda, const float *b,
        size_t ldb, float *c, size_t ldc)
{
    cblas_sgemm(CblasRowMajor, CblasNoTrans, CblasTrans, (int)m, (int)n, (int)k, alpha, a, (int)lda,
                b, (int)ldb, 0.0f, c, (int)ldc);
}

void
gemm_nn(size_t m, size_t n, size_t k, const float *a, size_t lda, const float *b, size_t ldb,
        float *c, size_t ldc)
{
    cblas_sgemm(CblasRowMajor, CblasNoTrans, CblasNoTrans, (int)m, (int)n, (int)k, 1.0f, a,
                (int)lda, b, (int)ldb, 0.0f, c, (int)ldc);
}
