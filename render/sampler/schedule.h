/*
 * The noise schedule a model was trained with: how much signal is left at each training time.
 */
#ifndef GEMPIX_RENDER_SAMPLER_SCHEDULE_H
#define GEMPIX_RENDER_SAMPLER_SCHEDULE_H

#include <stdbool.h>
#include <stddef.h>

struct err;
struct json;

#define SCHEDULE_MAX 4000 /* training times */

enum schedule_spacing { SPACING_LEADING, SPACING_TRAILING, SPACING_LINSPACE };
enum schedule_target { TARGET_NOISE, TARGET_VELOCITY }; /* what the U-Net predicts: ε or v */

struct schedule {
    size_t count;                /* training times, 1000 */
    double alphas[SCHEDULE_MAX]; /* cumulative products ᾱ_t */
    enum schedule_spacing spacing;
    enum schedule_target target;
    size_t offset;          /* added to leading times */
    bool last_alpha_is_one; /* set_alpha_to_one */
    bool
        ends_at_least_sigma; /* final_sigmas_type sigma_min: Euler and DPM stop at time 0's noise */
    bool karras;             /* use_karras_sigmas: the model's wish for Euler and DPM */
    size_t grid;             /* LCM: times it was distilled on (original_inference_steps) */
    double time_scale;       /* LCM: timestep_scaling */
};

/* Reads scheduler_config.json. 0; ST_INVALID or ST_UNSUPPORTED with key and value. */
int schedule_read(const struct json *json, struct schedule *out, struct err *e);

/* √((1 - ᾱ)/ᾱ) at a training time, between times linear in σ. */
double schedule_sigma(const struct schedule *s, double time);

#endif
