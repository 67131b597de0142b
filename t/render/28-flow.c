/*
 * Whole runs against the values that t/reference/dump_flow.py wrote: every sampler, both kinds of
 * prediction, pictures from pictures, masks and instructions.
 */
#include <sys/stat.h>
#include <unistd.h>

#include "common/err.h"
#include "render/pipeline/generate.h"
#include "render/weights/safetensors.h"
#include "t/render/kernel_check.h"

#define SIDE 9             /* of a latent */
#define STATE_HEADER 96    /* bytes before the latent in a state */
#define LATENT_LIMIT 1e-10 /* f32 gives about 1e-12 after all steps */
#define PSNR_LEAST 60.0    /* dB */

#define LINEAR                                                                                     \
    "{\"_class_name\":\"DDIMScheduler\",\"clip_sample\":false,\"set_alpha_to_one\":false,"         \
    "\"beta_start\":0.00085,\"beta_end\":0.012"
#define BETAS LINEAR ",\"beta_schedule\":\"scaled_linear\""
#define ZERO ",\"prediction_type\":\"v_prediction\",\"rescale_betas_zero_snr\":true"

/* The same list as in the script. */
static const struct kase {
    const char *name, *model;
    enum generate_kind kind;
    enum generate_sampler sampler;
    int steps;
    double guidance, strength, image_guidance, rescale;
    const char *scheduler; /* what the model's scheduler is changed to; NULL = as it is */
} CASES[] = {
    {"text-ddim", "tiny-a", GENERATE_TEXT, SAMPLER_DDIM, 6, 3.0, 0, 0, 0, NULL},
    {"text-euler-a", "tiny-a", GENERATE_TEXT, SAMPLER_EULER_ANCESTRAL, 6, 3.0, 0, 0, 0, NULL},
    {"text-dpm", "tiny-a", GENERATE_TEXT, SAMPLER_DPM, 6, 3.0, 0, 0, 0, NULL},
    {"text-dpm-many", "tiny-a", GENERATE_TEXT, SAMPLER_DPM, 16, 1.0, 0, 0, 0, NULL},
    {"text-dpm-karras", "tiny-a", GENERATE_TEXT, SAMPLER_DPM_KARRAS, 6, 3.0, 0, 0, 0, NULL},
    {"text-rescale", "tiny-a", GENERATE_TEXT, SAMPLER_DDIM, 4, 7.0, 0, 0, 0.7, NULL},
    {"v-euler-a", "tiny-b", GENERATE_TEXT, SAMPLER_EULER_ANCESTRAL, 5, 3.0, 0, 0, 0, NULL},
    {"v-dpm", "tiny-b", GENERATE_TEXT, SAMPLER_DPM, 5, 3.0, 0, 0, 0, NULL},
    {"v-dpm-karras", "tiny-b", GENERATE_TEXT, SAMPLER_DPM_KARRAS, 5, 3.0, 0, 0, 0, NULL},
    {"lcm", "tiny-lcm", GENERATE_TEXT, SAMPLER_LCM, 4, 4.0, 0, 0, 0, NULL},
    {"lcm-image", "tiny-lcm", GENERATE_IMAGE, SAMPLER_LCM, 3, 4.0, 0.5, 0, 0, NULL},
    {"image-ddim", "tiny-a", GENERATE_IMAGE, SAMPLER_DDIM, 6, 3.0, 0.5, 0, 0, NULL},
    {"image-euler", "tiny-a", GENERATE_IMAGE, SAMPLER_EULER, 5, 3.0, 0.6, 0, 0, NULL},
    {"image-euler-a", "tiny-a", GENERATE_IMAGE, SAMPLER_EULER_ANCESTRAL, 5, 1.0, 0.6, 0, 0, NULL},
    {"image-dpm-karras", "tiny-a", GENERATE_IMAGE, SAMPLER_DPM_KARRAS, 6, 3.0, 0.7, 0, 0, NULL},
    {"inpaint4-ddim", "tiny-a", GENERATE_INPAINT, SAMPLER_DDIM, 5, 3.0, 0, 0, 0, NULL},
    {"inpaint4-euler", "tiny-a", GENERATE_INPAINT, SAMPLER_EULER, 5, 3.0, 0.8, 0, 0, NULL},
    {"inpaint9-ddim", "tiny-inpaint", GENERATE_INPAINT, SAMPLER_DDIM, 5, 3.0, 0, 0, 0, NULL},
    {"inpaint9-euler", "tiny-inpaint", GENERATE_INPAINT, SAMPLER_EULER, 5, 3.0, 0.6, 0, 0, NULL},
    {"edit-euler-a", "tiny-edit", GENERATE_EDIT, SAMPLER_EULER_ANCESTRAL, 5, 7.0, 0, 1.2, 0, NULL},
    {"edit-ddim", "tiny-edit", GENERATE_EDIT, SAMPLER_DDIM, 4, 1.0, 0, 0, 0, NULL},
    {"karras-euler", "tiny-a", GENERATE_TEXT, SAMPLER_EULER, 6, 3.0, 0, 0, 0,
     BETAS ",\"use_karras_sigmas\":true,\"timestep_spacing\":\"linspace\"}"},
    {"zero-euler", "tiny-b", GENERATE_TEXT, SAMPLER_EULER, 4, 3.0, 0, 0, 0,
     BETAS ZERO ",\"timestep_spacing\":\"trailing\"}"},
    {"zero-ddim", "tiny-b", GENERATE_TEXT, SAMPLER_DDIM, 4, 3.0, 0, 0, 0,
     BETAS ZERO ",\"timestep_spacing\":\"trailing\"}"},
    {"min-dpm", "tiny-a", GENERATE_TEXT, SAMPLER_DPM, 6, 3.0, 0, 0, 0,
     BETAS ",\"final_sigmas_type\":\"sigma_min\",\"timestep_spacing\":\"linspace\"}"},
    {"min-dpm-many", "tiny-a", GENERATE_TEXT, SAMPLER_DPM, 16, 1.0, 0, 0, 0,
     BETAS ",\"final_sigmas_type\":\"sigma_min\",\"timestep_spacing\":\"linspace\"}"},
    {"linear-ddim", "tiny-a", GENERATE_TEXT, SAMPLER_DDIM, 5, 3.0, 0, 0, 0,
     LINEAR ",\"beta_schedule\":\"linear\",\"timestep_spacing\":\"linspace\"}"},
};
#define COUNT (sizeof CASES / sizeof *CASES)

