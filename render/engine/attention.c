/*
 * Attention over blocks of keys with a running softmax: no matrix of scores ever exists. Knows
 * nothing of layers. Read next: render/model/transformer.c.
 *
 * Keys and values are first laid out per head, keys turned so that a vector register holds many of
 * them. Then each task takes some queries of one head through all blocks of keys; scores, weights
 * and sums stay in the nearest caches. Kernels of our own, because a product over a head's 40 or 64
 * channels is too thin for a BLAS, which packs its operands anew for every tile: 1.5 times as fast
 * at 4096 tokens (docs/performance.md).
 */
#include "render/engine/attention.h"

#include <math.h>
#include <string.h>

#include "render/engine/engine.h"
#include "render/engine/expo.h"
#include "render/engine/pool.h"

#define KEYS 128       /* per block */
#define QUERIES 48     /* per task: a multiple of every kind's rows */
#define LANES_MAX 16   /* of any kind */
#define TURN 32        /* channels turned at a time */
#define NEVER (-1e30f) /* the score of a key that is not seen */

#if defined(__x86_64__) && defined(__GNUC__)
#define TILE_NAME(x) x##_avx512
#define TILE_TARGET __attribute__((target("avx512f")))
#define TILE_LANES 16
#define TILE_ROWS 12
#include "render/engine/attention_tile.h"
#define TILE_NAME(x) x##_avx2
#define TILE_TARGET __attribute__((target("avx2,fma")))
#define TILE_LANES 8
#define TILE_ROWS 6
#include "render/engine/attention_tile.h"
#endif
#define TILE_NAME(x) x##_plain
#define TILE_TARGET
#define TILE_LANES 4
#define TILE_ROWS 4
#include "render/engine/attention_tile.h"

static const struct kind {
    size_t lanes, rows;
    void (*scores)(const float *q, const float *k, size_t width, size_t columns, float *s);
    void (*soften)(float *s, size_t columns, float *top, float *sums, float *out, size_t depth);
    void (*gather)(const float *s, const float *v, size_t count, size_t depth, float *out);
} KINDS[] = {
    {4, 4, scores_plain, soften_plain, gather_plain},
#if defined(__x86_64__) && defined(__GNUC__)
    {8, 6, scores_avx2, soften_avx2, gather_avx2},
    {16, 12, scores_avx512, soften_avx512, gather_avx512},
#endif
};

struct job {
    const struct attention *a;
    const struct kind *kind;
    size_t blocks, tiles; /* of keys, of queries, per head */
    size_t depth;         /* head_width rounded up to whole vectors */
    float *keys;          /* [n · heads][blocks][head_width][KEYS], scaled */
    float *values;        /* [n · heads][blocks][KEYS][depth] */
    float *scratch;
    size_t scratch_size; /* floats per thread */
};

static size_t
up(size_t x, size_t step)
{
    return (x + step - 1) / step * step;
}

static void
pack_task(void *arg, int index, int thread)
{
    const struct job *j = arg;
    const struct attention *a = j->a;
    size_t block = (size_t)index % j->blocks, head = (size_t)index / j->blocks % a->heads;
    size_t image = (size_t)index / j->blocks / a->heads, first = block * KEYS, w = a->head_width;
    size_t count = a->keys - first < KEYS ? a->keys - first : KEYS;
    const float *k = a->k + (image * a->keys + first) * a->ldk + head * w;
    const float *v = a->v + (image * a->keys + first) * a->ldv + head * w;
    float *keys = j->keys + (size_t)index * w * KEYS;
    float *values = j->values + (size_t)index * KEYS * j->depth;
    float scale = (float)(1.0 / sqrt((double)w));

    (void)thread;
    /* Some channels at a time, so that the lines being written stay in the nearest cache. */
    for (size_t from = 0; from < w; from += TURN) {
        size_t end = from + TURN < w ? from + TURN : w;

        for (size_t i = 0; i < count; i++) {
            for (size_t d = from; d < end; d++)
                keys[d * KEYS + i] = k[i * a->ldk + d] * scale;
        }
    }
    for (size_t i = 0; i < count; i++) {
        memcpy(values + i * j->depth, v + i * a->ldv, w * sizeof *values);
        for (size_t d = w; d < j->depth; d++)
            values[i * j->depth + d] = 0.0f;
    }
    for (size_t d = 0; d < w && count < KEYS; d++)
        memset(keys + d * KEYS + count, 0, (KEYS - count) * sizeof *keys);
}

/* Hides the keys that do not exist and, in causal attention, those after the query. */
static void
hide(const struct job *j, size_t query, size_t first, size_t columns, float *s)
{
    size_t seen = j->a->keys;

    if (j->a->causal && query + 1 < seen)
        seen = query + 1;
    for (size_t i = seen > first ? seen - first : 0; i < columns; i++)
        s[i] = NEVER;
}

