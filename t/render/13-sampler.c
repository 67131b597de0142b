/*
 * Schedules by published values; samplers on a world where the right prediction is known in closed
 * form.
 */
#include "common/err.h"
#include "common/json.h"
#include "render/pipeline/guidance.h"
#include "render/sampler/sampler.h"
#include "t/render/kernel_check.h"

static struct schedule schedule;
static struct sampler sampler;

static int
read_text(const char *json, struct err *e)
{
    struct json *j = NULL;
    int rc = json_parse(json, strlen(json), 4, &j, e);

    if (rc == ST_OK)
        rc = schedule_read(j, &schedule, e);
    json_free(j);
    return rc;
}

#define SD "\"beta_start\":0.00085,\"beta_end\":0.012,\"beta_schedule\":\"scaled_linear\""

static void
use(const char *more)
{
    char json[600];
    struct err e;

    (void)snprintf(json, sizeof json, "{\"_class_name\":\"DDIMScheduler\"," SD "%s}", more);
    if (!ok(read_text(json, &e) == ST_OK, "schedule%s", more))
        diag("%s", e.message);
}

static void
test_values(void)
{
    static const struct {
        double time, sigma;
    } WANT[] = {{0, 0.029167}, {249, 0.693205}, {499, 1.612886}, {749, 4.081729}, {999, 14.614641}};

    use("");
    is_real(schedule.alphas[0], 0.99915, 1e-9, "first alpha");
    is_real(schedule.alphas[999], 0.00466010, 5e-9, "last alpha");
    for (size_t i = 0; i < 5; i++)
        is_real(schedule_sigma(&schedule, WANT[i].time), WANT[i].sigma, 6e-7,
                "sigma of a whole time");
    is_real(schedule_sigma(&schedule, 249.25),
            0.75 * schedule_sigma(&schedule, 249) + 0.25 * schedule_sigma(&schedule, 250), 1e-12,
            "sigma between times");
    is_int(read_text("{\"beta_schedule\":\"linear\"}", &(struct err){0}), ST_OK, "linear betas");
    is_real(schedule.alphas[999], 4.035830e-5, 1e-10, "by themselves, not by their roots");
    use(",\"prediction_type\":\"v_prediction\",\"rescale_betas_zero_snr\":true");
    is_real(schedule.alphas[999], 0.0, 1e-12, "rescaled: no signal at the end");
    is_real(schedule.alphas[0], 0.99915, 1e-9, "rescaled: the first as before");
    is_real(schedule_sigma(&schedule, 999), 4096.0, 0.1, "rescaled: a finite last sigma for Euler");
}

static int
ready(enum sampler_kind kind, size_t steps, bool karras, double strength, struct err *e)
{
    struct sampler_choice choice = {
        .kind = kind, .karras = karras, .steps = steps, .strength = strength};

    return sampler_init(&sampler, &schedule, &choice, e);
}

static void
times_are(const char *more, enum sampler_kind kind, size_t steps, const double *want,
          const char *what)
{
    bool same = true;
    struct err e;

    use(more);
    if (ready(kind, steps, false, 0.0, &e) != ST_OK) {
        ok(false, "%s: %s", what, e.message);
        return;
    }
    for (size_t i = 0; i < steps; i++)
        same = same && fabs(sampler.times[i] - want[i]) < 1e-9;
    if (!ok(same, "times: %s", what)) {
        for (size_t i = 0; i < steps; i++)
            diag("%g", sampler.times[i]);
    }
}

static void
test_times(void)
{
    times_are(",\"timestep_spacing\":\"trailing\"", SAMPLER_KIND_DDIM, 1, (const double[]){999},
              "trailing 1");
    times_are(",\"timestep_spacing\":\"trailing\"", SAMPLER_KIND_EULER, 4,
              (const double[]){999, 749, 499, 249}, "trailing 4");
    times_are(",\"timestep_spacing\":\"trailing\"", SAMPLER_KIND_DDIM, 3,
              (const double[]){999, 666, 332}, "trailing 3");
    times_are(",\"timestep_spacing\":\"leading\",\"steps_offset\":1", SAMPLER_KIND_DDIM, 4,
              (const double[]){751, 501, 251, 1}, "leading 4, offset 1");
    times_are(",\"timestep_spacing\":\"leading\"", SAMPLER_KIND_EULER, 3,
              (const double[]){666, 333, 0}, "leading 3");
    times_are(",\"timestep_spacing\":\"linspace\"", SAMPLER_KIND_EULER, 5,
              (const double[]){999, 749.25, 499.5, 249.75, 0}, "linspace 5, fractional in Euler");
    times_are(",\"timestep_spacing\":\"linspace\"", SAMPLER_KIND_DDIM, 5,
              (const double[]){999, 749, 500, 250, 0}, "linspace 5, half to even in DDIM");
    times_are(",\"timestep_spacing\":\"linspace\"", SAMPLER_KIND_DPM, 4,
              (const double[]){999, 749, 500, 250}, "DPM leaves out the last of linspace 5");
    times_are(",\"timestep_spacing\":\"leading\",\"steps_offset\":1", SAMPLER_KIND_DPM, 4,
              (const double[]){801, 601, 401, 201}, "DPM leaves out the last of leading 5");
    times_are("", SAMPLER_KIND_LCM, 1, (const double[]){999}, "LCM 1");
    times_are("", SAMPLER_KIND_LCM, 4, (const double[]){999, 759, 499, 259}, "LCM 4");
    times_are("", SAMPLER_KIND_LCM, 8, (const double[]){999, 879, 759, 639, 499, 379, 259, 139},
              "LCM 8");
    times_are("", SAMPLER_KIND_DDIM, 2, (const double[]){500, 0}, "DDIM's standard is leading");
}

