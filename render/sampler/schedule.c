/*
 * Noise schedules. Knows no network. Read next: sampler.c.
 */
#include "render/sampler/schedule.h"

#include <math.h>
#include <string.h>

#include "common/err.h"
#include "common/json.h"
#include "render/model/model_config.h"

static const struct config_only RULES[] = {
    {"trained_betas", NULL, -1},         {"clip_sample", NULL, 0},
    {"thresholding", NULL, 0},           {"interpolation_type", "linear", 0},
    {"use_exponential_sigmas", NULL, 0}, {"use_beta_sigmas", NULL, 0},
    {"timestep_type", "discrete", 0},
};

/* The classes a model may name, with the spacing and ᾱ each takes when its file says nothing. Any
   of them can be sampled with any sampler, because they share one training; LCM alone needs a model
   that was distilled for it. */
static const struct {
    const char *name;
    enum schedule_spacing spacing;
    bool last_alpha_is_one;
} CLASSES[] = {
    {"DDIMScheduler", SPACING_LEADING, true},
    {"PNDMScheduler", SPACING_LEADING, false},
    {"DDPMScheduler", SPACING_LEADING, true},
    {"EulerDiscreteScheduler", SPACING_LINSPACE, true},
    {"EulerAncestralDiscreteScheduler", SPACING_LINSPACE, true},
    {"DPMSolverMultistepScheduler", SPACING_LINSPACE, true},
    {"LMSDiscreteScheduler", SPACING_LINSPACE, true},
    {"LCMScheduler", SPACING_LEADING, true},
};

/* Makes the last ᾱ zero and keeps the first, so that training's last time is pure noise. */
static void
rescale_to_zero(struct schedule *s)
{
    double first = sqrt(s->alphas[0]), last = sqrt(s->alphas[s->count - 1]);

    for (size_t i = 0; i < s->count; i++) {
        double root = (sqrt(s->alphas[i]) - last) * first / (first - last);

        s->alphas[i] = root * root;
    }
}

static void
fill_alphas(struct schedule *s, double start, double end, bool scaled)
{
    double product = 1.0, from = scaled ? sqrt(start) : start, to = scaled ? sqrt(end) : end;

    for (size_t i = 0; i < s->count; i++) {
        double beta = from + (to - from) * (double)i / (double)(s->count > 1 ? s->count - 1 : 1);

        product *= 1.0 - (scaled ? beta * beta : beta);
        s->alphas[i] = product;
    }
}

int
schedule_read(const struct json *json, struct schedule *out, struct err *e)
{
    static const char *const BETAS[] = {"linear", "scaled_linear", NULL};
    static const char *const SPACINGS[] = {"leading", "trailing", "linspace", NULL};
    static const char *const ENDS[] = {"zero", "sigma_min", NULL};
    static const char *const TARGETS[] = {"epsilon", "v_prediction", NULL};
    const char *name = json_text(json, "_class_name", "DDIMScheduler");
    struct config c = {.json = json, .part = "scheduler", .e = e};
    size_t k = 0, count = sizeof CLASSES / sizeof *CLASSES;
    double start, end;
    bool scaled, lcm;

    memset(out, 0, sizeof *out);
    while (k < count && strcmp(name, CLASSES[k].name) != 0)
        k++;
    if (k == count)
        return err_setf(e, ST_UNSUPPORTED,
                        "The model's scheduler is a \"%.60s\", which this engine cannot do.", name);
    config_only(&c, RULES, sizeof RULES / sizeof *RULES);
    out->count = config_size(&c, "num_train_timesteps", 1000, 2, SCHEDULE_MAX);
    lcm = strcmp(name, "LCMScheduler") == 0;
    start = config_real(&c, "beta_start", lcm ? 0.00085 : 0.0001);
    end = config_real(&c, "beta_end", lcm ? 0.012 : 0.02);
    scaled = config_choice(&c, "beta_schedule", BETAS, lcm) == 1;
    out->grid = config_size(&c, "original_inference_steps", out->count < 50 ? out->count : 50, 1,
                            out->count);
    out->time_scale = config_real(&c, "timestep_scaling", 10.0);
    out->karras = config_bool(&c, "use_karras_sigmas", false);
    out->ends_at_least_sigma = config_choice(&c, "final_sigmas_type", ENDS, 0) == 1;
    out->spacing =
        (enum schedule_spacing)config_choice(&c, "timestep_spacing", SPACINGS, CLASSES[k].spacing);
    out->target =
        config_choice(&c, "prediction_type", TARGETS, 0) == 1 ? TARGET_VELOCITY : TARGET_NOISE;
    out->offset = config_size(&c, "steps_offset", 0, 0, 100);
    out->last_alpha_is_one = config_bool(&c, "set_alpha_to_one", CLASSES[k].last_alpha_is_one);
    if (c.rc != ST_OK)
        return c.rc;
    if (!(start > 0.0 && start <= end && end < 1.0))
        return err_setf(e, ST_INVALID,
                        "The model's scheduler needs 0 < beta_start <= beta_end < 1.");
    fill_alphas(out, start, end, scaled);
    if (config_bool(&c, "rescale_betas_zero_snr", false)) {
        if (out->target == TARGET_NOISE)
            return err_setf(e, ST_UNSUPPORTED,
                            "The model's scheduler rescales to zero signal, which goes with "
                            "v_prediction alone.");
        rescale_to_zero(out);
    }
    return c.rc;
}

static double
sigma_at(const struct schedule *s, size_t time)
{
    double alpha = s->alphas[time];

    /* Zero signal has no finite sigma; this is what stands for it. */
    if (alpha < 0x1p-24)
        alpha = 0x1p-24;
    return sqrt((1.0 - alpha) / alpha);
}

double
schedule_sigma(const struct schedule *s, double time)
{
    size_t low = time <= 0.0 ? 0 : (size_t)time;
    double part;

    if (low >= s->count - 1)
        return sigma_at(s, s->count - 1);
    part = time <= 0.0 ? 0.0 : time - (double)low;
    return sigma_at(s, low) * (1.0 - part) + sigma_at(s, low + 1) * part;
}
