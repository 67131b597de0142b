/*
 * Samplers: from pure noise to a latent in a few steps, each with one prediction of the U-Net.
 */
#ifndef GEMPIX_RENDER_SAMPLER_SAMPLER_H
#define GEMPIX_RENDER_SAMPLER_SAMPLER_H

#include <stddef.h>

#include "render/sampler/schedule.h"

#define SAMPLER_STEPS 1000

enum sampler_kind { SAMPLER_KIND_DDIM, SAMPLER_KIND_EULER };

struct sampler {
    const struct schedule *schedule; /* borrowed */
    enum sampler_kind kind;
    size_t steps;
    double times[SAMPLER_STEPS]; /* what the U-Net is told, descending; fractional for Euler with
                                    linspace */
    double sigmas[SAMPLER_STEPS + 1]; /* Euler; the last is 0 */
    double start_scale;               /* the first latent = noise · this */
};

/* 0, or ST_INVALID if `steps` is 0 or above SAMPLER_STEPS or the schedule's length. */
int sampler_init(struct sampler *s, const struct schedule *schedule, enum sampler_kind kind,
                 size_t steps, struct err *e);

/* What the latent is multiplied by before the U-Net sees it at step i. */
double sampler_input_scale(const struct sampler *s, size_t step);

/* Replaces x by the latent after step i, given the prediction at x; clean = the prediction of the
   final latent (for previews), or NULL. `count` floats each. */
void sampler_step(const struct sampler *s, size_t step, float *x, const float *prediction,
                  float *clean, size_t count);

/* Classifier-free guidance: out = without + scale · (with - without). out may be either. */
void sampler_guide(const float *without, const float *with, double scale, float *out, size_t count);

#endif
