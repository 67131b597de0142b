/*
 * Which times and noise levels a sampler visits. Knows no network and no picture. Read next:
 * sampler_step.c.
 */
#include "render/sampler/sampler.h"

#include <math.h>
#include <string.h>

#include "common/err.h"

#define KARRAS_POWER 7.0

static bool
is_euler(const struct sampler *s)
{
    return s->kind == SAMPLER_KIND_EULER || s->kind == SAMPLER_KIND_ANCESTRAL;
}

/* `n` training times from the noisiest. rint is round-half-even, as the reference implementations
   round. DPM-Solver++ spaces one time more and leaves out the last, for the end itself. */
static void
space_times(struct sampler *s, size_t n)
{
    const struct schedule *c = s->schedule;
    bool dpm = s->kind == SAMPLER_KIND_DPM;
    size_t points = dpm ? n + 1 : n;
    double total = (double)c->count;

    for (size_t i = 0; i < n; i++) {
        double *t = &s->times[i];

        switch (c->spacing) {
        case SPACING_LEADING:
            *t = (double)((points - 1 - i) * (c->count / points) + c->offset);
            break;
        case SPACING_TRAILING:
            *t = rint(total - (double)i * total / (double)n) - 1.0;
            break;
        case SPACING_LINSPACE:
            *t = points > 1 ? (double)(points - 1 - i) * (total - 1.0) / (double)(points - 1) : 0.0;
            if (!is_euler(s))
                *t = rint(*t);
            break;
        }
        if (*t > total - 1.0)
            *t = total - 1.0;
    }
}

/* LCM was distilled on a grid of few times; `n` of its noisiest `grid` are taken. */
static void
space_lcm(struct sampler *s, size_t n, size_t grid)
{
    size_t stride = s->schedule->count / s->schedule->grid;

    for (size_t i = 0; i < n; i++)
        s->times[i] = (double)((grid - i * grid / n) * stride - 1);
}

/* The training time of a noise level, between times linear in ln σ. */
static double
time_of(const struct schedule *c, double sigma)
{
    size_t low = 0, high = c->count - 1;
    double from, to, part;

    while (high - low > 1) {
        size_t middle = (low + high) / 2;

        if (schedule_sigma(c, (double)middle) <= sigma)
            low = middle;
        else
            high = middle;
    }
    from = log(schedule_sigma(c, (double)low));
    to = log(schedule_sigma(c, (double)high));
    part = (log(sigma) - from) / (to - from);
    part = part < 0.0 ? 0.0 : part > 1.0 ? 1.0 : part;
    return (double)low + part * (double)(high - low);
}

/* Karras's levels: over the whole schedule for DPM, over the range of the spaced times for Euler.
 */
static void
space_karras(struct sampler *s, size_t n)
{
    const struct schedule *c = s->schedule;
    bool dpm = s->kind == SAMPLER_KIND_DPM;
    double high = dpm ? schedule_sigma(c, (double)(c->count - 1)) : s->sigmas[0];
    double low = dpm ? schedule_sigma(c, 0.0) : s->sigmas[n - 1];
    double from = pow(high, 1.0 / KARRAS_POWER), to = pow(low, 1.0 / KARRAS_POWER);

    for (size_t i = 0; i < n; i++) {
        double part = n > 1 ? (double)i / (double)(n - 1) : 0.0;

        s->sigmas[i] = pow(from + part * (to - from), KARRAS_POWER);
        s->times[i] = time_of(c, s->sigmas[i]);
        if (dpm)
            s->times[i] = rint(s->times[i]);
    }
}

static int
check(const struct schedule *schedule, const struct sampler_choice *choice, size_t *run,
      struct err *e)
{
    size_t most = schedule->count < SAMPLER_STEPS ? schedule->count : SAMPLER_STEPS;
    double strength = choice->strength == 0.0 ? 1.0 : choice->strength;
    bool lcm = choice->kind == SAMPLER_KIND_LCM;

