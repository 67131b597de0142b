/*
 * Motion modules in tiny-lcm against the values that t/reference/dump_families.py wrote: a module
 * alone, the whole U-Net under both kinds of names, with a first layer of nine channels.
 */
#include "common/arena.h"
#include "common/err.h"
#include "common/json.h"
#include "render/model/model_config.h"
#include "render/model/motion.h"
#include "render/model/unet.h"
#include "render/pipeline/pipeline.h"
#include "render/weights/safetensors.h"
#include "render/weights/weight_store.h"
#include "t/render/kernel_check.h"

#define STAGE_LIMIT 1e-7
#define WHOLE_LIMIT 1e-5
#define FRAMES 3
#define PSNR_LEAST 60.0 /* dB, of a whole clip in bytes */

struct fixture {
    char data[1024];
    struct engine g;
    struct arena *arena;
    struct weight_store *unet_store, *store;
    struct unet_config config;
    struct unet *unet;
    struct safetensors *expected;
    struct err e;
};

static void
stop(const struct fixture *f, const char *what)
{
    ok(false, "%s", what);
    diag("%s %s", f->e.message, f->e.detail);
    exit(1);
}

static float *
expected(struct fixture *f, const char *set, const char *what, size_t *count, size_t shape[4])
{
    char name[64];
    const struct safetensor *t;
    const void *data;
    float *out;

    (void)snprintf(name, sizeof name, "%s.%s", set, what);
    t = safetensors_find(f->expected, name);
    if (t == NULL || (data = safetensors_data(f->expected, t, &f->e)) == NULL)
        stop(f, name);
    *count = 1;
    for (unsigned i = 0; i < t->rank && i < 4; i++)
        *count *= shape[i] = (size_t)t->shape[i];
    out = malloc(*count * sizeof *out);
    dtype_convert(t->kind, data, out, *count);
    return out;
}

/* got - minus against want - minus, so that the stream that is added to hides nothing. */
static void
near_added(const float *got, const float *want, const float *minus, size_t count, double limit,
           const char *what)
{
    double *w = malloc(count * sizeof *w);
    float *x = malloc(count * sizeof *x);

    for (size_t i = 0; i < count; i++) {
        x[i] = got[i] - (minus != NULL ? minus[i] : 0.0f);
        w[i] = (double)want[i] - (double)(minus != NULL ? minus[i] : 0.0f);
    }
    near(x, w, count, limit, what);
    free(w), free(x);
}

/* Plans and runs. */
#define RUN(g, call)                                                                               \
    do {                                                                                           \
        engine_plan(g);                                                                            \
        call;                                                                                      \
        engine_plan_end(g, 0, NULL);                                                               \
        call;                                                                                      \
        engine_rewind(g, 0);                                                                       \
    } while (0)

static struct json *
read_json(struct fixture *f, const char *folder)
{
    char path[1100];
    struct json *out = NULL;

    (void)snprintf(path, sizeof path, "%s/%s", f->data, folder);
    if (config_read(path, "config.json", &out, &f->e) != ST_OK)
        stop(f, folder);
    return out;
}

static void
fixture_open(struct fixture *f)
{
    const char *source = getenv("GEMPIX_SRC");
    struct loader l;
    struct json *json;
    char path[1100];

    memset(f, 0, sizeof *f);
    (void)snprintf(f->data, sizeof f->data, "%s/t/data", source != NULL ? source : ".");
    json = read_json(f, "tiny-lcm/unet");
    f->arena = arena_new(SIZE_MAX / 2);
    (void)snprintf(path, sizeof path, "%s/tiny-lcm/unet", f->data);
    if (engine_open(2, &f->g, &f->e) != ST_OK ||
        unet_config_read(json, &f->config, &f->e) != ST_OK ||
        weight_store_open(path, "diffusion_pytorch_model", &f->unet_store, &f->e) != ST_OK)
        stop(f, "tiny-lcm");
    json_free(json);
    l = (struct loader){.store = f->unet_store, .arena = f->arena, .e = &f->e};
    f->unet = unet_load(&l, &f->config);
    (void)snprintf(path, sizeof path, "%s/motion/expect.safetensors", f->data);
    if (l.rc != ST_OK || safetensors_open(path, &f->expected, &f->e) != ST_OK)
        stop(f, "the reference");
}

