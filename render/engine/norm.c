/*
 * GroupNorm and LayerNorm. Knows nothing of layers. Read next: attention.c.
 *
 * GroupNorm sums per channel over chunks of pixels whose size is fixed, then adds the chunks in
 * order, so the result does not depend on the number of threads.
 */
#include "render/engine/norm.h"

#include <math.h>

#include "render/engine/expo.h"

#define PIXELS 64     /* per chunk of sums, at least */
#define CHUNKS_MAX 64 /* per image */
#define APPLY 32      /* pixels or rows per task */

struct job {
    const struct tensor *x; /* GroupNorm */
    const float *in;        /* LayerNorm */
    float *out;
    size_t pixels;        /* of one image */
    size_t counted;       /* pixels that the sums are over */
    size_t chunk, chunks; /* pixels per chunk, chunks per image */
    float *sums;          /* doubles in disguise: [n][chunks][2][c] */
    float *mean, *factor; /* [n][c] */
    const float *scale, *shift;
    bool silu;
    size_t rows, width;
    double eps;
};

ENGINE_VECTOR static void
sum_pixels(const float *x, size_t pixels, size_t c, double *sum, double *square)
{
    for (size_t i = 0; i < c; i++)
        sum[i] = square[i] = 0.0;
    for (size_t p = 0; p < pixels; p++, x += c) {
        for (size_t i = 0; i < c; i++) {
            double v = x[i];

            sum[i] += v;
            square[i] += v * v;
        }
    }
}

static double *
sums_of(const struct job *j, size_t image, size_t chunk)
{
    return (double *)(void *)j->sums + (image * j->chunks + chunk) * 2 * j->x->c;
}

static void
sum_task(void *arg, int index, int thread)
{
    const struct job *j = arg;
    size_t image = (size_t)index / j->chunks, k = (size_t)index % j->chunks, c = j->x->c;
    size_t first = k * j->chunk;
    size_t count = j->pixels - first < j->chunk ? j->pixels - first : j->chunk;
    double *sum = sums_of(j, image, k);

    (void)thread;
    sum_pixels(j->x->data + (image * j->pixels + first) * c, count, c, sum, sum + c);
}

/* Adds the chunks up and writes mean and 1/deviation per channel. */
static void
finish(const struct job *j, size_t groups)
{
    size_t c = j->x->c, width = c / groups;
    double count = (double)(j->counted * width);

    for (size_t n = 0; n < j->x->n; n++) {
        for (size_t q = 0; q < groups; q++) {
            double sum = 0.0, square = 0.0, mean, var;

            for (size_t k = 0; k < j->chunks; k++) {
                const double *s = sums_of(j, n, k);

                for (size_t i = q * width; i < (q + 1) * width; i++) {
                    sum += s[i];
                    square += s[c + i];
                }
            }
            mean = sum / count;
            var = square / count - mean * mean;
            var = 1.0 / sqrt((var > 0.0 ? var : 0.0) + j->eps);
            for (size_t i = q * width; i < (q + 1) * width; i++) {
                j->mean[n * c + i] = (float)mean;
                j->factor[n * c + i] = (float)(var * (double)j->scale[i]);
            }
        }
    }
}

/* mean, factor and shift never overlap with out; x may be out, element for element. */
ENGINE_VECTOR static void
apply_pixels(const float *x, float *out, size_t pixels, size_t c, const float *restrict mean,
             const float *restrict factor, const float *restrict shift)
{
    for (size_t p = 0; p < pixels; p++, x += c, out += c) {
#pragma GCC ivdep
        for (size_t i = 0; i < c; i++)
            out[i] = (x[i] - mean[i]) * factor[i] + shift[i];
    }
}

ENGINE_VECTOR static void
silu_pixels(float *x, size_t count)
{
    for (size_t i = 0; i < count; i++)
        x[i] = gate(x[i], 1.0f);
}

static void
apply_task(void *arg, int index, int thread)
{
    const struct job *j = arg;
    size_t per_image = (j->pixels + APPLY - 1) / APPLY;
    size_t image = (size_t)index / per_image, first = (size_t)index % per_image * APPLY,
           c = j->x->c;
    size_t count = j->pixels - first < APPLY ? j->pixels - first : APPLY;
    size_t at = (image * j->pixels + first) * c;

    (void)thread;
    apply_pixels(j->x->data + at, j->out + at, count, c, j->mean + image * c, j->factor + image * c,
                 j->shift);
    if (j->silu)
        silu_pixels(j->out + at, count * c);
}