/* The levels of Karras's formula, by numbers of the reference implementations. */
static void
test_karras(void)
{
    struct err e;
    bool falls = true, whole = true;

    use(",\"timestep_spacing\":\"linspace\"");
    is_int(ready(SAMPLER_KIND_DPM, 10, true, 0.0, &e), ST_OK, "ten steps of DPM with Karras");
    is_real(sampler.sigmas[0], 14.614641, 1e-5, "begin at the schedule's highest level");
    is_real(sampler.sigmas[9], 0.029167, 1e-6, "end at its lowest");
    /* (14.614641^(1/7) + 4/9 (0.029167^(1/7) - 14.614641^(1/7)))^7 */
    is_real(sampler.sigmas[4], 1.749415, 1e-5, "and by the formula between");
    ok(sampler.sigmas[10] == 0.0, "then nothing");
    for (size_t i = 0; i < 10; i++) {
        falls = falls && sampler.sigmas[i + 1] < sampler.sigmas[i];
        whole = whole && sampler.times[i] == rint(sampler.times[i]);
    }
    ok(falls && whole && sampler.times[0] == 999.0 && sampler.times[9] == 0.0,
       "levels fall, times are whole");
    is_int(ready(SAMPLER_KIND_EULER, 8, true, 0.0, &e), ST_OK, "eight steps of Euler with Karras");
    for (size_t i = 0; i < 8; i++)
        is_real(schedule_sigma(&schedule, sampler.times[i]), sampler.sigmas[i],
                2e-3 * sampler.sigmas[i], "the time fits the level");
}

static void
test_strength(void)
{
    float clean[2] = {1.0f, -2.0f}, noise[2] = {0.5f, 0.25f}, x[2];
    struct err e;

    use(",\"timestep_spacing\":\"leading\",\"steps_offset\":1");
    is_int(ready(SAMPLER_KIND_DDIM, 20, false, 0.75, &e), ST_OK, "three quarters of 20 steps");
    ok(sampler.steps == 15 && sampler.times[0] == 701.0 && sampler.times[14] == 1.0,
       "are the last 15");
    sampler_add_noise(&sampler, 0, clean, noise, x, 2);
    is_real((double)x[1],
            -2.0 * sqrt(schedule.alphas[701]) + 0.25 * sqrt(1.0 - schedule.alphas[701]), 1e-6,
            "which begin with that much signal");
    sampler_add_noise(&sampler, 15, clean, noise, x, 2);
    ok(x[0] == clean[0] && x[1] == clean[1], "and end with nothing else");
    is_int(ready(SAMPLER_KIND_EULER, 4, false, 0.5, &e), ST_OK, "half of four");
    sampler_add_noise(&sampler, 0, clean, noise, x, 2);
    is_real((double)x[0], 1.0 + 0.5 * schedule_sigma(&schedule, 251.0), 1e-6,
            "Euler keeps the signal and adds noise");
    is_int(ready(SAMPLER_KIND_DDIM, 4, false, 0.2, &e), ST_INVALID, "too few steps");
    ok(strstr(e.message, "5 steps") != NULL, "the message says how many: %s", e.message);
    is_int(ready(SAMPLER_KIND_DDIM, 4, false, 1.5, &e), ST_INVALID, "more than all");
}

/* --- a world in which the right prediction is known --- */

enum { COUNT = 20000 };

/* What a perfect U-Net says of data of deviation `d`: the mean of all that may have been; for LCM
   the point where the path from here ends. */
