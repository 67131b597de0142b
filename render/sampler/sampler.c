/*
 * DDIM and Euler. Knows no network and no picture. Read next: render/pipeline/generate.c.
 *
 * Two coordinate systems: DDIM keeps x = √ᾱ x0 + √(1-ᾱ) ε; Euler keeps x = x0 + σ ε and divides by
 * √(σ²+1) for the U-Net. Arithmetic is in double: latents are small.
 */
#include "render/sampler/sampler.h"

#include <math.h>
#include <string.h>

#include "common/err.h"

/* The training times for each step, from the noisiest. rint is round-half-even, as the reference
   implementations round. */
static void
space_times(struct sampler *s)
{
    const struct schedule *c = s->schedule;
    double total = (double)c->count, n = (double)s->steps;

    for (size_t i = 0; i < s->steps; i++) {
        double *t = &s->times[i];

        switch (c->spacing) {
        case SPACING_LEADING:
            *t = (double)((s->steps - 1 - i) * (c->count / s->steps) + c->offset);
            break;
        case SPACING_TRAILING:
            *t = rint(total - (double)i * total / n) - 1.0;
            break;
        case SPACING_LINSPACE:
            *t = s->steps > 1 ? (double)(s->steps - 1 - i) * (total - 1.0) / (n - 1.0) : 0.0;
            if (s->kind == SAMPLER_KIND_DDIM)
                *t = rint(*t);
            break;
        }
        if (*t > total - 1.0)
            *t = total - 1.0;
    }
}

int
sampler_init(struct sampler *s, const struct schedule *schedule, enum sampler_kind kind,
             size_t steps, struct err *e)
{
    size_t most = schedule->count < SAMPLER_STEPS ? schedule->count : SAMPLER_STEPS;
    double top;

    memset(s, 0, sizeof *s);
    if (steps < 1 || steps > most)
        return err_setf(e, ST_INVALID, "The number of steps must lie between 1 and %zu.", most);
    s->schedule = schedule;
    s->kind = kind;
    s->steps = steps;
    s->start_scale = 1.0;
    space_times(s);
    if (kind == SAMPLER_KIND_EULER) {
        for (size_t i = 0; i < steps; i++)
            s->sigmas[i] = schedule_sigma(schedule, s->times[i]);
        top = s->sigmas[0];
        s->start_scale = schedule->spacing == SPACING_LEADING ? sqrt(top * top + 1.0) : top;
    }
    return ST_OK;
}

double
sampler_input_scale(const struct sampler *s, size_t step)
{
    double sigma = s->sigmas[step];

    return s->kind == SAMPLER_KIND_EULER ? 1.0 / sqrt(sigma * sigma + 1.0) : 1.0;
}

static double
alpha_at(const struct schedule *c, double time)
{
    if (time < 0.0)
        return c->last_alpha_is_one ? 1.0 : c->alphas[0];
    return c->alphas[(size_t)time];
}

static void
step_ddim(const struct sampler *s, size_t step, float *x, const float *prediction, float *clean,
          size_t count)
{
    const struct schedule *c = s->schedule;
    double time = s->times[step];
    double alpha = alpha_at(c, time), next = alpha_at(c, time - (double)(c->count / s->steps));
    double signal = sqrt(alpha), noise = sqrt(1.0 - alpha);
    double next_signal = sqrt(next), next_noise = sqrt(1.0 - next);

    for (size_t i = 0; i < count; i++) {
        double p = prediction[i], v = x[i], x0, eps;

        if (c->target == TARGET_VELOCITY) {
            x0 = signal * v - noise * p;
            eps = signal * p + noise * v;
        } else {
            x0 = (v - noise * p) / signal;
            eps = p;
        }
        x[i] = (float)(next_signal * x0 + next_noise * eps);
        if (clean != NULL)
            clean[i] = (float)x0;
    }
}

static void
step_euler(const struct sampler *s, size_t step, float *x, const float *prediction, float *clean,
           size_t count)
{
    double sigma = s->sigmas[step], next = s->sigmas[step + 1];
    double square = sigma * sigma + 1.0, root = sqrt(square);

    for (size_t i = 0; i < count; i++) {
        double p = prediction[i], v = x[i], x0;

        if (s->schedule->target == TARGET_VELOCITY)
            x0 = v / square - p * sigma / root;
        else
            x0 = v - sigma * p;
        /* The last step ends at the prediction itself; so does this formula, but for rounding. */
        x[i] = (float)(next > 0.0 ? v + (v - x0) / sigma * (next - sigma) : x0);
        if (clean != NULL)
            clean[i] = (float)x0;
    }
}

void
sampler_step(const struct sampler *s, size_t step, float *x, const float *prediction, float *clean,
             size_t count)
{
    if (s->kind == SAMPLER_KIND_EULER)
        step_euler(s, step, x, prediction, clean, count);
    else
        step_ddim(s, step, x, prediction, clean, count);
}

void
sampler_guide(const float *without, const float *with, double scale, float *out, size_t count)
{
    for (size_t i = 0; i < count; i++)
        out[i] = (float)((double)without[i] + scale * ((double)with[i] - (double)without[i]));
}
