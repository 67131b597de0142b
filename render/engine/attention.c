/*
 * Attention over blocks of keys with a running softmax: no matrix of scores ever exists. Knows
 * nothing of layers. Read next: render/model/transformer.c.
 *
 * A task takes some queries of one head through all keys. The lanes of the vectors are queries: so
 * keys and values are read where they lie, the softmax has no sums across lanes, and only the
 * queries are turned on the way in and the result on the way out. Kernels of our own, because a
 * product over a head's 40 or 64 channels is too thin for a BLAS, which packs its operands anew for
 * every tile (docs/performance.md).
 */
#include "render/engine/attention.h"

#include <math.h>
#include <string.h>

#include "render/engine/engine.h"
#include "render/engine/expo.h"
#include "render/engine/isa.h"
#include "render/engine/meter.h"
#include "render/engine/pool.h"
#include "render/engine/turn.h"

#define KEYS 96 /* per block */
#define TILES 4 /* of queries per task, which share a block of keys in the cache */
#define LOG2_E 1.44269504088896341
#define NEVER (-1e30f) /* the score of a key that is not seen */

#if ISA_X86
#define TILE_NAME(x) x##_avx512
#define TILE_TARGET ISA_TARGET_AVX512
#define TILE_LANES 16
#include "render/engine/attention_tile.h"
#define TILE_NAME(x) x##_avx512
#define TILE_TARGET ISA_TARGET_AVX512
#define TILE_LANES 16
#define TILE_ROWS 12
#include "render/engine/gemm_tile.h"
#define TILE_NAME(x) x##_avx512_few
#define TILE_TARGET ISA_TARGET_AVX512
#define TILE_LANES 16
#define TILE_ROWS 4
#include "render/engine/gemm_tile.h"
#define TILE_NAME(x) x##_avx512_one
#define TILE_TARGET ISA_TARGET_AVX512
#define TILE_LANES 16
#define TILE_ROWS 1
#include "render/engine/gemm_tile.h"
#define TILE_NAME(x) x##_avx2
#define TILE_TARGET ISA_TARGET_AVX2
#define TILE_LANES 8
#include "render/engine/attention_tile.h"
#define TILE_NAME(x) x##_avx2
#define TILE_TARGET ISA_TARGET_AVX2
#define TILE_LANES 8
#define TILE_ROWS 6
#include "render/engine/gemm_tile.h"
#define TILE_NAME(x) x##_avx2_few
#define TILE_TARGET ISA_TARGET_AVX2
#define TILE_LANES 8
#define TILE_ROWS 2
#include "render/engine/gemm_tile.h"
#define TILE_NAME(x) x##_avx2_one
#define TILE_TARGET ISA_TARGET_AVX2
#define TILE_LANES 8
#define TILE_ROWS 1
#include "render/engine/gemm_tile.h"
#endif
#define TILE_NAME(x) x##_plain
#define TILE_TARGET
#define TILE_LANES 4
#include "render/engine/attention_tile.h"
#define TILE_NAME(x) x##_plain
#define TILE_TARGET
#define TILE_LANES 4
#define TILE_ROWS 4
#include "render/engine/gemm_tile.h"
#define TILE_NAME(x) x##_plain_few
#define TILE_TARGET
#define TILE_LANES 4
#define TILE_ROWS 2
#include "render/engine/gemm_tile.h"
#define TILE_NAME(x) x##_plain_one
#define TILE_TARGET
#define TILE_LANES 4
#define TILE_ROWS 1
#include "render/engine/gemm_tile.h"

typedef void multiply_fn(const float *rows, size_t ld_rows, const float *panel, size_t k, bool more,
                         float *sums, size_t ld);

/* The products come for so many rows at once. */
struct products {
    size_t rows;
    multiply_fn *straight, *turned;
};

struct kind {
    size_t width; /* queries of a tile */
    struct products products[3];
    void (*soften)(float *s, size_t count, float *restrict top, float *restrict total, float *out,
                   size_t depth);
};

static const struct kind KINDS[ISA_COUNT] = {
    [ISA_PLAIN] = {8,
                   {{4, multiply_plain, multiply_turned_plain},
                    {2, multiply_plain_few, multiply_turned_plain_few},
                    {1, multiply_plain_one, multiply_turned_plain_one}},
                   soften_plain},
#if ISA_X86
    [ISA_AVX2] = {16,
                  {{6, multiply_avx2, multiply_turned_avx2},
                   {2, multiply_avx2_few, multiply_turned_avx2_few},
                   {1, multiply_avx2_one, multiply_turned_avx2_one}},
                  soften_avx2},
    [ISA_AVX512] = {32,
                    {{12, multiply_avx512, multiply_turned_avx512},
                     {4, multiply_avx512_few, multiply_turned_avx512_few},
                     {1, multiply_avx512_one, multiply_turned_avx512_one}},
                    soften_avx512},
#endif
};

struct job {
    const struct attention *a;
    const struct kind *kind;
    size_t groups; /* tasks per head */
    float *scratch;
    size_t scratch_size; /* floats per thread */
};

/* What a task keeps for one tile of queries, in the order in which it lies in the scratch. */
struct tile {
    float *queries;     /* [head_width][width], scaled */
    float *out;         /* [head_width][width] */
    float *top, *total; /* [width] */
};

