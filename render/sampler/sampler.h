/*
 * Samplers: from noise to a latent in a few steps, each with one prediction of the U-Net.
 *
 * Two coordinate systems. DDIM, DPM-Solver++ and LCM keep x = √ᾱ x0 + √(1-ᾱ) ε. The Euler family
 * keeps x = x0 + σ ε and divides by √(σ²+1) for the U-Net. Arithmetic is in double: latents are
 * small.
 */
#ifndef GEMPIX_RENDER_SAMPLER_SAMPLER_H
#define GEMPIX_RENDER_SAMPLER_SAMPLER_H

#include <stdbool.h>
#include <stddef.h>

#include "render/sampler/schedule.h"

#define SAMPLER_STEPS 1000

enum sampler_kind {
    SAMPLER_KIND_DDIM,
    SAMPLER_KIND_EULER,
    SAMPLER_KIND_ANCESTRAL, /* Euler with fresh noise in every step */
    SAMPLER_KIND_DPM,       /* DPM-Solver++ 2M, midpoint */
    SAMPLER_KIND_LCM,
};

struct sampler_choice {
    enum sampler_kind kind;
    bool karras;  /* Euler, DPM: noise levels by Karras's formula */
    size_t steps; /* of a whole run */
    /* In (0, 1]: the share that is run, from an existing latent; 0 = 1. LCM instead runs all steps
       over that share of the times. */
    double strength;
};

struct sampler {
    const struct schedule *schedule; /* borrowed */
    enum sampler_kind kind;
    size_t steps;                     /* that are run */
    double stride;                    /* DDIM: training times between two steps */
    double times[SAMPLER_STEPS];      /* what the U-Net is told, descending; may be fractional */
    double sigmas[SAMPLER_STEPS + 1]; /* √((1-ᾱ)/ᾱ) at each step; the last is the end's */
    double start_scale;               /* the first latent = noise · this */
};

/* 0, or ST_INVALID with the bound that the steps break. */
int sampler_init(struct sampler *s, const struct schedule *schedule,
                 const struct sampler_choice *choice, struct err *e);

/* What the latent is multiplied by before the U-Net sees it at step i. */
double sampler_input_scale(const struct sampler *s, size_t step);

/* x = the clean latent with as much noise as there is before step i; i = steps: none. */
void sampler_add_noise(const struct sampler *s, size_t step, const float *clean, const float *noise,
                       float *x, size_t count);

/* Does step i take fresh noise? Does the sampler keep the step before in mind? */
bool sampler_wants_noise(const struct sampler *s, size_t step);
bool sampler_remembers(const struct sampler *s);

/* Replaces x by the latent after step i, given the prediction at x; clean = the prediction of the
   final latent. `noise` (if wanted) has deviation 1; `memory` (if remembered) belongs to this x and
   is kept from step to step; else NULL is legal. `count` floats each. */
void sampler_step(const struct sampler *s, size_t step, float *x, const float *prediction,
                  const float *noise, float *memory, float *clean, size_t count);

#endif
