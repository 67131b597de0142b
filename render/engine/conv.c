/*
 * Convolution: im2col panels and GEMM. Knows nothing of layers or weights files. Read next:
 * render/model/layers.c.
 *
 * A whole im2col buffer would reach gigabytes, so panels of output pixels are filled and multiplied
 * one after another. Many pixels: each task has a small panel of its own, which stays in the cache.
 * Few pixels but wide weights: one shared panel, and the product is cut both ways.
 */
#include "render/engine/conv.h"

#include <stdint.h>
#include <string.h>

#include "render/engine/gemm.h"
#include "render/engine/pool.h"
#include "render/engine/weight.h"
#include "render/engine/winograd.h"

#define PANEL_FLOATS                                                                               \
    ((size_t)1 << 17) /* of a task's own panel: 512 KiB, half of a level-2 cache                   \
                       */
#define PANEL_ROWS_MIN 48
#define PANEL_ROWS_MAX 256
#define SHARED_TASKS_BELOW 16 /* with fewer own panels than this, share one */
#define FILL_ROWS 32
#define FLOAT_ROWS 16 /* of weights, converted by one task */

struct job {
    const struct conv_shape *s;
    const struct tensor *x;
    const struct tensor *out;
    const struct weight *w;
    const struct gemm_add *add;
    size_t h, wide;       /* input size after growing */
    size_t pixels, depth; /* of one output image; kernel² · channels */
    size_t panel_rows;
    size_t tasks; /* own panels of one image */
    float *panels;
    float *floats; /* the weights, for own panels */
};

size_t
conv_out_side(const struct conv_shape *s, size_t side)
{
    return (side + s->before + s->after - s->kernel) / s->stride + 1;
}

/* One kernel row of one output pixel: `kernel` pixels from input column x0 (may be negative or
 * beyond). */
static void
fill_taps(const struct job *j, const float *line, ptrdiff_t x0, float *to)
{
    size_t c = j->x->c, k = j->s->kernel;

    if (j->s->grow_w == 0 && x0 >= 0 && (size_t)x0 + k <= j->wide) {
        memcpy(to, line + (size_t)x0 * c, k * c * sizeof *to);
        return;
    }
    for (size_t t = 0; t < k; t++, to += c) {
        ptrdiff_t at = x0 + (ptrdiff_t)t;

        if (at < 0 || (size_t)at >= j->wide)
            memset(to, 0, c * sizeof *to);
        else
            memcpy(to, line + (size_t)at * j->x->w / j->wide * c, c * sizeof *to);
    }
}

/* Fills panel rows for output pixels [first, first + count). */
static void
fill(const struct job *j, size_t first, size_t count, float *panel)
{
    size_t per_row = j->s->kernel * j->x->c;

    for (size_t r = first; r < first + count; r++) {
        size_t ox = r % j->out->w;
        size_t oy = r / j->out->w % j->out->h;
        const float *image = j->x->data + r / (j->out->w * j->out->h) * j->x->h * j->x->w * j->x->c;
        ptrdiff_t x0 = (ptrdiff_t)(ox * j->s->stride) - (ptrdiff_t)j->s->before;
        ptrdiff_t y0 = (ptrdiff_t)(oy * j->s->stride) - (ptrdiff_t)j->s->before;

        for (size_t t = 0; t < j->s->kernel; t++, panel += per_row) {
            ptrdiff_t y = y0 + (ptrdiff_t)t;

            if (y < 0 || (size_t)y >= j->h)
                memset(panel, 0, per_row * sizeof *panel);
            else
                fill_taps(j, image + (size_t)y * j->x->h / j->h * j->x->w * j->x->c, x0, panel);
        }
    }
}

static void
own_panel_task(void *arg, int index, int thread)
{
    const struct job *j = arg;
    size_t image = (size_t)index / j->tasks, first = (size_t)index % j->tasks * j->panel_rows;
    size_t count = j->pixels - first < j->panel_rows ? j->pixels - first : j->panel_rows;
    float *panel = j->panels + (size_t)thread * j->panel_rows * j->depth;

    first += image * j->pixels;
    fill(j, first, count, panel);
    gemm_part(count, j->out->c, j->depth, panel, j->depth, j->floats,
              j->out->data + first * j->out->c, j->out->c, j->add, first);
}

static void
shared_fill_task(void *arg, int index, int thread)
{
    const struct job *j = arg;
    size_t first = (size_t)index * FILL_ROWS, rows = j->out->n * j->pixels;
    size_t count = rows - first < FILL_ROWS ? rows - first : FILL_ROWS;

    (void)thread;
    fill(j, first, count, j->panels + first * j->depth);
}

static void
float_task(void *arg, int index, int thread)
{
    const struct job *j = arg;
    size_t first = (size_t)index * FLOAT_ROWS;
    size_t count = j->w->rows - first < FLOAT_ROWS ? j->w->rows - first : FLOAT_ROWS;

    (void)thread;
    (void)weight_rows(j->w, first, count, j->floats + first * j->depth);
}

