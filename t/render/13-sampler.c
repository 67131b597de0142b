/*
 * Schedules by published values; samplers on a world where the right prediction is known in closed
 * form.
 */
#include "common/err.h"
#include "common/json.h"
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
    use(",\"prediction_type\":\"v_prediction\",\"rescale_betas_zero_snr\":true");
    is_real(schedule.alphas[999], 0.0, 1e-12, "rescaled: no signal at the end");
    is_real(schedule.alphas[0], 0.99915, 1e-9, "rescaled: the first as before");
    is_real(schedule_sigma(&schedule, 999), 4096.0, 0.1, "rescaled: a finite last sigma for Euler");
}

static void
times_are(const char *more, enum sampler_kind kind, size_t steps, const double *want,
          const char *what)
{
    bool same = true;
    struct err e;

    use(more);
    if (sampler_init(&sampler, &schedule, kind, steps, &e) != ST_OK) {
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
    times_are("", SAMPLER_KIND_DDIM, 2, (const double[]){500, 0}, "DDIM's standard is leading");
}

/* Data of deviation `d`: the best guess of the noise is known, and any sampler must arrive at that
 * deviation. */
static double
gauss(enum sampler_kind kind, size_t steps, double d)
{
    enum { COUNT = 20000 };
    float *x = random_floats(3, COUNT), *p = malloc(COUNT * sizeof *p);
    double square = 0.0;
    struct err e;

    if (sampler_init(&sampler, &schedule, kind, steps, &e) != ST_OK)
        return NAN;
    for (size_t i = 0; i < COUNT; i++)
        x[i] = (float)((double)x[i] * sampler.start_scale);
    for (size_t s = 0; s < steps; s++) {
        double scale = sampler_input_scale(&sampler, s),
               sigma = schedule_sigma(&schedule, sampler.times[s]);
        double alpha = 1.0 / (sigma * sigma + 1.0);

        for (size_t i = 0; i < COUNT; i++) {
            double v = (double)x[i] * scale; /* √ᾱ x0 + √(1-ᾱ) ε */
            double eps = v * sqrt(1.0 - alpha) / (alpha * d * d + 1.0 - alpha);
            double x0 = (v - sqrt(1.0 - alpha) * eps) / sqrt(alpha);

            p[i] = (float)(schedule.target == TARGET_VELOCITY
                               ? sqrt(alpha) * eps - sqrt(1.0 - alpha) * x0
                               : eps);
        }
        sampler_step(&sampler, s, x, p, NULL, COUNT);
    }
    for (size_t i = 0; i < COUNT; i++)
        square += (double)x[i] * (double)x[i] / COUNT;
    free(x);
    free(p);
    return sqrt(square);
}

static void
test_gauss(void)
{
    static const char *const KINDS[] = {"DDIM", "Euler"};
    static const char *const TARGETS[] = {"epsilon", "v_prediction"};
    static const char *const SPACINGS[] = {"leading", "trailing", "linspace"};
    char more[200], what[120];

    for (size_t i = 0; i < 12; i++) {
        (void)snprintf(more, sizeof more,
                       ",\"prediction_type\":\"%s\",\"timestep_spacing\":\"%s\",\"steps_offset\":1",
                       TARGETS[i / 2 % 2], SPACINGS[i / 4]);
        (void)snprintf(what, sizeof what, "%s, %s, %s reaches the deviation of the data",
                       KINDS[i % 2], TARGETS[i / 2 % 2], SPACINGS[i / 4]);
        use(more);
        is_real(gauss(i % 2 == 0 ? SAMPLER_KIND_DDIM : SAMPLER_KIND_EULER, 250, 0.6), 0.6, 0.02,
                what);
    }
}

static void
test_last_step(void)
{
    float x[2] = {3.0f, -1.0f}, p[2] = {0.5f, 0.25f}, clean[2], without[2] = {1.0f, 2.0f},
          with[2] = {2.0f, 0.0f};
    struct err e;

    use(",\"timestep_spacing\":\"trailing\"");
    (void)sampler_init(&sampler, &schedule, SAMPLER_KIND_EULER, 1, &e);
    is_real(sampler.start_scale, 14.614641, 1e-5, "one Euler step starts at the last sigma");
    is_real(sampler_input_scale(&sampler, 0), 0.0682648, 1e-6, "and scales its input");
    sampler_step(&sampler, 0, x, p, clean, 2);
    ok(x[0] == clean[0] && x[1] == clean[1], "the last Euler step is exactly the prediction");
    sampler_guide(without, with, 3.0, with, 2);
    ok(with[0] == 4.0f && with[1] == -4.0f, "guidance goes beyond the prompt's prediction");
    use(",\"set_alpha_to_one\":true");
    (void)sampler_init(&sampler, &schedule, SAMPLER_KIND_DDIM, 10, &e);
    x[0] = 3.0f;
    sampler_step(&sampler, 9, x, p, clean, 1);
    is_real((double)x[0], (double)clean[0], 1e-6,
            "DDIM ends at the prediction when set_alpha_to_one");
    is_int(sampler_init(&sampler, &schedule, SAMPLER_KIND_DDIM, 0, &e), ST_INVALID,
           "no steps are refused");
    is_int(sampler_init(&sampler, &schedule, SAMPLER_KIND_DDIM, 1001, &e), ST_INVALID,
           "too many steps are refused");
}

static void
test_refused(void)
{
    static const char *const BAD[] = {
        "{\"_class_name\":\"FlowMatchEulerDiscreteScheduler\"}",
        "{\"_class_name\":\"DDIMScheduler\",\"beta_schedule\":\"squaredcos_cap_v2\"}",
        "{\"_class_name\":\"DDIMScheduler\",\"prediction_type\":\"sample\"}",
        "{\"_class_name\":\"DDIMScheduler\",\"clip_sample\":true}",
        "{\"_class_name\":\"EulerDiscreteScheduler\",\"use_karras_sigmas\":true}",
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
    test_gauss();
    test_last_step();
    test_refused();
    return tap_done();
}
