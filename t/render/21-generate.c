/*
 * generate() as its callers see it: the same bytes for any number of threads, hooks, cancel,
 * previews, refusals.
 */
#include <unistd.h>

#include "common/err.h"
#include "render/pipeline/generate.h"
#include "t/lib/tap.h"

static char folder[1024];

struct watch {
    int calls, last, stop_at, previews, preview_step, preview_side;
    bool in_order, colourful;
};

static int
on_progress(void *ctx, int member, int step, int steps)
{
    struct watch *w = ctx;

    w->in_order =
        member == 0 && (w->calls == 0 || w->in_order) && step == w->calls && step <= steps;
    w->calls++;
    w->last = step;
    return w->stop_at >= 0 && step >= w->stop_at;
}

static void
on_preview(void *ctx, int member, int step, const struct image *image)
{
    struct watch *w = ctx;
    int lowest = 255, highest = 0;

    (void)member;
    w->previews++;
    w->preview_step = step;
    w->preview_side = image->width;
    for (int i = 0; i < 3 * image->width * image->height; i++) {
        lowest = image->pixels[i] < lowest ? image->pixels[i] : lowest;
        highest = image->pixels[i] > highest ? image->pixels[i] : highest;
    }
    w->colourful = highest - lowest > 20;
}

static struct generate_params
standard(void)
{
    return (struct generate_params){.prompt = "a red sun over a blue sea",
                                    .negative_prompt = "",
                                    .width = 64,
                                    .height = 64,
                                    .steps = 3,
                                    .guidance = 4.0,
                                    .seed = 11,
                                    .sampler = SAMPLER_DDIM};
}

static struct pipeline *
open_with(int threads)
{
    struct pipeline *p;
    struct err e;

    if (pipeline_open(folder, threads, &p, &e) != ST_OK) {
        ok(false, "the model opens: %s", e.message);
        exit(1);
    }
    return p;
}

static bool
same(const struct image *a, const struct image *b)
{
    return a->width == b->width && a->height == b->height && a->pixels != NULL &&
           b->pixels != NULL &&
           memcmp(a->pixels, b->pixels, (size_t)(3 * a->width * a->height)) == 0;
}

static void
test_threads(struct pipeline *p)
{
    struct generate_params params = standard();
    struct image first, other;
    struct err e;

    is_int(generate(p, &params, NULL, &first, &e), ST_OK, "a picture with one thread");
    for (int threads = 2; threads <= 5; threads += 3) {
        struct pipeline *more = open_with(threads);

        is_int(generate(more, &params, NULL, &other, &e), ST_OK, "and with more");
        ok(same(&first, &other), "has the same bytes with %d", threads);
        image_release(&other);
        pipeline_close(more);
    }
    is_int(generate(p, &params, NULL, &other, &e), ST_OK, "once more");
    ok(same(&first, &other), "has the same bytes, now with the empty prompt from the cache");
    image_release(&other);
    params.seed = 12;
    is_int(generate(p, &params, NULL, &other, &e), ST_OK, "another seed");
    ok(!same(&first, &other), "is another picture");
    image_release(&other);
    params.seed = 11;
    params.negative_prompt = "stars";
    is_int(generate(p, &params, NULL, &other, &e), ST_OK, "another negative prompt");
    ok(!same(&first, &other), "is another picture, the cache notwithstanding");
    image_release(&other);
    image_release(&first);
}

static void
test_hooks(struct pipeline *p)
{
    struct generate_params params = standard();
    struct watch w = {.stop_at = -1};
    struct generate_hooks hooks = {
        .ctx = &w, .progress = on_progress, .preview = on_preview, .preview_every = 2};
    struct image plain, watched;
    struct err e;

    params.steps = 5;
    is_int(generate(p, &params, NULL, &plain, &e), ST_OK, "without hooks");
    is_int(generate(p, &params, &hooks, &watched, &e), ST_OK, "with hooks");
    ok(same(&plain, &watched), "watching changes nothing");
    image_release(&plain);
    image_release(&watched);
    ok(w.in_order && w.calls == 6 && w.last == 5, "progress counts from 0 to the last step");
    is_int(w.previews, 2, "previews after steps 2 and 4");
    is_int(w.preview_side, 32, "a preview is half as large as the picture");
    ok(w.colourful, "and shows something");
}

static void
test_cancel(struct pipeline *p)
{
    struct generate_params params = standard();
    struct image image;
    struct err e;

    params.steps = 50;
    for (int at = 0; at < 8; at += 3) {
        struct watch w = {.stop_at = at};
        struct generate_hooks hooks = {.ctx = &w, .progress = on_progress};

        is_int(generate(p, &params, &hooks, &image, &e), ST_CANCELLED, "cancelled");
        is_int(w.last, at, "  at once");
        ok(image.pixels == NULL, "  and nothing is left behind");
    }
    params.steps = 2;
    is_int(generate(p, &params, NULL, &image, &e), ST_OK, "the next picture is none the worse");
    image_release(&image);
}

