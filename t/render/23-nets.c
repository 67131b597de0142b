/*
 * Upscalers against the values that t/reference/dump_nets.py wrote, whole and in tiles, and weight
 * files in which something is missing or has another shape.
 */
#include <string.h>
#include <unistd.h>

#include "common/err.h"
#include "render/model/lama.h"
#include "render/model/upscaler.h"
#include "render/pipeline/generate.h"
#include "render/pipeline/upscale.h"
#include "t/render/net_fixture.h"

#define LIMIT 1e-7

static void
test_upscaler(const char *name, size_t factor, size_t reach)
{
    struct net f;
    struct upscaler u;
    struct err e;
    uint64_t s[4], t[4];
    size_t count, pixels;
    double *want;
    float *in, *result;
    struct tensor x, out;

    diag("%s", name);
    net_open(&f, name);
    upscaler_load(&f.loader, &u);
    if (!is_int(f.loader.rc, ST_OK, "it loads"))
        return;
    is_int((int64_t)u.factor, (int64_t)factor, "the factor is seen");
    is_int((int64_t)u.reach, (int64_t)reach, "the reach is seen");
    in = net_floats(&f, "x", &count, s);
    want = net_doubles(&f, "out", &pixels, t);
    result = malloc(pixels * sizeof *result);
    x = (struct tensor){in, s[0], s[1], s[2], s[3]};
    out = (struct tensor){result, t[0], t[1], t[2], t[3]};
    NET_RUN(&f, upscaler_run(&f.solo.engine, &u, &x, &out));
    near(result, want, pixels, LIMIT, "the network");
    is_int((int64_t)f.solo.engine.used, 0, "the workspace is given back");
    err_clear(&e);
    free(in), free(want), free(result);
    net_close(&f);
}

static struct image
make_image(int width, int height, uint32_t seed)
{
    struct image image = {width, height, malloc((size_t)(3 * width * height))};
    float *noise = random_floats(seed, (size_t)(3 * width * height));

    for (int i = 0; i < 3 * width * height; i++) {
        double wave = 120.0 + 80.0 * sin(i / 3 % width * 0.3) * cos(i / 3 / width * 0.2 + i % 3);

        image.pixels[i] = (uint8_t)fmin(255.0, fmax(0.0, wave + 20.0 * (double)noise[i]));
    }
    free(noise);
    return image;
}

static int
worst_byte(const struct image *a, const struct image *b)
{
    int worst = 0;

    if (a->width != b->width || a->height != b->height)
        return 255;
    for (int i = 0; i < 3 * a->width * a->height; i++) {
        int d = abs(a->pixels[i] - b->pixels[i]);

        worst = d > worst ? d : worst;
    }
    return worst;
}

static int
stop_at_two(void *ctx, int tile, int tiles)
{
    (void)ctx;
    (void)tiles;
    return tile == 2;
}

/* Tiles of the compact network give the picture that it gives whole. */
static void
test_tiles(void)
{
    struct image in = make_image(53, 37, 5), whole, tiled, half;
    struct upscale *u = NULL;
    char path[1100];
    struct err e;

    diag("tiles");
    net_path(path, "compact", "");
    is_int(upscale_open(path, 2, &u, &e), ST_OK, "the upscaler opens");
    is_int(upscale_factor(u), 4, "four times");
    is_int(upscale(u, &in, 0, NULL, NULL, &whole, &e), ST_OK, "the whole picture");
    is_int(whole.width, 212, "its width");
    upscale_tile(u, 16);
    is_int(upscale(u, &in, 4, NULL, NULL, &tiled, &e), ST_OK, "in tiles");
    is_int(worst_byte(&whole, &tiled), 0, "tiles leave no trace");
    is_int(upscale(u, &in, 2, NULL, NULL, &half, &e), ST_OK, "twice by a network for four times");
    is_int(half.height, 74, "its height");
    is_real(half.pixels[3 * (106 * 20 + 30)],
            (whole.pixels[3 * (212 * 40 + 60)] + whole.pixels[3 * (212 * 40 + 61)] +
             whole.pixels[3 * (212 * 41 + 60)] + whole.pixels[3 * (212 * 41 + 61)]) /
                4.0,
            1.0, "by averages");
    image_release(&half);
    is_int(upscale(u, &in, 3, NULL, NULL, &half, &e), ST_INVALID, "three times cannot be");
    ok(half.pixels == NULL, "and gives nothing");
    is_int(upscale(u, &(struct image){16000, 4000, in.pixels}, 0, NULL, NULL, &half, &e), ST_TOOBIG,
           "a picture that would be too large");
    is_int(upscale(u, &in, 0, stop_at_two, NULL, &half, &e), ST_CANCELLED, "it can be stopped");
    upscale_close(u);
    image_release(&whole), image_release(&tiled), image_release(&in);
}