/* The sums of every chunk, into the workspace. */
static void
sum_chunks(struct engine *g, struct job *j)
{
    j->pixels = j->x->h * j->x->w;
    j->counted = j->pixels;
    j->chunk = (j->pixels + CHUNKS_MAX - 1) / CHUNKS_MAX;
    if (j->chunk < PIXELS)
        j->chunk = PIXELS;
    j->chunks = (j->pixels + j->chunk - 1) / j->chunk;
    j->sums = engine_floats(g, j->x->n * j->chunks * 2 * j->x->c * sizeof(double) / sizeof(float));
    engine_run(g, (int)(j->x->n * j->chunks), tensor_count(j->x) / 2, sum_task, j);
}

/* From the sums to the values. */
static void
apply(struct engine *g, struct job *j, size_t groups)
{
    size_t images = j->x->n;

    j->mean = engine_floats(g, images * j->x->c);
    j->factor = engine_floats(g, images * j->x->c);
    if (!g->planning)
        finish(j, groups);
    engine_run(g, (int)(images * ((j->pixels + APPLY - 1) / APPLY)), tensor_count(j->x), apply_task,
               j);
}

void
norm_group(struct engine *g, const struct tensor *x, size_t groups, double eps, const float *scale,
           const float *shift, bool silu, struct tensor *out)
{
    struct job j = {
        .x = x, .out = out->data, .scale = scale, .shift = shift, .silu = silu, .eps = eps};
    size_t mark = engine_mark(g);

    sum_chunks(g, &j);
    apply(g, &j, groups);
    engine_rewind(g, mark);
}

void
norm_group_sums(struct engine *g, const struct tensor *x, double *sums)
{
    struct job j = {.x = x};
    size_t mark = engine_mark(g);

    sum_chunks(g, &j);
    for (size_t k = 0; k < j.chunks && !g->planning; k++) {
        const double *from = sums_of(&j, 0, k);

        for (size_t i = 0; i < 2 * x->c; i++)
            sums[i] += from[i];
    }
    engine_rewind(g, mark);
}

void
norm_group_by(struct engine *g, const struct tensor *x, const struct norm_known *known, bool silu,
              struct tensor *out)
{
    struct job j = {.x = x,
                    .out = out->data,
                    .scale = known->scale,
                    .shift = known->shift,
                    .silu = silu,
                    .eps = known->eps,
                    .pixels = x->h * x->w,
                    .counted = known->pixels,
                    .chunks = 1,
                    .sums = (float *)(void *)known->sums};
    size_t mark = engine_mark(g);

    apply(g, &j, known->groups);
    engine_rewind(g, mark);
}

ENGINE_VECTOR static void
layer_row(const float *x, size_t width, double eps, const float *scale, const float *shift,
          float *out)
{
    /* Four partial sums: one chain of additions would wait for each to finish. */
    double s[4] = {0.0}, q[4] = {0.0}, mean, var;
    float m, f;
    size_t i;

    for (i = 0; i + 4 <= width; i += 4) {
        for (size_t t = 0; t < 4; t++)
            s[t] += (double)x[i + t];
    }
    for (; i < width; i++)
        s[0] += (double)x[i];
    mean = (s[0] + s[1] + s[2] + s[3]) / (double)width;
    for (i = 0; i + 4 <= width; i += 4) {
        for (size_t t = 0; t < 4; t++) {
            double d = (double)x[i + t] - mean;

            q[t] += d * d;
        }
    }
    for (; i < width; i++)
        q[0] += ((double)x[i] - mean) * ((double)x[i] - mean);
    var = (q[0] + q[1] + q[2] + q[3]) / (double)width;
    m = (float)mean;
    f = (float)(1.0 / sqrt(var + eps));
    for (i = 0; i < width; i++)
        out[i] = (x[i] - m) * f * scale[i] + shift[i];
}

static void
layer_task(void *arg, int index, int thread)
{
    const struct job *j = arg;
    size_t first = (size_t)index * APPLY;
    size_t end = first + APPLY < j->rows ? first + APPLY : j->rows;

    (void)thread;
    for (size_t r = first; r < end; r++)
        layer_row(j->in + r * j->width, j->width, j->eps, j->scale, j->shift,
                  j->out + r * j->width);
}

void
norm_layer(struct engine *g, const float *x, size_t rows, size_t width, double eps,
           const float *scale, const float *shift, float *out)
{
    struct job j = {.in = x,
                    .out = out,
                    .scale = scale,
                    .shift = shift,
                    .rows = rows,
                    .width = width,
                    .eps = eps};

    engine_run(g, (int)((rows + APPLY - 1) / APPLY), rows * width, layer_task, &j);
}
