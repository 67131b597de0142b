/*
 * Element-wise functions of the networks. Knows nothing of layers. Read next: norm.c.
 */
#include "render/engine/act.h"

#include <math.h>
#include <string.h>

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

/* The functions below take whole blocks of LANES, and callers fill up what is left over: where a
   compiler contracts products and sums, it may do so differently in vectors and in single values,
   and a result would depend on the length of its line. */
#define LANES ((size_t)16)

ENGINE_VECTOR static void
silu_blocks(const float *x, float *out, size_t count, float a)
{
    for (size_t i = 0; i < count / LANES * LANES; i++)
        out[i] = gate(x[i], a);
}

ENGINE_VECTOR static void
gelu_blocks(const float *x, float *out, size_t count)
{
    for (size_t i = 0; i < count / LANES * LANES; i++)
        out[i] = gelu(x[i]);
}

ENGINE_VECTOR static void
geglu_blocks(const float *a, const float *b, float *out, size_t count)
{
    for (size_t i = 0; i < count / LANES * LANES; i++)
        out[i] = a[i] * gelu(b[i]);
}

static void
silu_range(const float *x, float *out, size_t count, float a)
{
    float in[LANES] = {0.0f}, done[LANES];
    size_t left = count % LANES, at = count - left;

    silu_blocks(x, out, count, a);
    memcpy(in, x + at, left * sizeof *x);
    silu_blocks(in, done, LANES, a);
    memcpy(out + at, done, left * sizeof *out);
}

static void
gelu_range(const float *x, float *out, size_t count)
{
    float in[LANES] = {0.0f}, done[LANES];
    size_t left = count % LANES, at = count - left;

    gelu_blocks(x, out, count);
    memcpy(in, x + at, left * sizeof *x);
    gelu_blocks(in, done, LANES);
    memcpy(out + at, done, left * sizeof *out);
}

void
act_geglu_row(const float *a, const float *b, float *out, size_t count)
{
    float value[LANES] = {0.0f}, in[LANES] = {0.0f}, done[LANES];
    size_t left = count % LANES, at = count - left;

    geglu_blocks(a, b, out, count);
    if (left == 0)
        return;
    memcpy(value, a + at, left * sizeof *a);
    memcpy(in, b + at, left * sizeof *b);
    geglu_blocks(value, in, done, LANES);
    memcpy(out + at, done, left * sizeof *out);
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