/* Sides that are no multiple of the network's, in more than one tile. */
static void
test_odd(void)
{
    struct image in = make_image(45, 31, 6), whole, tiled;
    struct upscale *u = NULL;
    char path[1100];
    struct err e;

    diag("odd sides");
    net_path(path, "rrdb2", "");
    is_int(upscale_open(path, 2, &u, &e), ST_OK, "the upscaler opens");
    is_int(upscale(u, &in, 0, NULL, NULL, &whole, &e), ST_OK, "an odd picture");
    is_int(whole.width, 90, "its width");
    is_int(whole.height, 62, "its height");
    upscale_tile(u, 24);
    is_int(upscale(u, &in, 0, NULL, NULL, &tiled, &e), ST_OK, "in tiles");
    ok(worst_byte(&whole, &tiled) <= 40, "is much the same: worst %d", worst_byte(&whole, &tiled));
    upscale_close(u);
    image_release(&whole), image_release(&tiled), image_release(&in);
}

static int
open_upscaler(const char *path, struct err *e)
{
    struct upscale *u = NULL;
    int rc = upscale_open(path, 1, &u, e);

    upscale_close(u);
    return rc;
}

static void
test_lama(void)
{
    static const char *const CASES[][2] = {{"x", "out"}, {"prime.x", "prime.out"}};
    struct lama *m;
    struct net f;

    diag("lama");
    net_open(&f, "lama");
    m = lama_load(&f.loader);
    if (!is_int(f.loader.rc, ST_OK, "it loads")) {
        diag("%s", f.e.message);
        return;
    }
    is_int((int64_t)lama_multiple(m), 8, "sides are multiples of 8");
    for (size_t i = 0; i < 2; i++) {
        uint64_t s[4];
        size_t count, pixels;
        float *in = net_floats(&f, CASES[i][0], &count, s), *result;
        double *want = net_doubles(&f, CASES[i][1], &pixels, NULL);
        struct tensor x = {in, s[0], s[1], s[2], s[3]}, out = {NULL, s[0], s[1], s[2], 3};

        out.data = result = malloc(pixels * sizeof *result);
        NET_RUN(&f, lama_run(&f.solo.engine, m, &x, &out));
        /* Around the middle of the sigmoid, so that the constant does not hide the rest. */
        for (size_t k = 0; k < pixels; k++) {
            result[k] -= 0.5f;
            want[k] -= 0.5;
        }
        near(result, want, pixels, LIMIT, CASES[i][1]);
        free(in), free(want), free(result);
    }
    net_close(&f);
}

int
main(void)
{
    test_upscaler("compact", 4, 4);
    test_upscaler("rrdb", 4, 0);
    test_upscaler("rrdb2", 2, 0);
    test_lama();
    test_tiles();
    test_odd();
    net_broken("compact", "params.body.3.weight", "params.body.3.weighX", open_upscaler);
    net_broken("compact", "\"params.body.1.weight\"", "\"params.body.1.weighX\"", open_upscaler);
    net_broken("rrdb", "body.1.rdb2.conv4.bias", "body.1.rdb2.conv4.bia5", open_upscaler);
    net_broken("rrdb2", "conv_first.weight", "conv_first.weighX", open_upscaler);
    return tap_done();
}
