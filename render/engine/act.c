/*
 * Element-wise functions of the networks. Knows nothing of layers. Read next: norm.c.
 */
#include "render/engine/act.h"

#include <math.h>

#include "render/engine/engine.h"
#include "render/engine/expo.h"
#include "render/engine/pool.h"

#define CHUNK ((size_t)1 << 14) /* elements per task */

struct job {
    enum act kind;
    const float *x, *y;
    float *out;
    size_t count; /* elements, or rows for geglu */
    size_t width;
    float limit;
};

/* Halves of erf: a power series near zero and exp(-x²) times a rational function beyond are not worth it here: the
   library's erff is exact to an ulp and GELU is a small part of a pass. */
static inline float
gelu(float x)
{
    return 0.5f * x * (1.0f + erff(x * 0.70710678f));
}

ENGINE_VECTOR static void
silu_range(const float *x, float *out, size_t count, float a)
{
    for (size_t i = 0; i < count; i++)
        out[i] = gate(x[i], a);
}

static void
apply_range(enum act kind, const float *x, float *out, size_t count)
{
    switch (kind) {
    case ACT_SILU:
        silu_range(x, out, count, 1.0f);
        break;
    case ACT_QUICK_GELU:
        silu_range(x, out, count, 1.702f);
        break;
    case ACT_RELU:
        for (size_t i = 0; i < count; i++)
            out[i] = x[i] < 0.0f ? 0.0f : x[i];
        break;
    case ACT_GELU:
        for (size_t i = 0; i < count; i++)
            out[i] = gelu(x[i]);
        break;
    case ACT_NONE:
        for (size_t i = 0; i < count; i++)
            out[i] = x[i];
        break;
    }
}

static size_t
chunk_of(const struct job *j, int index, size_t *first)
{
    *first = (size_t)index * CHUNK;
    return j->count - *first < CHUNK ? j->count - *first : CHUNK;
}

static int
chunks(size_t count)
{
    return (int)((count + CHUNK - 1) / CHUNK);
}

static void
apply_task(void *arg, int index, int thread)
{
    const struct job *j = arg;
    size_t first, count = chunk_of(j, index, &first);

    (void)thread;
    apply_range(j->kind, j->x + first, j->out + first, count);
}

void
act_apply(struct engine *g, enum act kind, const float *x, float *out, size_t count)
{
    struct job j = {.kind = kind, .x = x, .out = out, .count = count};

    if (!g->planning && !(kind == ACT_NONE && x == out))
        pool_run(g->pool, chunks(count), apply_task, &j);
}

static void
geglu_task(void *arg, int index, int thread)
{
    const struct job *j = arg;
    const float *a = j->x + (size_t)index * 2 * j->width, *b = a + j->width;
    float *out = j->out + (size_t)index * j->width;

    (void)thread;
    for (size_t i = 0; i < j->width; i++)
        out[i] = a[i] * gelu(b[i]);
}

void
act_geglu(struct engine *g, const float *x, float *out, size_t rows, size_t width)
{
    struct job j = {.x = x, .out = out, .count = rows, .width = width};

    if (!g->planning)
        pool_run(g->pool, (int)rows, geglu_task, &j);
}

static void
clamp_task(void *arg, int index, int thread)
{
    const struct job *j = arg;
    size_t first, count = chunk_of(j, index, &first);

    (void)thread;
    for (size_t i = first; i < first + count; i++)
        j->out[i] = j->limit * tanhf(j->x[i] / j->limit);
}

void
act_soft_clamp(struct engine *g, const float *x, float *out, size_t count, float limit)
{
    struct job j = {.x = x, .out = out, .count = count, .limit = limit};

    if (!g->planning)
        pool_run(g->pool, chunks(count), clamp_task, &j);
}

static void
add_task(void *arg, int index, int thread)
{
    const struct job *j = arg;
    size_t first, count = chunk_of(j, index, &first);
    float *out = j->out + first;

    (void)thread;
    for (size_t i = 0; i < count; i++)
        out[i] = j->x[first + i] + j->y[first + i];
    if (j->kind != ACT_NONE)
        apply_range(j->kind, out, out, count);
}

void
act_add(struct engine *g, const float *a, const float *b, float *out, size_t count, enum act kind)
{
    struct job j = {.kind = kind, .x = a, .y = b, .out = out, .count = count};

    if (!g->planning)
        pool_run(g->pool, chunks(count), add_task, &j);
}