static struct safetensors *expected;
static struct err e;

static double *
wanted(const char *name, const char *what, size_t *count)
{
    char key[100];
    const struct safetensor *t;
    const void *data = NULL;
    float *floats;
    double *out;

    (void)snprintf(key, sizeof key, "%s%s", name, what);
    if ((t = safetensors_find(expected, key)) != NULL)
        data = safetensors_data(expected, t, &e);
    if (data == NULL) {
        ok(false, "there is no %s", key);
        exit(1);
    }
    *count = 1;
    for (unsigned i = 0; i < t->rank; i++)
        *count *= (size_t)t->shape[i];
    floats = malloc(*count * sizeof *floats);
    out = malloc(*count * sizeof *out);
    dtype_convert(t->kind, data, floats, *count);
    for (size_t i = 0; i < *count; i++)
        out[i] = (double)floats[i];
    free(floats);
    return out;
}

static uint8_t *
bytes(const char *what, int side)
{
    char number[20];
    size_t count;
    double *values;
    uint8_t *out;

    (void)snprintf(number, sizeof number, "-%d", side);
    values = wanted(what, number, &count);
    out = malloc(count);

    for (size_t i = 0; i < count; i++)
        out[i] = (uint8_t)values[i];
    free(values);
    return out;
}

struct last {
    float latent[SIDE * SIDE * 4];
    int step;
};

static void
on_state(void *ctx, int member, int step, const void *data, size_t size)
{
    struct last *last = ctx;

    (void)member;
    if (size >= STATE_HEADER + sizeof last->latent)
        memcpy(last->latent, (const char *)data + STATE_HEADER, sizeof last->latent);
    last->step = step;
}

static void
check_pixels(const struct kase *k, const struct image *image)
{
    size_t count;
    double *want = wanted(k->name, ".pixels", &count), error = 0.0, psnr;

    for (size_t i = 0; i < count; i++) {
        double d = (double)image->pixels[i] - want[i];

        error += d * d / (double)count;
    }
    psnr = error > 0.0 ? 10.0 * log10(255.0 * 255.0 / error) : INFINITY;
    ok(psnr >= PSNR_LEAST, "%s: the picture like the reference: %.1f dB", k->name, psnr);
    free(want);
}

