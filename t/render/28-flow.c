/*
 * Whole runs against the values that t/reference/dump_flow.py wrote: every sampler, both kinds of
 * prediction, pictures from pictures, masks and instructions.
 */
#include "common/err.h"
#include "render/pipeline/generate.h"
#include "render/weights/safetensors.h"
#include "t/render/kernel_check.h"

#define SIDE 10            /* of a latent */
#define STATE_HEADER 96    /* bytes before the latent in a state */
#define LATENT_LIMIT 1e-10 /* f32 gives about 1e-12 after all steps */
#define PSNR_LEAST 60.0    /* dB */

/* The same list as in the script. */
static const struct kase {
    const char *name, *model;
    enum generate_kind kind;
    enum generate_sampler sampler;
    int steps;
    double guidance, strength, image_guidance, rescale;
} CASES[] = {
    {"text-ddim", "tiny-a", GENERATE_TEXT, SAMPLER_DDIM, 6, 3.0, 0, 0, 0},
    {"text-euler-a", "tiny-a", GENERATE_TEXT, SAMPLER_EULER_ANCESTRAL, 6, 3.0, 0, 0, 0},
    {"text-dpm", "tiny-a", GENERATE_TEXT, SAMPLER_DPM, 6, 3.0, 0, 0, 0},
    {"text-dpm-many", "tiny-a", GENERATE_TEXT, SAMPLER_DPM, 16, 1.0, 0, 0, 0},
    {"text-dpm-karras", "tiny-a", GENERATE_TEXT, SAMPLER_DPM_KARRAS, 6, 3.0, 0, 0, 0},
    {"text-rescale", "tiny-a", GENERATE_TEXT, SAMPLER_DDIM, 4, 7.0, 0, 0, 0.7},
    {"v-euler-a", "tiny-b", GENERATE_TEXT, SAMPLER_EULER_ANCESTRAL, 5, 3.0, 0, 0, 0},
    {"v-dpm", "tiny-b", GENERATE_TEXT, SAMPLER_DPM, 5, 3.0, 0, 0, 0},
    {"v-dpm-karras", "tiny-b", GENERATE_TEXT, SAMPLER_DPM_KARRAS, 5, 3.0, 0, 0, 0},
    {"lcm", "tiny-lcm", GENERATE_TEXT, SAMPLER_LCM, 4, 4.0, 0, 0, 0},
    {"lcm-image", "tiny-lcm", GENERATE_IMAGE, SAMPLER_LCM, 3, 4.0, 0.5, 0, 0},
    {"image-ddim", "tiny-a", GENERATE_IMAGE, SAMPLER_DDIM, 6, 3.0, 0.5, 0, 0},
    {"image-euler", "tiny-a", GENERATE_IMAGE, SAMPLER_EULER, 5, 3.0, 0.6, 0, 0},
    {"image-euler-a", "tiny-a", GENERATE_IMAGE, SAMPLER_EULER_ANCESTRAL, 5, 1.0, 0.6, 0, 0},
    {"image-dpm-karras", "tiny-a", GENERATE_IMAGE, SAMPLER_DPM_KARRAS, 6, 3.0, 0.7, 0, 0},
    {"inpaint4-ddim", "tiny-a", GENERATE_INPAINT, SAMPLER_DDIM, 5, 3.0, 0, 0, 0},
    {"inpaint4-euler", "tiny-a", GENERATE_INPAINT, SAMPLER_EULER, 5, 3.0, 0.8, 0, 0},
    {"inpaint9-ddim", "tiny-inpaint", GENERATE_INPAINT, SAMPLER_DDIM, 5, 3.0, 0, 0, 0},
    {"inpaint9-euler", "tiny-inpaint", GENERATE_INPAINT, SAMPLER_EULER, 5, 3.0, 0.6, 0, 0},
    {"edit-euler-a", "tiny-edit", GENERATE_EDIT, SAMPLER_EULER_ANCESTRAL, 5, 7.0, 0, 1.2, 0},
    {"edit-ddim", "tiny-edit", GENERATE_EDIT, SAMPLER_DDIM, 4, 1.0, 0, 0, 0},
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
    char path[1100];
    double *want;
    size_t count;
    int side;

    (void)snprintf(path, sizeof path, "%s/t/data/%s", folder != NULL ? folder : ".", k->model);
    if (pipeline_open(path, 2, &p, &e) != ST_OK) {
        ok(false, "%s: %s", k->name, e.message);
        return;
    }
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
