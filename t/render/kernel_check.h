/*
 * For the engine's tests: random inputs that are the same everywhere, and the normalised squared
 * error.
 */
#ifndef GEMPIX_T_RENDER_KERNEL_CHECK_H
#define GEMPIX_T_RENDER_KERNEL_CHECK_H

#include <stdlib.h>

#include "render/engine/noise.h"
#include "t/lib/tap.h"

__attribute__((unused)) static float *
random_floats(uint32_t seed, size_t count)
{
    float *x = malloc((count + 1) * sizeof *x);

    if (x == NULL)
        abort();
    noise_normal(seed, 0, 0, count, x);
    return x;
}

/* Σ(got - want)² / Σ want²; infinite when anything is not finite. */
static double
squared_error(const float *got, const double *want, size_t count)
{
    double error = 0.0, size = 0.0;

    for (size_t i = 0; i < count; i++) {
        double d = (double)got[i] - want[i];

        if (!isfinite(d))
            return INFINITY;
        error += d * d;
        size += want[i] * want[i];
    }
    return size > 0.0 ? error / size : error;
}

/* One test point: the error is at most `limit`; tells the figure. */
__attribute__((unused)) static void
near(const float *got, const double *want, size_t count, double limit, const char *what)
{
    double error = squared_error(got, want, count);

    if (!ok(error <= limit, "%s", what) || getenv("GEMPIX_SHOW") != NULL)
        diag("%s: error %.3g, limit %.3g", what, error, limit);
}

#endif
