/*
 * A picture that was left half made ends with the same bytes, wherever it goes on; states that are
 * damaged, or belong to another picture, are refused.
 */
#include "common/crypto.h"
#include "common/err.h"
#include "render/pipeline/generate.h"
#include "t/lib/tap.h"

#define SIDE 40
#define STEPS 5
#define SUM 48 /* where a state has the digest of what follows, and where that begins */
#define REST 80

static struct pipeline *p;
static struct err e;
static uint8_t values[SIDE * SIDE], pixels[3 * SIDE * SIDE];
static struct image source = {SIDE, SIDE, pixels};
static struct mask mask = {SIDE, SIDE, values};

struct states {
    void *data[STEPS + 1];
    size_t size[STEPS + 1];
    int first, count;
};

static void
on_state(void *ctx, int member, int step, const void *data, size_t size)
{
    struct states *s = ctx;

    (void)member;
    free(s->data[step]);
    s->data[step] = malloc(size);
    memcpy(s->data[step], data, size);
    s->size[step] = size;
    s->count++;
}

static int
on_progress(void *ctx, int member, int step, int steps)
{
    struct states *s = ctx;

    (void)member, (void)steps;
    if (s->first < 0)
        s->first = step;
    return 0;
}

static void
release(struct states *s)
{
    for (int i = 0; i <= STEPS; i++)
        free(s->data[i]);
}

static struct generate_params
standard(enum generate_sampler sampler)
{
    return (struct generate_params){.prompt = "a red sun over a blue sea",
                                    .width = SIDE,
                                    .height = SIDE,
                                    .steps = STEPS,
                                    .guidance = 3.0,
                                    .seed = 5,
                                    .sampler = sampler};
}

static bool
same(const struct image *a, const struct image *b)
{
    return a->pixels != NULL && b->pixels != NULL && a->width == b->width &&
           memcmp(a->pixels, b->pixels, (size_t)(3 * a->width * a->height)) == 0;
}

static void
test_go_on(struct generate_params params, const char *what)
{
    struct states s = {.first = -1}, t = {.first = -1};
    struct generate_hooks hooks = {
        .ctx = &s, .progress = on_progress, .state = on_state, .state_every = 1};
    struct image whole, rest;

    is_int(generate(p, &params, &hooks, &whole, &e), ST_OK, what);
    ok(s.count >= 3 && s.first == 0, "  a state after every step");
    hooks.ctx = &t;
    for (int k = 1; k <= s.count; k++) {
        params.resume = s.data[k];
        params.resume_size = s.size[k];
        t.first = -1;
        is_int(generate(p, &params, &hooks, &rest, &e), ST_OK, "  going on");
        ok(t.first == k && same(&whole, &rest), "  after step %d ends with the same bytes", k);
        image_release(&rest);
    }
    image_release(&whole);
    release(&s), release(&t);
}