/* Loads a file of modules; the store before is closed. */
static struct motion *
load(struct fixture *f, const char *name, const struct json *json, const struct unet_config *unet)
{
    struct loader l = {.arena = f->arena, .e = &f->e};
    char path[1100];

    weight_store_close(f->store);
    (void)snprintf(path, sizeof path, "%s/motion/%s.safetensors", f->data, name);
    if (weight_store_open_file(path, NULL, &f->store, &f->e) != ST_OK)
        stop(f, name);
    l.store = f->store;
    return motion_load(&l, json, unet);
}

static void
test_module(struct fixture *f, const struct motion *m, const char *set)
{
    size_t count, s[4], half;
    float *x = expected(f, set, "module.x", &count, s), *before = malloc(count * sizeof *x);
    float *want = expected(f, set, "module.out", &count, s), *alone = malloc(count * sizeof *x);
    struct tensor t = {x, s[0], s[1], s[2], s[3]}, one = {alone, s[0] / 2, s[1], s[2], s[3]};

    memcpy(before, x, count * sizeof *x);
    half = count / 2;
    memcpy(alone, x + half, half * sizeof *x);
    RUN(&f->g, motion_run(&f->g, &m->up[1], &t, FRAMES));
    near_added(x, want, before, count, STAGE_LIMIT, "what a module adds");
    RUN(&f->g, motion_run(&f->g, &m->up[1], &one, FRAMES));
    ok(memcmp(alone, x + half, half * sizeof *x) == 0, "  a clip alone has the same bytes");
    free(x), free(before), free(want), free(alone);
}

static void
run_unet(struct fixture *f, const float *context, size_t tokens, const struct tensor *x,
         const struct unet_input *input, struct tensor *out)
{
    /* The reference has the prompt once for each frame; here frames share it. */
    size_t each = tokens * f->config.context_width, clips = x->n / FRAMES;
    float *shared = engine_floats(&f->g, clips * each);

    for (size_t i = 0; i < clips && !f->g.planning; i++)
        memcpy(shared + i * each, context + i * FRAMES * each, each * sizeof *shared);
    unet_context(&f->g, f->unet, shared, clips, tokens);
    unet_run(&f->g, f->unet, x, input, out);
}

static void
test_whole(struct fixture *f, const struct motion *m, const char *set, const char *result,
           size_t channels)
{
    const double guidance[2 * FRAMES] = {7.5, 7.5, 7.5, 2.0, 2.0, 2.0};
    const struct unet_input input = {.time = 499.25, .guidance = guidance};
    size_t count, outs, contexts, s[4], t[4], c[4];
    float *x = expected(f, set, "x", &count, s), *want = expected(f, result, "out", &outs, t);
    float *context = expected(f, set, "context", &contexts, c), *got = malloc(outs * sizeof *got);
    struct tensor in = {x, s[0], s[1], s[2], s[3]}, out = {got, t[0], t[1], t[2], t[3]};

    is_int(unet_set_motion(f->unet, m, FRAMES, &f->e), ST_OK, "the U-Net takes the modules");
    is_int((int64_t)unet_channels(f->unet), (int64_t)channels, "  and their channels");
    RUN(&f->g, run_unet(f, context, c[1], &in, &input, &out));
    near_added(got, want, NULL, outs, WHOLE_LIMIT, "  whole U-Net");
    free(x), free(want), free(context), free(got);
}