static struct tile
tile_at(const struct job *j, float *scratch, size_t index)
{
    size_t size = j->a->head_width * j->kind->width;
    float *at = scratch + KEYS * j->kind->width + index * 2 * (size + j->kind->width);
    struct tile t = {at, at + size, at + 2 * size, at + 2 * size + j->kind->width};

    return t;
}

/* sums[rows][width] (+)= a[rows][k] · panel[k][width], or a[k][rows]. */
static void
multiply(const struct kind *kind, bool turned, const float *a, size_t ld, size_t rows, size_t k,
         const float *panel, bool more, float *sums)
{
    size_t r = 0;

    for (size_t i = 0; i < 3; i++) {
        const struct products *p = &kind->products[i];

        for (; r + p->rows <= rows; r += p->rows) {
            if (turned)
                p->turned(a + r, ld, panel, k, more, sums + r * kind->width, kind->width);
            else
                p->straight(a + r * ld, ld, panel, k, more, sums + r * kind->width, kind->width);
        }
    }
}

/* Hides from each query the keys that come after it. */
static void
hide(const struct kind *kind, size_t query, size_t key, size_t count, float *s)
{
    for (size_t i = 0; i < count; i++) {
        for (size_t t = 0; t < kind->width; t++) {
            if (key + i > query + t)
                s[i * kind->width + t] = NEVER;
        }
    }
}

static void
begin_tile(const struct job *j, const float *q, size_t count, const struct tile *t)
{
    size_t w = j->a->head_width, width = j->kind->width;
    float scale = (float)(LOG2_E / sqrt((double)w)); /* the softmax works with powers of 2 */

    memset(t->queries, 0, w * width * sizeof *t->queries);
    turn(q, j->a->ldq, count, w, t->queries, width);
    for (size_t i = 0; i < w * width; i++)
        t->queries[i] *= scale;
    memset(t->out, 0, w * width * sizeof *t->out);
    for (size_t i = 0; i < width; i++) {
        t->top[i] = NEVER;
        t->total[i] = 0.0f;
    }
}

static void
end_tile(const struct job *j, size_t count, const struct tile *t, float *out)
{
    size_t w = j->a->head_width, width = j->kind->width;

    for (size_t i = 0; i < width; i++)
        t->total[i] = 1.0f / t->total[i];
    for (size_t d = 0; d < w; d++) {
        for (size_t i = 0; i < width; i++)
            t->out[d * width + i] *= t->total[i];
    }
    turn(t->out, width, w, count, out, j->a->ldo);
}

static void
group_task(void *arg, int index, int thread)
{
    const struct job *j = arg;
    const struct attention *a = j->a;
    const struct kind *kind = j->kind;
    size_t group = (size_t)index % j->groups, both = (size_t)index / j->groups;
    size_t head = both % a->heads, image = both / a->heads, w = a->head_width;
    size_t first = group * TILES * kind->width;
    size_t count =
        a->queries - first < TILES * kind->width ? a->queries - first : TILES * kind->width;
    size_t seen = a->causal && first + count < a->keys ? first + count : a->keys;
    const float *q = a->q + (image * a->queries + first) * a->ldq + head * w;
    const float *k = a->k + image * a->keys * a->ldk + head * w;
    const float *v = a->v + image * a->keys * a->ldv + head * w;
    float *out = a->out + (image * a->queries + first) * a->ldo + head * w;
    float *s = j->scratch + (size_t)thread * j->scratch_size;

    for (size_t at = 0; at < count; at += kind->width) {
        struct tile t = tile_at(j, s, at / kind->width);

        begin_tile(j, q + at * a->ldq, count - at < kind->width ? count - at : kind->width, &t);
    }
    for (size_t key = 0; key < seen; key += KEYS) {
        size_t keys = seen - key < KEYS ? seen - key : KEYS;

        for (size_t at = 0; at < count; at += kind->width) {
            struct tile t = tile_at(j, s, at / kind->width);

            multiply(kind, false, k + key * a->ldk, a->ldk, keys, w, t.queries, false, s);
            if (a->causal)
                hide(kind, first + at, key, keys, s);
            kind->soften(s, keys, t.top, t.total, t.out, w);
            multiply(kind, true, v + key * a->ldv, a->ldv, w, keys, s, true, t.out);
        }
    }
    for (size_t at = 0; at < count; at += kind->width) {
        struct tile t = tile_at(j, s, at / kind->width);

        end_tile(j, count - at < kind->width ? count - at : kind->width, &t, out + at * a->ldo);
    }
}

void
attend(struct engine *g, const struct attention *a)
{
    struct job j = {.a = a, .kind = &KINDS[isa_best()]};
    size_t mark = engine_mark(g), heads = a->n * a->heads, w = a->head_width;
    size_t width = j.kind->width;
    struct meter meter = meter_begin(g, ENGINE_ATTENTION);

    j.groups = (a->queries + TILES * width - 1) / (TILES * width);
    j.scratch_size = KEYS * width + TILES * 2 * width * (w + 1);
    j.scratch = engine_floats(g, (size_t)pool_threads(g->pool) * j.scratch_size);
    if (g->planning)
        g->flops += 4.0 * (double)(heads * w) * (double)(a->queries * a->keys);
    /* Per score: two products over the head's width, and the softmax. */
    engine_run(g, (int)(heads * j.groups), heads * a->queries * a->keys * (w / 16 + 2), group_task,
               &j);
    engine_rewind(g, mark);
    meter_end(g, &meter);
}