static void
test_sizes(struct pipeline *p)
{
    static const int SIDES[][2] = {{4, 4}, {64, 20}, {52, 76}, {128, 64}};
    struct generate_params params = standard();
    struct image image;
    struct err e;

    params.steps = 1;
    for (size_t i = 0; i < sizeof SIDES / sizeof *SIDES; i++) {
        params.width = SIDES[i][0];
        params.height = SIDES[i][1];
        params.sampler = i % 2 == 0 ? SAMPLER_DDIM : SAMPLER_EULER;
        params.guidance = i % 2 == 0 ? 1.0 : 2.0;
        is_int(generate(p, &params, NULL, &image, &e), ST_OK, "an odd size");
        ok(image.width == SIDES[i][0] && image.height == SIDES[i][1], "  is %d x %d", SIDES[i][0],
           SIDES[i][1]);
        image_release(&image);
    }
}

static void
refused(struct pipeline *p, struct generate_params params, const char *what)
{
    struct image image;
    struct err e;

    ok(generate(p, &params, NULL, &image, &e) == ST_INVALID && image.pixels == NULL,
       "refused: %s: %s", what, e.message);
}

static void
test_refusals(struct pipeline *p)
{
    static char endless[5000];
    struct generate_params good = standard(), bad;

    bad = good, bad.width = 66;
    refused(p, bad, "a width between the multiples");
    bad = good, bad.height = 0;
    refused(p, bad, "no height");
    bad = good, bad.height = -64;
    refused(p, bad, "a negative height");
    bad = good, bad.width = 1 << 20;
    refused(p, bad, "an endless width");
    bad = good, bad.steps = 0;
    refused(p, bad, "no steps");
    bad = good, bad.steps = 1001;
    refused(p, bad, "too many steps");
    bad = good, bad.guidance = NAN;
    refused(p, bad, "a guidance that is no number");
    bad = good, bad.guidance = -1.0;
    refused(p, bad, "a negative guidance");
    bad = good, bad.prompt = "caf\xe9";
    refused(p, bad, "Latin-1");
    bad = good, bad.prompt = NULL;
    refused(p, bad, "no prompt");
    bad = good, bad.negative_prompt = "\xed\xa0\x80";
    refused(p, bad, "half of a surrogate pair");
    memset(endless, 'a', sizeof endless - 1);
    bad = good, bad.prompt = endless;
    refused(p, bad, "an endless prompt");
    bad = good, bad.sampler = (enum generate_sampler)7;
    refused(p, bad, "an unknown sampler");
}

/* Weights are read where they are mapped: a file that was cut short must not kill the process. */
static void
test_cut_short(void)
{
    struct generate_params params = {.prompt = "a", .width = 32, .height = 32, .steps = 1};
    char copy[] = "/tmp/gempix-generate-XXXXXX", line[2400], file[200];
    struct pipeline *p = NULL;
    struct image image;
    struct err e;

    if (mkdtemp(copy) == NULL)
        exit(1);
    (void)snprintf(line, sizeof line, "cp -rL '%s' '%s/model'", folder, copy);
    (void)snprintf(file, sizeof file, "%s/model", copy);
    if (system(line) != 0 || pipeline_open(file, 1, &p, &e) != ST_OK)
        exit(1);
    is_int(generate(p, &params, NULL, &image, &e), ST_OK, "a copy of the model draws");
    image_release(&image);
    (void)snprintf(file, sizeof file, "%s/model/unet/diffusion_pytorch_model.safetensors", copy);
    is_int(truncate(file, 5000), 0, "its weights are cut short while it is open");
    is_int(generate(p, &params, NULL, &image, &e), ST_IO, "  which is told");
    ok(strstr(e.message, "cut short") != NULL, "  in words: %s", e.message);
    pipeline_close(p);
    (void)snprintf(line, sizeof line, "rm -r '%s'", copy);
    if (system(line) != 0)
        exit(1);
}

int
main(void)
{
    const char *source = getenv("GEMPIX_SRC");
    struct pipeline_info info;
    struct pipeline *p;
    struct err e;

    (void)snprintf(folder, sizeof folder, "%s/t/data/tiny-a", source != NULL ? source : ".");
    p = open_with(1);
    pipeline_describe(p, &info);
    is_str(info.name, "tiny-a", "the model's name is its folder's");
    ok(info.native_size == 64 && info.multiple == 4 && info.max_tokens == 75,
       "native size, multiple, tokens");
    ok(info.weight_bytes > 1000000 && info.weight_bytes < 3000000, "bytes of weights");
    test_threads(p);
    test_hooks(p);
    test_cancel(p);
    test_sizes(p);
    test_refusals(p);
    pipeline_close(p);
    test_cut_short();
    is_int(pipeline_open("/nonexistent", 1, &p, &e), ST_IO, "no such model");
    ok(p == NULL, "leaves nothing");
    pipeline_close(NULL);
    return tap_done();
}
