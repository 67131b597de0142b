/*
 * Guidance. Knows no sampler. Read next: generate.c.
 *
 * Rescaling: Lin and others, "Common diffusion noise schedules and sample steps are flawed" (2023).
 */
#include "render/pipeline/guidance.h"

#include <math.h>

static double
deviation(const float *x, size_t count)
{
    double mean = 0.0, square = 0.0;

    for (size_t i = 0; i < count; i++)
        mean += (double)x[i] / (double)count;
    for (size_t i = 0; i < count; i++)
        square += ((double)x[i] - mean) * ((double)x[i] - mean);
    return sqrt(square);
}

void
guidance_mix(const struct guidance *g, size_t passes, float *predictions, size_t count)
{
    const float *none = predictions, *full = predictions + (passes - 1) * count;
    const float *image = predictions + (passes - 2) * count; /* of two passes: none */
    double before, after, factor;

    if (passes == 1)
        return;
    for (size_t i = 0; i < count; i++) {
        double u = (double)none[i], m = (double)image[i], c = (double)full[i];

        predictions[i] = (float)(u + g->image * (m - u) + g->text * (c - m));
    }
    if (g->rescale == 0.0)
        return;
    before = deviation(full, count);
    after = deviation(predictions, count);
    factor = after > 0.0 ? g->rescale * before / after + (1.0 - g->rescale) : 1.0;
    for (size_t i = 0; i < count; i++)
        predictions[i] = (float)(factor * (double)predictions[i]);
}