static void
predict(const float *x, size_t step, double d, float *out)
{
    double scale = sampler_input_scale(&sampler, step), sigma = sampler.sigmas[step];
    double alpha = 1.0 / (sigma * sigma + 1.0), spread = alpha * d * d + 1.0 - alpha;

    for (size_t i = 0; i < COUNT; i++) {
        double v = (double)x[i] * scale; /* √ᾱ x0 + √(1-ᾱ) ε */
        double eps = v * sqrt(1.0 - alpha) / spread, x0;

        if (sampler.kind == SAMPLER_KIND_LCM)
            eps = (v - sqrt(alpha) * v * d / sqrt(spread)) / sqrt(1.0 - alpha);
        x0 = (v - sqrt(1.0 - alpha) * eps) / sqrt(alpha);
        out[i] =
            (float)(schedule.target == TARGET_VELOCITY ? sqrt(alpha) * eps - sqrt(1.0 - alpha) * x0
                                                       : eps);
    }
}

/* Any sampler must arrive at the deviation of the data. */
static double
gauss(enum sampler_kind kind, bool karras, size_t steps, double d)
{
    float *x = random_floats(3, COUNT), *p = malloc(COUNT * sizeof *p),
          *memory = calloc(COUNT, sizeof *memory), *clean = calloc(COUNT, sizeof *clean);
    double square = 0.0;
    struct err e;

    if (ready(kind, steps, karras, 0.0, &e) != ST_OK)
        return NAN;
    for (size_t i = 0; i < COUNT; i++)
        x[i] = (float)((double)x[i] * sampler.start_scale);
    for (size_t s = 0; s < steps; s++) {
        float *noise =
            sampler_wants_noise(&sampler, s) ? random_floats(10 + (uint32_t)s, COUNT) : NULL;

        predict(x, s, d, p);
        sampler_step(&sampler, s, x, p, noise, sampler_remembers(&sampler) ? memory : NULL, clean,
                     COUNT);
        free(noise);
    }
    for (size_t i = 0; i < COUNT; i++)
        square += (double)x[i] * (double)x[i] / COUNT;
    free(x), free(p), free(memory), free(clean);
    return sqrt(square);
}

static void
test_gauss(void)
{
    static const struct {
        const char *name;
        enum sampler_kind kind;
        bool karras;
        size_t steps;
        double tolerance;
    } KINDS[] = {{"DDIM", SAMPLER_KIND_DDIM, false, 250, 0.02},
                 {"Euler", SAMPLER_KIND_EULER, false, 250, 0.02},
                 {"Euler, Karras", SAMPLER_KIND_EULER, true, 100, 0.02},
                 {"ancestral", SAMPLER_KIND_ANCESTRAL, false, 250, 0.02},
                 {"DPM", SAMPLER_KIND_DPM, false, 120, 0.01},
                 {"DPM, Karras", SAMPLER_KIND_DPM, true, 25, 0.01},
                 {"LCM", SAMPLER_KIND_LCM, false, 4, 0.02}};
    static const char *const TARGETS[] = {"epsilon", "v_prediction"};
    static const char *const SPACINGS[] = {"leading", "trailing", "linspace"};
    size_t kinds = sizeof KINDS / sizeof *KINDS;
    char more[200], what[120];

    for (size_t i = 0; i < 6 * kinds; i++) {
        size_t k = i % kinds, target = i / kinds % 2, spacing = i / kinds / 2;

        (void)snprintf(more, sizeof more,
                       ",\"prediction_type\":\"%s\",\"timestep_spacing\":\"%s\",\"steps_offset\":1",
                       TARGETS[target], SPACINGS[spacing]);
        (void)snprintf(what, sizeof what, "%s, %s, %s reaches the deviation of the data",
                       KINDS[k].name, TARGETS[target], SPACINGS[spacing]);
        use(more);
        is_real(gauss(KINDS[k].kind, KINDS[k].karras, KINDS[k].steps, 0.6), 0.6, KINDS[k].tolerance,
                what);
    }
    /* The second order pays where steps are few. */
    use(",\"timestep_spacing\":\"trailing\"");
    ok(fabs(gauss(SAMPLER_KIND_DPM, true, 12, 0.6) - 0.6) <
           0.5 * fabs(gauss(SAMPLER_KIND_EULER, true, 12, 0.6) - 0.6),
       "DPM in 12 steps is twice as exact as Euler");
}

