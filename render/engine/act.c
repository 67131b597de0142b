/*
 * Element-wise functions of the networks. Knows nothing of layers. Read next: norm.c.
 */
#include "render/engine/act.h"

#include <math.h>

#include "render/engine/engine.h"
#include "render/engine/expo.h"

#define CHUNK ((size_t)1 << 14) /* elements per task */

struct job {
    enum act kind;
    const float *x, *y;
    float *out;
    size_t count;
    float limit;
};

ENGINE_VECTOR static void
silu_range(const float *x, float *out, size_t count, float a)
{
    for (size_t i = 0; i < count; i++)
        out[i] = gate(x[i], a);
}

ENGINE_VECTOR static void
gelu_range(const float *x, float *out, size_t count)
{
    for (size_t i = 0; i < count; i++)
        out[i] = gelu(x[i]);
}

ENGINE_VECTOR void
act_geglu_row(const float *a, const float *b, float *out, size_t count)
{
    for (size_t i = 0; i < count; i++)
        out[i] = a[i] * gelu(b[i]);
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
        gelu_range(x, out, count);
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

    if (!(kind == ACT_NONE && x == out))
        engine_run(g, chunks(count), count, apply_task, &j);
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

    engine_run(g, chunks(count), 10 * count, clamp_task, &j);
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

    engine_run(g, chunks(count), count, add_task, &j);
}