/* The file without the module in the middle is one of the first version. */
static void
test_first(struct fixture *f, const struct json *json)
{
    char path[1100], first[] = "/tmp/gempix-motion-XXXXXX", *data;
    struct loader l = {.arena = f->arena, .e = &f->e};
    struct motion *m;
    int fd = mkstemp(first);
    FILE *in, *out;
    size_t size;

    (void)snprintf(path, sizeof path, "%s/motion/diffusion_pytorch_model.safetensors", f->data);
    in = fopen(path, "rbe");
    out = fd >= 0 ? fdopen(fd, "wb") : NULL;
    data = calloc(1, 1 << 20);
    if (in == NULL || out == NULL || data == NULL)
        stop(f, path);
    size = fread(data, 1, 1 << 20, in);
    for (char *at = data; at + 10 < data + size; at++) {
        if (memcmp(at, "\"mid_block", 10) == 0)
            at[1] = 'l';
    }
    (void)fwrite(data, 1, size, out);
    (void)fclose(in), (void)fclose(out);
    weight_store_close(f->store);
    if (weight_store_open_file(first, NULL, &f->store, &f->e) != ST_OK)
        stop(f, first);
    l.store = f->store;
    m = motion_load(&l, json, &f->config);
    ok(m != NULL && m->shares_norms, "the first version has its norms over all frames");
    free(data);
    (void)unlink(first);
}

static void
test_refusals(struct fixture *f, const struct json *json)
{
    struct unet_config other = f->config;
    struct motion *m;

    other.widths[1] = 24;
    ok(load(f, "diffusion_pytorch_model", json, &other) == NULL,
       "modules of other widths are refused");
    ok(strstr(f->e.message, "motion_modules.0") != NULL, "  by name: %s", f->e.message);
    ok(load(f, "diffusion_pytorch_model", NULL, &f->config) == NULL,
       "so is a configuration that does not fit");
    m = load(f, "diffusion_pytorch_model", json, &f->config);
    is_int(unet_set_motion(f->unet, m, 25, &f->e), ST_INVALID, "so are clips that are too long");
    is_int(unet_set_motion(f->unet, NULL, 0, &f->e), ST_OK, "the modules can be taken off");
    is_int((int64_t)unet_channels(f->unet), 4, "  with their channels");
}

/* A whole clip like the reference's. */
static void
test_pixels(struct fixture *f, struct pipeline *p, const struct generate_params *params,
            const char *set)
{
    size_t count, s[4];
    float *want = expected(f, set, "pixels", &count, s);
    double error = 0.0, psnr;
    struct image image;

    if (generate(p, params, NULL, &image, &f->e) != ST_OK)
        stop(f, "a clip");
    is_int(3 * (int64_t)image.width * image.height, (int64_t)count, "a clip of the right size");
    for (size_t i = 0; i < count; i++) {
        double d = (double)image.pixels[i] - floor((double)want[i] + 0.5);

        error += d * d / (double)count;
    }
    psnr = error > 0.0 ? 10.0 * log10(255.0 * 255.0 / error) : INFINITY;
    ok(psnr >= PSNR_LEAST, "  like the reference: %.1f dB", psnr);
    image_release(&image);
    free(want);
}

/* Two clips in one batch: each has the bytes that it has alone. */
static void
test_together(struct fixture *f, struct pipeline *p, const struct generate_params *params)
{
    struct generate_params other = *params;
    const struct generate_params *both[2] = {&other, params};
    struct image images[2], alone;
    struct err errors[2];
    int status[2];

    other.seed = 8;
    other.guidance = 5.0;
    if (generate(p, params, NULL, &alone, &f->e) != ST_OK ||
        generate_many(p, both, 2, NULL, images, status, errors) != ST_OK)
        stop(f, "two clips");
    ok(memcmp(images[1].pixels, alone.pixels, (size_t)FRAMES * 24 * 24 * 3) == 0,
       "  one of two has the same bytes");
    image_release(&images[0]);
    image_release(&images[1]);
    image_release(&alone);
}