/* The weights as floats in the order of the panels. */
static void
weights_to_floats(struct engine *g, struct job *j)
{
    if (!weight_converts(j->w)) {
        j->floats = (float *)(uintptr_t)weight_rows(j->w, 0, j->w->rows, NULL);
        return;
    }
    j->floats = engine_floats(g, j->w->rows * j->depth);
    engine_run(g, (int)((j->w->rows + FLOAT_ROWS - 1) / FLOAT_ROWS), j->w->rows * j->depth,
               float_task, j);
}

/* A 1×1 convolution without stride is a matrix product of the pixels as they lie. */
static bool
is_plain(const struct conv_shape *s)
{
    return s->kernel == 1 && s->stride == 1 && s->before == 0 && s->after == 0 && s->grow_h == 0;
}

static void
multiply(struct engine *g, const struct job *j, const float *a)
{
    struct gemm p = {.images = j->out->n,
                     .m = j->pixels,
                     .a = a,
                     .lda = j->depth,
                     .parts = j->w,
                     .count = 1,
                     .c = j->out->data,
                     .ldc = j->out->c};

    if (j->add != NULL)
        p.add = *j->add;
    gemm_run(g, &p);
}

void
conv(struct engine *g, const struct conv_shape *s, const struct tensor *x, const struct weight *w,
     const struct gemm_add *add, struct tensor *out)
{
    struct job j = {.s = s, .x = x, .out = out, .w = w, .add = add};
    size_t mark = engine_mark(g), rows = out->n * out->h * out->w;

    j.h = s->grow_h != 0 ? s->grow_h : x->h;
    j.wide = s->grow_w != 0 ? s->grow_w : x->w;
    j.pixels = out->h * out->w;
    j.depth = s->kernel * s->kernel * x->c;
    if (winograd_fits(s, x, w, out)) {
        winograd_conv(g, s, x, w, add, out);
        return;
    }
    if (is_plain(s)) {
        multiply(g, &j, x->data);
        return;
    }
    j.panel_rows = PANEL_FLOATS / j.depth / 16 * 16;
    if (j.panel_rows < PANEL_ROWS_MIN)
        j.panel_rows = PANEL_ROWS_MIN;
    if (j.panel_rows > PANEL_ROWS_MAX)
        j.panel_rows = PANEL_ROWS_MAX;
    j.tasks = (j.pixels + j.panel_rows - 1) / j.panel_rows;
    if (j.tasks >= SHARED_TASKS_BELOW) {
        weights_to_floats(g, &j);
        j.panels = engine_floats(g, (size_t)pool_threads(g->pool) * j.panel_rows * j.depth);
        if (g->planning)
            g->flops += 2.0 * (double)rows * (double)j.depth * (double)out->c;
        engine_run(g, (int)(out->n * j.tasks), rows * j.depth * out->c / 32, own_panel_task, &j);
    } else {
        j.panels = engine_floats(g, rows * j.depth);
        engine_run(g, (int)((rows + FILL_ROWS - 1) / FILL_ROWS), rows * j.depth / 2,
                   shared_fill_task, &j);
        multiply(g, &j, j.panels);
    }
    engine_rewind(g, mark);
}

static void
enlarge_task(void *arg, int index, int thread)
{
    const struct job *j = arg;
    size_t image = (size_t)index / j->out->h, y = (size_t)index % j->out->h, c = j->x->c;
    const float *line = j->x->data + (image * j->x->h + y * j->x->h / j->out->h) * j->x->w * c;
    float *to = j->out->data + (size_t)index * j->out->w * c;

    (void)thread;
    for (size_t x = 0; x < j->out->w; x++, to += c)
        memcpy(to, line + x * j->x->w / j->out->w * c, c * sizeof *to);
}

void
enlarge(struct engine *g, const struct tensor *x, struct tensor *out)
{
    struct job j = {.x = x, .out = out};

    engine_run(g, (int)(out->n * out->h), tensor_count(out) / 2, enlarge_task, &j);
}

struct join_job {
    const struct tensor *a, *b;
    float *out;
};

#define JOIN_PIXELS 256

static void
join_task(void *arg, int index, int thread)
{
    const struct join_job *j = arg;
    size_t total = j->a->n * j->a->h * j->a->w, first = (size_t)index * JOIN_PIXELS;
    size_t end = first + JOIN_PIXELS < total ? first + JOIN_PIXELS : total;
    size_t ca = j->a->c, cb = j->b->c;

    (void)thread;
    for (size_t p = first; p < end; p++) {
        memcpy(j->out + p * (ca + cb), j->a->data + p * ca, ca * sizeof(float));
        memcpy(j->out + p * (ca + cb) + ca, j->b->data + p * cb, cb * sizeof(float));
    }
}

void
join(struct engine *g, const struct tensor *a, const struct tensor *b, struct tensor *out)
{
    struct join_job j = {a, b, out->data};

    engine_run(g, (int)((a->n * a->h * a->w + JOIN_PIXELS - 1) / JOIN_PIXELS),
               tensor_count(out) / 2, join_task, &j);
}