    if (lcm)
        most = (size_t)((double)schedule->grid * strength);
    /* One point more than steps must fit, where one is left out. */
    if (choice->kind == SAMPLER_KIND_DPM && most > schedule->count - 1)
        most = schedule->count - 1;
    if (!(strength > 0.0 && strength <= 1.0))
        return err_setf(e, ST_INVALID, "The strength must lie between 0 and 1.");
    if (choice->steps < 1 || choice->steps > most)
        return err_setf(e, ST_INVALID, "The number of steps must lie between 1 and %zu.", most);
    *run = lcm ? choice->steps : (size_t)((double)choice->steps * strength);
    if (*run < 1)
        return err_setf(e, ST_INVALID,
                        "With a strength of %g no step is left; use %.0f steps or more.", strength,
                        ceil(1.0 / strength));
    return ST_OK;
}

int
sampler_init(struct sampler *s, const struct schedule *schedule,
             const struct sampler_choice *choice, struct err *e)
{
    size_t n = choice->steps, run, cut;
    double top, strength = choice->strength == 0.0 ? 1.0 : choice->strength;
    int rc;

    memset(s, 0, sizeof *s);
    if ((rc = check(schedule, choice, &run, e)) != ST_OK)
        return rc;
    s->schedule = schedule;
    s->kind = choice->kind;
    s->steps = run;
    s->stride = (double)(schedule->count / n);
    s->start_scale = 1.0;
    if (s->kind == SAMPLER_KIND_LCM)
        space_lcm(s, n, (size_t)((double)schedule->grid * strength));
    else
        space_times(s, n);
    for (size_t i = 0; i < n; i++)
        s->sigmas[i] = schedule_sigma(schedule, s->times[i]);
    if (choice->karras && (s->kind == SAMPLER_KIND_EULER || s->kind == SAMPLER_KIND_DPM))
        space_karras(s, n);
    s->sigmas[n] = schedule->ends_at_least_sigma ? schedule_sigma(schedule, 0.0) : 0.0;
    top = s->sigmas[0];
    if (is_euler(s))
        s->start_scale = schedule->spacing == SPACING_LEADING ? sqrt(top * top + 1.0) : top;
    cut = n - run;
    memmove(s->times, s->times + cut, run * sizeof *s->times);
    memmove(s->sigmas, s->sigmas + cut, (run + 1) * sizeof *s->sigmas);
    return ST_OK;
}

double
sampler_input_scale(const struct sampler *s, size_t step)
{
    double sigma = s->sigmas[step];

    return is_euler(s) ? 1.0 / sqrt(sigma * sigma + 1.0) : 1.0;
}

bool
sampler_wants_noise(const struct sampler *s, size_t step)
{
    if (s->kind == SAMPLER_KIND_LCM)
        return step + 1 < s->steps;
    return s->kind == SAMPLER_KIND_ANCESTRAL && s->sigmas[step + 1] > 0.0;
}

bool
sampler_remembers(const struct sampler *s)
{
    return s->kind == SAMPLER_KIND_DPM;
}

void
sampler_add_noise(const struct sampler *s, size_t step, const float *clean, const float *noise,
                  float *x, size_t count)
{
    double signal = 1.0, level = 0.0;

    if (step < s->steps && is_euler(s)) {
        level = s->sigmas[step];
    } else if (step < s->steps && s->kind == SAMPLER_KIND_DPM) {
        signal = 1.0 / sqrt(s->sigmas[step] * s->sigmas[step] + 1.0);
        level = s->sigmas[step] * signal;
    } else if (step < s->steps) {
        double alpha = s->schedule->alphas[(size_t)s->times[step]];

        signal = sqrt(alpha);
        level = sqrt(1.0 - alpha);
    }
    for (size_t i = 0; i < count; i++)
        x[i] = (float)(signal * (double)clean[i] + level * (double)noise[i]);
}