/* Clips through the pipeline, and pictures between them, which must not know of it. */
static void
test_clips(struct fixture *f)
{
    uint8_t pixels[24 * 24 * 3];
    const struct image source = {24, 24, pixels};
    struct generate_params clip = {.kind = GENERATE_ANIMATE,
                                   .prompt = "a red sun over a blue sea",
                                   .width = 24,
                                   .height = 24,
                                   .steps = 3,
                                   .guidance = 3.0,
                                   .seed = 7,
                                   .frames = FRAMES};
    struct generate_params text = clip;
    struct pipeline *p = NULL;
    struct image image, plain, again;
    char path[1100], motion[1100];

    text.kind = GENERATE_TEXT;
    for (size_t i = 0; i < sizeof pixels; i++)
        pixels[i] = (uint8_t)(i * 37 % 256);
    (void)snprintf(path, sizeof path, "%s/tiny-lcm", f->data);
    (void)snprintf(motion, sizeof motion, "%s/motion", f->data);
    if (pipeline_open(path, 2, &p, &f->e) != ST_OK)
        stop(f, "tiny-lcm opens");
    is_int(generate(p, &clip, NULL, &image, &f->e), ST_UNSUPPORTED, "no clip without modules");
    is_int(generate(p, &text, NULL, &plain, &f->e), ST_OK, "a picture");
    is_int(pipeline_set_motion(p, path, &f->e), ST_IO, "what is no module is refused");
    is_int(pipeline_set_motion(p, motion, &f->e), ST_OK, "modules are opened");
    test_pixels(f, p, &clip, "original");
    test_together(f, p, &clip);
    is_int(generate(p, &text, NULL, &again, &f->e), ST_OK, "a picture after it");
    ok(memcmp(plain.pixels, again.pixels, sizeof pixels) == 0, "  has the same bytes");
    clip.frames = GENERATE_FRAMES + 1;
    is_int(generate(p, &clip, NULL, &image, &f->e), ST_INVALID, "a clip that is too long");
    clip.frames = FRAMES;
    (void)snprintf(motion, sizeof motion, "%s/motion/continue", f->data);
    is_int(pipeline_set_motion(p, motion, &f->e), ST_OK, "modules that continue a picture");
    is_int(generate(p, &clip, NULL, &image, &f->e), ST_INVALID, "  and want one");
    clip.source = &source;
    test_pixels(f, p, &clip, "diffusers");
    image_release(&plain);
    image_release(&again);
    pipeline_close(p);
}

int
main(void)
{
    struct fixture f;
    struct json *json;
    struct motion *m;

    fixture_open(&f);
    json = read_json(&f, "motion");
    if ((m = load(&f, "diffusion_pytorch_model", json, &f.config)) == NULL)
        stop(&f, "original names");
    is_int((int64_t)m->frames, 24, "the file says how long clips may be");
    ok(m->mid.width == 16, "original names, a module in the middle");
    test_module(&f, m, "original");
    test_whole(&f, m, "original", "original", 4);
    ok(!m->shares_norms, "norms are per frame");
    m->shares_norms = true;
    test_whole(&f, m, "original", "shared", 4);
    test_first(&f, json);
    if ((m = load(&f, "continue/diffusion_pytorch_model", json, &f.config)) == NULL)
        stop(&f, "names of diffusers");
    is_int((int64_t)m->frames, 32, "where it says nothing, the configuration does");
    ok(m->mid.width == 0, "names of diffusers, none in the middle");
    test_module(&f, m, "diffusers");
    test_whole(&f, m, "diffusers", "diffusers", 9);
    test_refusals(&f, json);
    test_clips(&f);
    json_free(json);
    safetensors_close(f.expected);
    engine_release(&f.g);
    weight_store_close(f.unet_store);
    weight_store_close(f.store);
    arena_free(f.arena);
    return tap_done();
}