/* A folder with the model's parts and another scheduler. */
static void
change_scheduler(const char *model, const char *scheduler, char folder[64])
{
    static const char *const PARTS[] = {"model_index.json", "text_encoder", "tokenizer", "unet",
                                        "vae"};
    char from[1200], to[200], *here = realpath(model, NULL);
    FILE *f;

    (void)snprintf(folder, 64, "/tmp/gempix-flow-XXXXXX");
    if (here == NULL || mkdtemp(folder) == NULL)
        abort();
    for (size_t i = 0; i < sizeof PARTS / sizeof *PARTS; i++) {
        (void)snprintf(from, sizeof from, "%s/%s", here, PARTS[i]);
        (void)snprintf(to, sizeof to, "%s/%s", folder, PARTS[i]);
        if (symlink(from, to) != 0)
            abort();
    }
    free(here);
    (void)snprintf(to, sizeof to, "%s/scheduler", folder);
    (void)mkdir(to, 0700);
    (void)snprintf(to, sizeof to, "%s/scheduler/scheduler_config.json", folder);
    if ((f = fopen(to, "w")) == NULL || fputs(scheduler, f) < 0 || fclose(f) != 0)
        abort();
}

static void
remove_folder(const char *folder)
{
    static const char *const FILES[] = {"model_index.json",
                                        "text_encoder",
                                        "tokenizer",
                                        "unet",
                                        "vae",
                                        "scheduler/scheduler_config.json",
                                        "scheduler",
                                        ""};
    char path[200];

    for (size_t i = 0; i < sizeof FILES / sizeof *FILES; i++) {
        (void)snprintf(path, sizeof path, "%s/%s", folder, FILES[i]);
        (void)remove(path);
    }
}

static void
run_case(const struct kase *k)
{
    const char *folder = getenv("GEMPIX_SRC");
    struct last last = {.step = 0};
    struct generate_hooks hooks = {.ctx = &last, .state = on_state, .state_every = 1};
    struct pipeline *p;
    struct pipeline_info info;
    struct image image, source;
    struct mask mask;
    uint8_t *marks;
    char path[1100], changed[64];
    double *want;
    size_t count;
    int side;

    (void)snprintf(path, sizeof path, "%s/t/data/%s", folder != NULL ? folder : ".", k->model);
    if (k->scheduler != NULL) {
        change_scheduler(path, k->scheduler, changed);
        (void)snprintf(path, sizeof path, "%s", changed);
    }
    if (pipeline_open(path, 2, &p, &e) != ST_OK) {
        ok(false, "%s: %s", k->name, e.message);
        return;
    }
    if (k->scheduler != NULL)
        remove_folder(changed);
    pipeline_describe(p, &info);
    side = SIDE * info.multiple;
    source = (struct image){side, side, bytes("source", side)};
    marks = bytes("mask", side);
    mask = (struct mask){side, side, marks};
    if (!ok(generate(p,
                     &(struct generate_params){.kind = k->kind,
                                               .prompt = "a red sun over a blue sea",
                                               .negative_prompt = "stars",
                                               .width = side,
                                               .height = side,
                                               .steps = k->steps,
                                               .guidance = k->guidance,
                                               .strength = k->strength,
                                               .image_guidance = k->image_guidance,
                                               .rescale = k->rescale,
                                               .seed = 7,
                                               .sampler = k->sampler,
                                               .source = &source,
                                               .mask = &mask},
                     &hooks, &image, &e) == ST_OK,
            "%s", k->name))
        diag("%s %s", e.message, e.detail);
    else {
        want = wanted(k->name, ".latent", &count);
        near(last.latent, want, count, LATENT_LIMIT, "  the last latent");
        free(want);
        check_pixels(k, &image);
        for (int i = 0; i < 3 * side * side && k->kind == GENERATE_INPAINT; i++) {
            if (marks[i / 3] < 128 && image.pixels[i] != source.pixels[i]) {
                ok(false, "%s: byte %d outside the mask was changed", k->name, i);
                break;
            }
        }
    }
    image_release(&image);
    image_release(&source);
    free(marks);
    pipeline_close(p);
}

int
main(void)
{
    const char *folder = getenv("GEMPIX_SRC");
    char path[1100];

    (void)snprintf(path, sizeof path, "%s/t/data/flow/expect.safetensors",
                   folder != NULL ? folder : ".");
    if (safetensors_open(path, &expected, &e) != ST_OK) {
        ok(false, "%s", e.message);
        return tap_done();
    }
    for (size_t i = 0; i < COUNT; i++)
        run_case(&CASES[i]);
    safetensors_close(expected);
    return tap_done();
}