/* One block of keys for `rows` queries (a multiple of the kind's), the first of which is `first`
 * tokens into the image. */
static void
run_block(const struct job *j, size_t index, size_t block, size_t first, size_t rows,
          const float *q, float *s, float *out, float *tops, float *totals)
{
    const struct kind *kind = j->kind;
    size_t at = index * j->blocks + block, w = j->a->head_width;
    size_t count = j->a->keys - block * KEYS < KEYS ? j->a->keys - block * KEYS : KEYS;
    size_t columns = up(count, 2 * kind->lanes);

    for (size_t r = 0; r < rows; r += kind->rows) {
        float *sums = out + r * j->depth;

        kind->scores(q + r * w, j->keys + at * w * KEYS, w, columns, s);
        for (size_t i = 0; i < kind->rows; i++) {
            if (columns > count || j->a->causal)
                hide(j, first + r + i, block * KEYS, columns, s + i * KEYS);
            kind->soften(s + i * KEYS, columns, &tops[r + i], &totals[(r + i) * LANES_MAX],
                         sums + i * j->depth, j->depth);
        }
        kind->gather(s, j->values + at * KEYS * j->depth, count, j->depth, sums);
    }
}

static void
tile_task(void *arg, int index, int thread)
{
    const struct job *j = arg;
    const struct attention *a = j->a;
    size_t tile = (size_t)index % j->tiles, both = (size_t)index / j->tiles;
    size_t head = both % a->heads, image = both / a->heads, w = a->head_width;
    size_t first = tile * QUERIES;
    size_t count = a->queries - first < QUERIES ? a->queries - first : QUERIES;
    size_t rows = up(count, j->kind->rows), last = a->causal ? first + count : a->keys;
    const float *q = a->q + (image * a->queries + first) * a->ldq + head * w;
    float *out = a->out + (image * a->queries + first) * a->ldo + head * w;
    float *mine = j->scratch + (size_t)thread * j->scratch_size;
    float *s = mine + QUERIES * w, *sums = s + QUERIES * KEYS, *tops = sums + QUERIES * j->depth;
    float *totals = tops + QUERIES;

    memset(mine, 0, rows * w * sizeof *mine);
    memset(sums, 0, rows * j->depth * sizeof *sums);
    memset(totals, 0, rows * LANES_MAX * sizeof *totals);
    for (size_t r = 0; r < rows; r++) {
        tops[r] = NEVER;
        if (r < count)
            memcpy(mine + r * w, q + r * a->ldq, w * sizeof *mine);
    }
    for (size_t b = 0; b < j->blocks && b * KEYS < last; b++)
        run_block(j, both, b, first, rows, mine, s, sums, tops, totals);
    for (size_t r = 0; r < count; r++) {
        float part = 0.0f;

        for (size_t t = 0; t < LANES_MAX; t++)
            part += totals[r * LANES_MAX + t];
        part = 1.0f / part;
        for (size_t d = 0; d < w; d++)
            out[r * a->ldo + d] = sums[r * j->depth + d] * part;
    }
}

static const struct kind *
best_kind(void)
{
#if defined(__x86_64__) && defined(__GNUC__)
    if (__builtin_cpu_supports("avx512f"))
        return &KINDS[2];
    if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma"))
        return &KINDS[1];
#endif
    return &KINDS[0];
}

void
attend(struct engine *g, const struct attention *a)
{
    struct job j = {.a = a, .kind = best_kind()};
    size_t mark = engine_mark(g), heads = a->n * a->heads, w = a->head_width;

    j.blocks = (a->keys + KEYS - 1) / KEYS;
    j.tiles = (a->queries + QUERIES - 1) / QUERIES;
    j.depth = up(w, LANES_MAX);
    j.keys = engine_floats(g, heads * j.blocks * w * KEYS);
    j.values = engine_floats(g, heads * j.blocks * KEYS * j.depth);
    j.scratch_size = up(QUERIES * (w + KEYS + j.depth + 1 + LANES_MAX), LANES_MAX);
    j.scratch = engine_floats(g, (size_t)pool_threads(g->pool) * j.scratch_size);
    if (g->planning)
        g->flops += 4.0 * (double)(heads * w) * (double)(a->queries * a->keys);
    engine_run(g, (int)(heads * j.blocks), 2 * heads * a->keys * w, pack_task, &j);
    /* Per score: two products over the head's width, and the softmax. */
    engine_run(g, (int)(heads * j.tiles), heads * a->queries * a->keys * (w / 16 + 2), tile_task,
               &j);
    engine_rewind(g, mark);
}