static void
test_last_step(void)
{
    static const enum sampler_kind KINDS[] = {SAMPLER_KIND_EULER, SAMPLER_KIND_ANCESTRAL,
                                              SAMPLER_KIND_DPM};
    float x[2] = {3.0f, -1.0f}, p[2] = {0.5f, 0.25f}, clean[2], memory[2];
    struct err e;

    use(",\"timestep_spacing\":\"trailing\"");
    (void)ready(SAMPLER_KIND_EULER, 1, false, 0.0, &e);
    is_real(sampler.start_scale, 14.614641, 1e-5, "one Euler step starts at the last sigma");
    is_real(sampler_input_scale(&sampler, 0), 0.0682648, 1e-6, "and scales its input");
    for (size_t i = 0; i < 3; i++) {
        (void)ready(KINDS[i], 1, false, 0.0, &e);
        ok(!sampler_wants_noise(&sampler, 0), "the last step takes no noise");
        sampler_step(&sampler, 0, x, p, NULL, memory, clean, 2);
        ok(x[0] == clean[0] && x[1] == clean[1], "and is exactly the prediction");
    }
    use(",\"set_alpha_to_one\":true");
    (void)ready(SAMPLER_KIND_DDIM, 10, false, 0.0, &e);
    x[0] = 3.0f;
    sampler_step(&sampler, 9, x, p, NULL, NULL, clean, 1);
    is_real((double)x[0], (double)clean[0], 1e-6,
            "DDIM ends at the prediction when set_alpha_to_one");
    use(",\"final_sigmas_type\":\"sigma_min\"");
    (void)ready(SAMPLER_KIND_DPM, 10, false, 0.0, &e);
    is_real(sampler.sigmas[10], 0.029167, 1e-6, "sigma_min: DPM ends at the least noise");
    is_int(ready(SAMPLER_KIND_DDIM, 0, false, 0.0, &e), ST_INVALID, "no steps are refused");
    is_int(ready(SAMPLER_KIND_DDIM, 1001, false, 0.0, &e), ST_INVALID,
           "too many steps are refused");
    use("");
    (void)ready(SAMPLER_KIND_LCM, 50, false, 0.0, &e);
    x[0] = 1.0f, p[0] = (float)(1.0 / sqrt(1.0 - schedule.alphas[19]));
    sampler_step(&sampler, 49, x, p, NULL, NULL, clean, 1);
    is_real((double)x[0], 0.25 / (190.0 * 190.0 + 0.25), 1e-7,
            "LCM keeps a little of what it had, by time 19 x 10");
    is_int(ready(SAMPLER_KIND_LCM, 51, false, 0.0, &e), ST_INVALID,
           "LCM has no more steps than its grid");
}

/* Guidance of two and of three passes. */
static void
test_guidance(void)
{
    float two[] = {1.0f, 2.0f, 2.0f, 0.0f}, three[] = {1.0f, 3.0f, 7.0f};
    float flat[] = {0.0f, 0.0f, 1.0f, -1.0f};

    guidance_mix(&(struct guidance){.text = 3.0}, 2, two, 2);
    ok(two[0] == 4.0f && two[1] == -4.0f, "guidance goes beyond the prompt's prediction");
    guidance_mix(&(struct guidance){.text = 7.0, .image = 1.5}, 3, three, 1);
    ok(three[0] == 1.0f + 1.5f * 2.0f + 7.0f * 4.0f, "with a source it has two directions");
    guidance_mix(&(struct guidance){.text = 3.0, .rescale = 1.0}, 2, flat, 2);
    ok(flat[0] == 1.0f && flat[1] == -1.0f, "rescaled, it keeps the prompt's deviation");
}

static void
test_refused(void)
{
    static const char *const BAD[] = {
        "{\"_class_name\":\"FlowMatchEulerDiscreteScheduler\"}",
        "{\"_class_name\":\"DDIMScheduler\",\"beta_schedule\":\"squaredcos_cap_v2\"}",
        "{\"_class_name\":\"DDIMScheduler\",\"prediction_type\":\"sample\"}",
        "{\"_class_name\":\"DDIMScheduler\",\"clip_sample\":true}",
        "{\"_class_name\":\"EulerDiscreteScheduler\",\"use_exponential_sigmas\":true}",
        "{\"_class_name\":\"EulerDiscreteScheduler\",\"interpolation_type\":\"log_linear\"}",
        "{\"_class_name\":\"DPMSolverMultistepScheduler\",\"final_sigmas_type\":\"max\"}",
        "{\"_class_name\":\"DDIMScheduler\",\"trained_betas\":[0.1]}",
        "{\"_class_name\":\"DDIMScheduler\",\"rescale_betas_zero_snr\":true}",
    };
    struct err e;

    for (size_t i = 0; i < sizeof BAD / sizeof *BAD; i++) {
        int rc = read_text(BAD[i], &e);

        ok(rc == ST_UNSUPPORTED, "refused: %s", e.message);
    }
    is_int(read_text("{\"beta_start\":0.5,\"beta_end\":0.1}", &e), ST_INVALID,
           "betas that fall are invalid");
    is_int(read_text("{\"num_train_timesteps\":1e3}", &e), ST_INVALID,
           "a number of another type is invalid");
}

int
main(void)
{
    test_values();
    test_times();
    test_karras();
    test_strength();
    test_gauss();
    test_last_step();
    test_guidance();
    test_refused();
    return tap_done();
}