/* One that is new, and two that were left at different steps, in one batch. */
static void
test_together(void)
{
    struct generate_params params[3];
    const struct generate_params *list[3];
    struct states s = {.first = -1};
    struct generate_hooks hooks = {.ctx = &s, .state = on_state, .state_every = 1};
    struct image whole[3], out[3];
    struct err errors[3];
    int status[3];

    for (int i = 0; i < 3; i++) {
        params[i] = standard(SAMPLER_DPM);
        params[i].seed = 20 + (uint32_t)i;
        list[i] = &params[i];
        (void)generate(p, &params[i], i == 2 ? &hooks : NULL, &whole[i], &e);
    }
    params[2].resume = s.data[3];
    params[2].resume_size = s.size[3];
    is_int(generate_many(p, list, 3, NULL, out, status, errors), ST_OK,
           "new ones and one that goes on");
    for (int i = 0; i < 3; i++) {
        ok(same(&whole[i], &out[i]), "  member %d as alone", i);
        image_release(&out[i]);
    }
    params[2].resume_size--;
    is_int(generate_many(p, list, 3, NULL, out, status, errors), ST_INVALID, "a bad state");
    ok(status[0] == ST_OK && status[1] == ST_OK && status[2] == ST_INVALID,
       "  stops its member alone");
    ok(same(&whole[0], &out[0]) && same(&whole[1], &out[1]), "  the others are as alone");
    for (int i = 0; i < 3; i++)
        image_release(&out[i]);
    /* Numbers that overflow in the U-Net, in one member only. */
    params[2].resume_size++;
    for (size_t at = REST + 16; at < s.size[3]; at += 4)
        memcpy((char *)s.data[3] + at, &(float){3e38f}, sizeof(float));
    crypto_sha256((char *)s.data[3] + REST, s.size[3] - REST, (uint8_t *)s.data[3] + SUM);
    is_int(generate_many(p, list, 3, NULL, out, status, errors), ST_INTERNAL, "one overflows");
    ok(strstr(errors[2].detail, "unet layer") != NULL, "  the layer is named: %s",
       errors[2].detail);
    ok(out[2].pixels == NULL && same(&whole[0], &out[0]) && same(&whole[1], &out[1]),
       "  the others are as alone");
    for (int i = 0; i < 3; i++) {
        image_release(&whole[i]);
        image_release(&out[i]);
    }
    release(&s);
}

/* Clips are larger; and what was added to a model belongs to what a picture is made from. */
static void
test_extras(const char *source_tree)
{
    struct generate_params params = standard(SAMPLER_DDIM);
    struct states s = {.first = -1};
    struct generate_hooks hooks = {.ctx = &s, .state = on_state, .state_every = 1};
    struct pipeline_extras eight = {.int8 = true};
    struct pipeline *first = p;
    struct image image;
    char path[1024];

    (void)generate(p, &params, &hooks, &image, &e);
    image_release(&image);
    (void)snprintf(path, sizeof path, "%s/t/data/tiny-a", source_tree);
    is_int(pipeline_open_with(path, 2, &eight, &p, &e), ST_OK, "the model in 8 bits");
    params.resume = s.data[2], params.resume_size = s.size[2];
    is_int(generate(p, &params, NULL, &image, &e), ST_INVALID, "  does not go on with its state");
    release(&s);
    pipeline_close(p);
    (void)snprintf(path, sizeof path, "%s/t/data/tiny-lcm", source_tree);
    is_int(pipeline_open(path, 2, &p, &e), ST_OK, "another model");
    (void)snprintf(path, sizeof path, "%s/t/data/motion", source_tree);
    is_int(pipeline_set_motion(p, path, &e), ST_OK, "with motion modules");
    params = standard(SAMPLER_DPM);
    params.kind = GENERATE_ANIMATE;
    params.frames = 3;
    test_go_on(params, "a clip");
    pipeline_close(p);
    p = first;
}

/* --- hostile states --- */

static void
refused(struct generate_params params, const void *data, size_t size, const char *what)
{
    struct image image;

    params.resume = data;
    params.resume_size = size;
    if (!ok(generate(p, &params, NULL, &image, &e) == ST_INVALID && image.pixels == NULL,
            "refused: %s", what))
        diag("%s", e.message);
    image_release(&image);
}

/* Changes four bytes and sets the digest right again. */
static void
forge(struct generate_params params, const struct states *s, size_t at, uint32_t value,
      const char *what)
{
    uint8_t *copy = malloc(s->size[2]);

    memcpy(copy, s->data[2], s->size[2]);
    for (size_t i = 0; i < 4; i++)
        copy[at + i] = (uint8_t)(value >> 8 * i);
    crypto_sha256(copy + REST, s->size[2] - REST, copy + SUM);
    refused(params, copy, s->size[2], what);
    free(copy);
}

