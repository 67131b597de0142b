/*
 * Bicubic resizing. Knows no network. Read next: safety_check.c.
 */
#include "render/pipeline/bicubic.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "common/err.h"
#include "render/pipeline/generate.h"

#define A (-0.5)

/* What one output pixel takes from which inputs. */
struct reach {
    size_t low, count;
    double *weights;
};

static double
cubic(double t)
{
    t = fabs(t);
    if (t < 1.0)
        return ((A + 2.0) * t - (A + 3.0)) * t * t + 1.0;
    return t < 2.0 ? (((t - 5.0) * t + 8.0) * t - 4.0) * A : 0.0;
}

/* The weights for output `index` of `here`, from `there` inputs, with sum 1. */
static void
weigh(size_t index, size_t here, size_t there, struct reach *r)
{
    double scale = (double)there / (double)here, wide = scale > 1.0 ? scale : 1.0, sum = 0.0;
    double centre = ((double)index + 0.5) * scale;
    double low = centre - 2.0 * wide + 0.5, high = centre + 2.0 * wide + 0.5;

    r->low = low > 0.0 ? (size_t)low : 0;
    r->count = (high < (double)there ? (size_t)high : there) - r->low;
    for (size_t i = 0; i < r->count; i++) {
        r->weights[i] = cubic(((double)(r->low + i) + 0.5 - centre) / wide);
        sum += r->weights[i];
    }
    for (size_t i = 0; i < r->count; i++)
        r->weights[i] /= sum;
}

/* One direction: `lines` lines of `there` pixels become `here` long; `step` bytes lie between
 * pixels of a line, `in_line` and `out_line` between lines. */
static int
resize_lines(const uint8_t *in, uint8_t *out, size_t lines, size_t there, size_t here, size_t step,
             size_t out_step, size_t in_line, size_t out_line)
{
    double scale = (double)there / (double)here;
    struct reach r = {
        .weights = malloc(((size_t)(4.0 * (scale > 1.0 ? scale : 1.0)) + 4) * sizeof(double))};

    if (r.weights == NULL)
        return ST_NOMEM;
    for (size_t x = 0; x < here; x++) {
        weigh(x, here, there, &r);
        for (size_t i = 0; i < lines * 3; i++) {
            const uint8_t *from = in + i / 3 * in_line + i % 3 + r.low * step;
            double sum = 0.5;

            for (size_t k = 0; k < r.count; k++)
                sum += r.weights[k] * (double)from[k * step];
            sum = sum < 0.0 ? 0.0 : sum;
            out[i / 3 * out_line + i % 3 + x * out_step] = sum >= 255.0 ? 255 : (uint8_t)sum;
        }
    }
    free(r.weights);
    return ST_OK;
}

int
bicubic_resize(const struct image *in, int width, int height, struct image *out, struct err *e)
{
    size_t iw = (size_t)in->width, ih = (size_t)in->height, w = (size_t)width, h = (size_t)height;
    uint8_t *across = malloc(3 * w * ih);
    int rc = ST_OK;

    memset(out, 0, sizeof *out);
    out->pixels = malloc(3 * w * h);
    if (across == NULL || out->pixels == NULL ||
        resize_lines(in->pixels, across, ih, iw, w, 3, 3, 3 * iw, 3 * w) != ST_OK ||
        resize_lines(across, out->pixels, w, ih, h, 3 * w, 3 * w, 3, 3) != ST_OK) {
        image_release(out);
        rc = err_set(e, ST_NOMEM, "Not enough memory for this picture.", "bicubic");
    } else {
        out->width = width;
        out->height = height;
    }
    free(across);
    return rc;
}
