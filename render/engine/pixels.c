/*
 * Small kernels of picture networks. Knows nothing of layers. Read next:
 * render/model/upscaler.c.
 *
 * All of them only move or touch each number once: they run at the speed of memory, and tasks are
 * rows of the output.
 */
#include "render/engine/pixels.h"

#include <string.h>

struct job {
    const struct tensor *x;
    const struct tensor *out;
    const float *b, *scales;
    float *to;
    float scale;
    size_t r, top, left, from;
};

ENGINE_VECTOR static void
leak_row(float *x, const float *slopes, size_t count)
{
    for (size_t i = 0; i < count; i++)
        x[i] = x[i] < 0.0f ? x[i] * slopes[i] : x[i];
}

static void
leak_task(void *arg, int index, int thread)
{
    const struct job *j = arg;
    float *x = j->to + (size_t)index * j->x->w * j->x->c;

    (void)thread;
    for (size_t i = 0; i < j->x->w; i++)
        leak_row(x + i * j->x->c, j->b, j->x->c);
}

void
pixels_leak(struct engine *g, struct tensor *x, const float *slopes)
{
    struct job j = {.x = x, .to = x->data, .b = slopes};

    engine_run(g, (int)(x->n * x->h), tensor_count(x) / 4, leak_task, &j);
}

ENGINE_VECTOR static void
scale_relu_row(float *x, const float *scale, const float *shift, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        float v = x[i] * scale[i] + shift[i];

        x[i] = v < 0.0f ? 0.0f : v;
    }
}

static void
scale_relu_task(void *arg, int index, int thread)
{
    const struct job *j = arg;
    float *x = j->to + (size_t)index * j->x->w * j->x->c;

    (void)thread;
    for (size_t i = 0; i < j->x->w; i++)
        scale_relu_row(x + i * j->x->c, j->scales, j->b, j->x->c);
}

void
pixels_scale_relu(struct engine *g, struct tensor *x, const float *scale, const float *shift)
{
    struct job j = {.x = x, .to = x->data, .scales = scale, .b = shift};

    engine_run(g, (int)(x->n * x->h), tensor_count(x) / 4, scale_relu_task, &j);
}

ENGINE_VECTOR static void
add_row(const float *a, float scale, const float *b, float *out, size_t count)
{
    for (size_t i = 0; i < count; i++)
        out[i] = a[i] * scale + b[i];
}

static void
add_task(void *arg, int index, int thread)
{
    const struct job *j = arg;
    size_t row = j->x->w * j->x->c, at = (size_t)index * row;

    (void)thread;
    add_row(j->x->data + at, j->scale, j->b + at, j->to + at, row);
}

void
pixels_add_scaled(struct engine *g, const struct tensor *a, float scale, const float *b, float *out)
{
    struct job j = {.x = a, .scale = scale, .b = b, .to = out};

    engine_run(g, (int)(a->n * a->h), tensor_count(a) / 4, add_task, &j);
}

/* One row of the small image, to or from r rows of the large one. */
static void
shuffle_task(void *arg, int index, int thread)
{
    const struct job *j = arg;
    size_t r = j->r, c = j->out->c, wide = j->out->w * c;
    const float *from = j->x->data + (size_t)index * j->x->w * j->x->c;
    float *to = j->out->data + (size_t)index * r * wide;

    (void)thread;
    for (size_t x = 0; x < j->x->w; x++) {
        for (size_t i = 0; i < r * r; i++) {
            for (size_t k = 0; k < c; k++)
                to[i / r * wide + (x * r + i % r) * c + k] = from[x * j->x->c + k * r * r + i];
        }
    }
}

void
pixels_shuffle(struct engine *g, const struct tensor *x, size_t r, struct tensor *out)
{
    struct job j = {.x = x, .out = out, .r = r};

    engine_run(g, (int)(x->n * x->h), tensor_count(x), shuffle_task, &j);
}

static void
unshuffle_task(void *arg, int index, int thread)
{
    const struct job *j = arg;
    size_t r = j->r, c = j->x->c, wide = j->x->w * c;
    const float *from = j->x->data + (size_t)index * r * wide;
    float *to = j->out->data + (size_t)index * j->out->w * j->out->c;

    (void)thread;
    for (size_t x = 0; x < j->out->w; x++) {
        for (size_t i = 0; i < r * r; i++) {
            for (size_t k = 0; k < c; k++)
                to[x * j->out->c + k * r * r + i] = from[i / r * wide + (x * r + i % r) * c + k];
        }
    }
}

void
pixels_unshuffle(struct engine *g, const struct tensor *x, size_t r, struct tensor *out)
{
    struct job j = {.x = x, .out = out, .r = r};

    engine_run(g, (int)(out->n * out->h), tensor_count(x), unshuffle_task, &j);
}

size_t
pixels_mirror(ptrdiff_t at, size_t side)
{
    ptrdiff_t last = (ptrdiff_t)side - 1;

    if (last == 0)
        return 0;
    at %= 2 * last;
    if (at < 0)
        at += 2 * last;
    return (size_t)(at <= last ? at : 2 * last - at);
}

static void
reflect_task(void *arg, int index, int thread)
{
    const struct job *j = arg;
    size_t image = (size_t)index / j->out->h, y = (size_t)index % j->out->h, c = j->x->c;
    size_t row = pixels_mirror((ptrdiff_t)y - (ptrdiff_t)j->top, j->x->h);
    const float *from = j->x->data + (image * j->x->h + row) * j->x->w * c;
    float *to = j->out->data + (size_t)index * j->out->w * c;
    size_t inner = j->left + j->x->w < j->out->w ? j->x->w : j->out->w - j->left;

    (void)thread;
    memcpy(to + j->left * c, from, inner * c * sizeof *to);
    for (size_t x = 0; x < j->out->w; x = x + 1 == j->left ? j->left + inner : x + 1) {
        if (x < j->left || x >= j->left + inner)
            memcpy(to + x * c, from + pixels_mirror((ptrdiff_t)x - (ptrdiff_t)j->left, j->x->w) * c,
                   c * sizeof *to);
    }
}

void
pixels_reflect(struct engine *g, const struct tensor *x, size_t top, size_t left,
               struct tensor *out)
{
    struct job j = {.x = x, .out = out, .top = top, .left = left};

    engine_run(g, (int)(out->n * out->h), tensor_count(out) / 2, reflect_task, &j);
}

static void
slice_task(void *arg, int index, int thread)
{
    const struct job *j = arg;
    size_t first = (size_t)index * j->x->w;

    (void)thread;
    for (size_t i = first; i < first + j->x->w; i++)
        memcpy(j->out->data + i * j->out->c, j->x->data + i * j->x->c + j->from,
               j->out->c * sizeof(float));
}

void
pixels_slice(struct engine *g, const struct tensor *x, size_t from, struct tensor *out)
{
    struct job j = {.x = x, .out = out, .from = from};

    engine_run(g, (int)(x->n * x->h), tensor_count(out), slice_task, &j);
}