static void
test_hostile(void)
{
    struct generate_params params = standard(SAMPLER_DPM), other;
    struct states s = {.first = -1};
    struct generate_hooks hooks = {.ctx = &s, .state = on_state, .state_every = 2};
    struct image image;
    bool all = true;
    uint8_t *copy;

    (void)generate(p, &params, &hooks, &image, &e);
    image_release(&image);
    ok(s.data[1] == NULL && s.data[2] != NULL && s.data[4] != NULL, "states after 2 and 4 steps");
    for (size_t size = 0; size < s.size[2]; size += 1 + s.size[2] / 50) {
        params.resume = s.data[2], params.resume_size = size;
        all = all && generate(p, &params, NULL, &image, &e) == ST_INVALID;
    }
    ok(all, "cut short anywhere, it is refused");
    copy = malloc(s.size[2] + 1);
    memcpy(copy, s.data[2], s.size[2]);
    for (size_t i = 0; i < s.size[2]; i += i < REST + 16 ? 1 : 97) {
        copy[i] ^= 1 << i % 8;
        params.resume = copy, params.resume_size = s.size[2];
        all = all && generate(p, &params, NULL, &image, &e) == ST_INVALID;
        copy[i] ^= 1 << i % 8;
    }
    ok(all, "with a bit turned anywhere, it is refused");
    refused(params, copy, s.size[2] + 1, "one byte too many");
    forge(params, &s, REST, 0, "step 0");
    forge(params, &s, REST, STEPS + 1, "a step behind the last");
    forge(params, &s, REST, UINT32_MAX, "an endless step");
    forge(params, &s, REST + 4, 1, "one array too few");
    forge(params, &s, REST + 4, 0, "no arrays");
    forge(params, &s, REST + 8, 1, "another count");
    forge(params, &s, REST + 12, 1, "an endless count");
    forge(params, &s, REST + 16, 0x7fc00000, "NaN");
    forge(params, &s, (uint32_t)s.size[2] - 4, 0xff800000, "Inf in what the sampler remembers");
    other = params, other.seed++;
    refused(other, s.data[2], s.size[2], "another seed");
    other = params, other.prompt = "a boat";
    refused(other, s.data[2], s.size[2], "another prompt");
    other = params, other.negative_prompt = "a boat";
    refused(other, s.data[2], s.size[2], "another negative prompt");
    other = params, other.guidance = 3.5;
    refused(other, s.data[2], s.size[2], "another guidance");
    other = params, other.sampler = SAMPLER_DPM_KARRAS;
    refused(other, s.data[2], s.size[2], "another sampler");
    other = params, other.width = SIDE + 4;
    refused(other, s.data[2], s.size[2], "another width");
    free(copy);
    release(&s);
}

int
main(void)
{
    static const enum generate_sampler SAMPLERS[] = {SAMPLER_DDIM, SAMPLER_EULER_ANCESTRAL,
                                                     SAMPLER_DPM, SAMPLER_DPM_KARRAS, SAMPLER_LCM};
    const char *folder = getenv("GEMPIX_SRC");
    struct generate_params params;
    char path[1024];

    (void)snprintf(path, sizeof path, "%s/t/data/tiny-a", folder != NULL ? folder : ".");
    if (pipeline_open(path, 2, &p, &e) != ST_OK) {
        ok(false, "the model opens: %s", e.message);
        return tap_done();
    }
    for (size_t i = 0; i < SIDE * SIDE; i++) {
        values[i] = i % SIDE > 12 ? 255 : 0;
        pixels[3 * i] = (uint8_t)(i % 251);
        pixels[3 * i + 1] = (uint8_t)(i / SIDE * 6);
        pixels[3 * i + 2] = (uint8_t)(255 - i % SIDE * 5);
    }
    for (size_t i = 0; i < sizeof SAMPLERS / sizeof *SAMPLERS; i++)
        test_go_on(standard(SAMPLERS[i]), generate_sampler_name(SAMPLERS[i]));
    params = standard(SAMPLER_EULER);
    params.kind = GENERATE_INPAINT;
    params.source = &source;
    params.mask = &mask;
    test_go_on(params, "with a mask");
    params.kind = GENERATE_IMAGE;
    params.strength = 0.6;
    test_go_on(params, "from a picture");
    test_together();
    test_extras(folder != NULL ? folder : ".");
    test_hostile();
    pipeline_close(p);
    return tap_done();
}
