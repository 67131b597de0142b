/*
 * One step of each sampler. Knows no network and no picture. Read next: sampler.h.
 *
 * DDIM: Song, Meng, Ermon 2020. Euler and ancestral steps: Karras and others 2022. DPM-Solver++:
 * Lu and others 2022. Latent consistency models: Luo and others 2023.
 */
#include <math.h>

#include "render/sampler/sampler.h"

#define LCM_DATA 0.5 /* deviation of the data that LCM's weights of skip and output assume */

/* x0 and ε of one value, in coordinates where x = signal · x0 + noise · ε. */
static void
split(enum schedule_target target, double signal, double noise, double x, double p, double *x0,
      double *eps)
{
    if (target == TARGET_VELOCITY) {
        *x0 = signal * x - noise * p;
        *eps = signal * p + noise * x;
    } else {
        *x0 = (x - noise * p) / signal;
        *eps = p;
    }
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
    double alpha = alpha_at(c, s->times[step]), next = alpha_at(c, s->times[step] - s->stride);
    double signal = sqrt(alpha), noise = sqrt(1.0 - alpha);
    double next_signal = sqrt(next), next_noise = sqrt(1.0 - next), x0, eps;

    for (size_t i = 0; i < count; i++) {
        split(c->target, signal, noise, (double)x[i], (double)prediction[i], &x0, &eps);
        x[i] = (float)(next_signal * x0 + next_noise * eps);
        clean[i] = (float)x0;
    }
}

/* To `down`, then up by fresh noise where there is any. */
static void
step_euler(const struct sampler *s, size_t step, float *x, const float *prediction,
           const float *noise, float *clean, size_t count)
{
    double sigma = s->sigmas[step], next = s->sigmas[step + 1], down = next, up = 0.0;
    double square = sigma * sigma + 1.0, root = sqrt(square);

    if (s->kind == SAMPLER_KIND_ANCESTRAL && next > 0.0) {
        up = next * sqrt(sigma * sigma - next * next) / sigma;
        down = sqrt(next * next - up * up);
    }
    for (size_t i = 0; i < count; i++) {
        double p = (double)prediction[i], v = (double)x[i], x0;

        if (s->schedule->target == TARGET_VELOCITY)
            x0 = v / square - p * sigma / root;
        else
            x0 = v - sigma * p;
        /* The last step ends at the prediction itself; so does this formula, but for rounding. */
        v = next > 0.0 ? v + (v - x0) / sigma * (down - sigma) : x0;
        x[i] = (float)(up > 0.0 ? v + up * (double)noise[i] : v);
        clean[i] = (float)x0;
    }
}

static void
step_dpm(const struct sampler *s, size_t step, float *x, const float *prediction, float *memory,
         float *clean, size_t count)
{
    double sigma = s->sigmas[step], next = s->sigmas[step + 1];
    double alpha = 1.0 / sqrt(sigma * sigma + 1.0), level = sigma * alpha;
    double next_alpha = 1.0 / sqrt(next * next + 1.0), keep = 0.0, grow = 1.0, bend = 0.0, x0, eps;

    if (next > 0.0) {
        /* λ = ln(α/s) = -ln σ. */
        double h = log(sigma) - log(next);

        keep = next * next_alpha / level;
        grow = -next_alpha * expm1(-h);
        if (step > 0 && !(step + 1 == s->steps && s->steps < 15))
            bend = 0.5 * grow * h / (log(s->sigmas[step - 1]) - log(sigma));
    }
    for (size_t i = 0; i < count; i++) {
        split(s->schedule->target, alpha, level, (double)x[i], (double)prediction[i], &x0, &eps);
        x[i] = (float)(keep * (double)x[i] + grow * x0 +
                       (bend != 0.0 ? bend * (x0 - (double)memory[i]) : 0.0));
        memory[i] = clean[i] = (float)x0;
    }
}

static void
step_lcm(const struct sampler *s, size_t step, float *x, const float *prediction,
         const float *noise, float *clean, size_t count)
{
    const struct schedule *c = s->schedule;
    bool last = step + 1 == s->steps;
    double time = s->times[step] * c->time_scale, alpha = alpha_at(c, s->times[step]);
    double next = last ? 1.0 : alpha_at(c, s->times[step + 1]);
    double square = time * time + LCM_DATA * LCM_DATA, x0, eps;
    double skip = LCM_DATA * LCM_DATA / square, out = time / sqrt(square);

    for (size_t i = 0; i < count; i++) {
        double v = (double)x[i], d;

        split(c->target, sqrt(alpha), sqrt(1.0 - alpha), v, (double)prediction[i], &x0, &eps);
        d = out * x0 + skip * v;
        x[i] = (float)(last ? d : sqrt(next) * d + sqrt(1.0 - next) * (double)noise[i]);
        clean[i] = (float)d;
    }
}

void
sampler_step(const struct sampler *s, size_t step, float *x, const float *prediction,
             const float *noise, float *memory, float *clean, size_t count)
{
    switch (s->kind) {
    case SAMPLER_KIND_DDIM:
        step_ddim(s, step, x, prediction, clean, count);
        break;
    case SAMPLER_KIND_EULER:
    case SAMPLER_KIND_ANCESTRAL:
        step_euler(s, step, x, prediction, noise, clean, count);
        break;
    case SAMPLER_KIND_DPM:
        step_dpm(s, step, x, prediction, memory, clean, count);
        break;
    case SAMPLER_KIND_LCM:
        step_lcm(s, step, x, prediction, noise, clean, count);
        break;
    }
}
