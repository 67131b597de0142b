/*
 * Attention by query tiles: the scores of a tile exist whole, those of a head never do. Knows
 * nothing of layers. Read next: render/model/transformer.c.
 */
#include "render/engine/attention.h"

#include <math.h>

#include "render/engine/engine.h"
#include "render/engine/expo.h"
#include "render/engine/gemm.h"
#include "render/engine/pool.h"

#define TILE_MAX 128
#define SCORES_MAX ((size_t)1 << 18) /* floats per tile: 1 MiB */

struct job {
    const struct attention *a;
    size_t tile, tiles; /* queries per tile, tiles per head */
    float *scores;      /* [threads][tile][keys] */
};

/* Eight running values instead of one, in a fixed order, so that the compiler may use vectors. */
ENGINE_VECTOR static void
softmax_row(float *x, size_t count)
{
    float top[8], sum[8], max, total = 0.0f;
    size_t i;

    for (size_t t = 0; t < 8; t++) {
        top[t] = x[0];
        sum[t] = 0.0f;
    }
    for (i = 0; i + 8 <= count; i += 8) {
        for (size_t t = 0; t < 8; t++)
            top[t] = x[i + t] > top[t] ? x[i + t] : top[t];
    }
    for (; i < count; i++)
        top[0] = x[i] > top[0] ? x[i] : top[0];
    max = top[0];
    for (size_t t = 1; t < 8; t++)
        max = top[t] > max ? top[t] : max;
    for (i = 0; i < count; i++)
        x[i] = expo(x[i] - max);
    for (i = 0; i + 8 <= count; i += 8) {
        for (size_t t = 0; t < 8; t++)
            sum[t] += x[i + t];
    }
    for (; i < count; i++)
        sum[0] += x[i];
    for (size_t t = 0; t < 8; t++)
        total += sum[t];
    total = 1.0f / total;
    for (i = 0; i < count; i++)
        x[i] *= total;
}

static void
tile_task(void *arg, int index, int thread)
{
    const struct job *j = arg;
    const struct attention *a = j->a;
    size_t tile = (size_t)index % j->tiles;
    size_t head = (size_t)index / j->tiles % a->heads;
    size_t image = (size_t)index / j->tiles / a->heads;
    size_t first = tile * j->tile, at = head * a->head_width;
    size_t count = a->queries - first < j->tile ? a->queries - first : j->tile;
    const float *q = a->q + (image * a->queries + first) * a->ldq + at;
    const float *k = a->k + image * a->keys * a->ldk + at;
    const float *v = a->v + image * a->keys * a->ldv + at;
    float *out = a->out + (image * a->queries + first) * a->ldo + at;
    float *scores = j->scores + (size_t)thread * j->tile * a->keys;

    gemm_nt(count, a->keys, a->head_width, (float)(1.0 / sqrt((double)a->head_width)), q, a->ldq, k,
            a->ldk, scores, a->keys);
    for (size_t r = 0; r < count; r++) {
        float *row = scores + r * a->keys;
        size_t seen = a->causal && first + r + 1 < a->keys ? first + r + 1 : a->keys;

        softmax_row(row, seen);
        for (size_t i = seen; i < a->keys; i++)
            row[i] = 0.0f;
    }
    gemm_nn(count, a->head_width, a->keys, scores, a->keys, v, a->ldv, out, a->ldo);
}

void
attend(struct engine *g, const struct attention *a)
{
    struct job j = {.a = a};
    size_t mark = engine_mark(g);

    j.tile = SCORES_MAX / a->keys / 16 * 16;
    if (j.tile < 16)
        j.tile = 16;
    if (j.tile > TILE_MAX)
        j.tile = TILE_MAX;
    if (j.tile > a->queries)
        j.tile = a->queries;
    j.tiles = (a->queries + j.tile - 1) / j.tile;
    j.scores = engine_floats(g, (size_t)pool_threads(g->pool) * j.tile * a->keys);
    if (g->planning)
        g->flops +=
            4.0 * (double)(a->n * a->heads * a->head_width) * (double)(a->queries * a->keys);
    /* Per score: two products over the head's width, and the softmax. */
    engine_run(g, (int)(a->n * a->heads * j.tiles),
               a->n * a->heads * a->queries * a->keys * (a->head_width / 16 + 2), tile_task, &j);
    engine_rewind(g, mark);
}
