/*
 * Clean-up with a tiny LaMa: what changes and what does not, pieces, reduced holes, masks that
 * cannot be.
 */
#include "render/model/lama.h"
#include "render/pipeline/cleanup.h"
#include "render/pipeline/generate.h"
#include "render/pipeline/hole.h"
#include "t/render/net_fixture.h"

static struct image
make_image(int width, int height)
{
    struct image image = {width, height, malloc((size_t)(3 * width * height))};
    float *noise = random_floats(9, (size_t)(3 * width * height));

    for (int i = 0; i < 3 * width * height; i++)
        image.pixels[i] = (uint8_t)fmin(255.0, fmax(0.0, 128.0 + 40.0 * (double)noise[i]));
    free(noise);
    return image;
}

static struct image
make_mask(const struct image *like)
{
    struct image mask = {like->width, like->height,
                         calloc((size_t)(3 * like->width * like->height), 1)};

    return mask;
}

static void
mark(struct image *mask, int x0, int y0, int x1, int y1)
{
    for (int y = y0; y < y1; y++)
        memset(mask->pixels + 3 * (y * mask->width + x0), 255, (size_t)(3 * (x1 - x0)));
}

/* Pixels that differ: outside the mask, and inside. */
static void
differences(const struct image *a, const struct image *b, const struct image *mask, int *outside,
            int *inside)
{
    *outside = *inside = 0;
    for (int i = 0; i < a->width * a->height; i++) {
        if (memcmp(a->pixels + 3 * i, b->pixels + 3 * i, 3) != 0)
            (*(mask->pixels[3 * i] != 0 ? inside : outside))++;
    }
}

/* The whole picture goes through the network at once: what the network says is in the hole. */
static void
test_against_network(struct cleanup *c)
{
    struct image in = make_image(40, 24), mask = make_mask(&in), out;
    struct cleanup_params params = CLEANUP_PARAMS;
    struct tensor x = {NULL, 1, 24, 40, 4}, y = {NULL, 1, 24, 40, 3};
    int outside, inside, wrong = 0;
    struct lama *m;
    struct net f;

    mark(&mask, 11, 6, 21, 17);
    is_int(cleanup(c, &params, &in, &mask, NULL, NULL, &out, &f.e), ST_OK, "a hole is filled");
    differences(&in, &out, &mask, &outside, &inside);
    is_int(outside, 0, "nothing changes outside the mask");
    ok(inside > 100, "nearly all inside does: %d of 110", inside);
    net_open(&f, "lama");
    m = lama_load(&f.loader);
    x.data = malloc(tensor_count(&x) * sizeof *x.data);
    y.data = malloc(tensor_count(&y) * sizeof *y.data);
    for (size_t i = 0; i < 24 * 40; i++) {
        x.data[4 * i + 3] = mask.pixels[3 * i] != 0 ? 1.0f : 0.0f;
        for (size_t k = 0; k < 3; k++)
            x.data[4 * i + k] = (1.0f - x.data[4 * i + 3]) * (float)in.pixels[3 * i + k] / 255.0f;
    }
    NET_RUN(&f, lama_run(&f.solo.engine, m, &x, &y));
    for (int i = 0; i < 3 * 24 * 40; i++) {
        int px = i / 3 % 40, py = i / 120, deep = 3;

        deep = px - 10 < deep ? px - 10 : deep;
        deep = 21 - px < deep ? 21 - px : deep;
        deep = py - 5 < deep ? py - 5 : deep;
        deep = 17 - py < deep ? 17 - py : deep;
        if (deep > 0) {
            double share = deep / 3.0;
            double want = share * 255.0 * (double)y.data[i] + (1.0 - share) * in.pixels[i];

            wrong += fabs(want - out.pixels[i]) > 0.51;
        }
    }
    is_int(wrong, 0, "it is what the network paints, with a soft edge");
    free(x.data), free(y.data);
    net_close(&f);
    image_release(&in), image_release(&mask), image_release(&out);
}

static int
stop(void *ctx, int done, int all)
{
    (void)ctx;
    return done < all;
}

/* Thin marks far apart, on odd sides: more than one cell, each with its own surroundings. */
static void
test_pieces(struct cleanup *c)
{
    struct image in = make_image(701, 67), mask = make_mask(&in), out;
    struct cleanup_params params = {.around = 24, .thickest = 256, .feather = 0};
    int outside, inside;
    struct err e;

    mark(&mask, 3, 60, 13, 67);
    mark(&mask, 690, 0, 701, 5);
    is_int(cleanup(c, &params, &in, &mask, NULL, NULL, &out, &e), ST_OK, "two marks far apart");
    differences(&in, &out, &mask, &outside, &inside);
    is_int(outside, 0, "nothing changes outside the mask");
    ok(inside >= 120, "all inside does: %d of 125", inside);
    image_release(&out);
    is_int(cleanup(c, &params, &in, &mask, stop, NULL, &out, &e), ST_CANCELLED,
           "it can be stopped");
    ok(out.pixels == NULL, "and gives nothing");
    image_release(&in), image_release(&mask);
}

/* A thick hole is solved small; its pixels then hang together, four by four. */
static void
test_thick(struct cleanup *c)
{
    struct image in = make_image(120, 90), mask = make_mask(&in), out;
    struct cleanup_params params = {.around = 8, .thickest = 16, .feather = 0};
    double rough = 0.0;
    int outside, inside;
    struct err e;

    mark(&mask, 20, 15, 80, 65);
    mark(&mask, 100, 80, 103, 85);
    is_int(cleanup(c, &params, &in, &mask, NULL, NULL, &out, &e), ST_OK, "a thick hole and a thin");
    differences(&in, &out, &mask, &outside, &inside);
    is_int(outside, 0, "nothing changes outside the mask");
    ok(inside > 2950, "all inside does: %d of 3015", inside);
    for (int x = 22; x < 78; x++)
        rough =
            fmax(rough, abs(out.pixels[3 * (40 * 120 + x)] - out.pixels[3 * (40 * 120 + x + 1)]));
    ok(rough <= 12.0, "the reduced hole has no steps: %.0f at most", rough);
    image_release(&in), image_release(&mask), image_release(&out);
}

static void
test_masks(struct cleanup *c)
{
    struct image in = make_image(30, 20), mask = make_mask(&in), out;
    struct image small = {15, 20, mask.pixels};
    struct cleanup_params params = CLEANUP_PARAMS;
    int outside, inside;
    struct err e;

    is_int(cleanup(c, &params, &in, &mask, NULL, NULL, &out, &e), ST_OK, "an empty mask");
    ok(memcmp(in.pixels, out.pixels, 3 * 30 * 20) == 0, "changes nothing");
    image_release(&out);
    is_int(cleanup(c, &params, &in, &small, NULL, NULL, &out, &e), ST_INVALID, "another size");
    ok(strstr(e.message, "15 x 20") != NULL, "is named: %s", e.message);
    mark(&mask, 10, 10, 11, 11);
    params.grow = 3;
    params.feather = 0;
    is_int(cleanup(c, &params, &in, &mask, NULL, NULL, &out, &e), ST_OK, "a mask that grows");
    differences(&in, &out, &mask, &outside, &inside);
    ok(outside + inside >= 47 && outside + inside <= 49, "to 49 pixels: %d", outside + inside);
    image_release(&out);
    params.thickest = 0;
    is_int(cleanup(c, &params, &in, &mask, NULL, NULL, &out, &e), ST_INVALID, "no thickness");
    params.thickest = 256;
    mark(&mask, 0, 0, 30, 20);
    is_int(cleanup(c, &params, &in, &mask, NULL, NULL, &out, &e), ST_INVALID, "a full mask");
    ok(out.pixels == NULL, "gives nothing");
    image_release(&in), image_release(&mask);
}

/* The pieces of a mask, and how deep they are. */
static void
test_hole(void)
{
    struct image in = make_image(50, 40), mask = make_mask(&in);
    struct hole_box box;
    struct hole h;
    struct err e;
    size_t deepest;

    mark(&mask, 5, 5, 14, 12);
    mark(&mask, 14, 12, 16, 30); /* touches by a corner */
    mark(&mask, 30, 0, 50, 20);
    is_int(hole_make(&mask, 0, &h, &e), ST_OK, "a mask");
    is_int((int64_t)h.count, 9 * 7 + 2 * 18 + 400, "its pixels");
    is_int(h.deep[8 * 50 + 9], 4, "the middle of seven rows");
    is_int(h.deep[0 * 50 + 49], 20, "the picture's border is not known either");
    box = hole_piece(&h, 8, 8, &deepest);
    ok(box.x0 == 5 && box.y0 == 5 && box.x1 == 16 && box.y1 == 30, "a piece");
    is_int((int64_t)deepest, 4, "its depth");
    box = hole_bounds(&h, (struct hole_box){20, 0, 40, 40});
    ok(box.x0 == 30 && box.y0 == 0 && box.x1 == 40 && box.y1 == 20, "bounds");
    hole_release(&h);
    image_release(&in), image_release(&mask);
}

/* One thread, two and three give the same bytes. */
static void
test_threads(void)
{
    struct image in = make_image(61, 44), mask = make_mask(&in), out[3];
    struct cleanup_params params = CLEANUP_PARAMS;
    char path[1100];
    struct err e;

    mark(&mask, 7, 9, 50, 30);
    net_path(path, "lama", "");
    for (int i = 0; i < 3; i++) {
        struct cleanup *c = NULL;

        ok(cleanup_open(path, i + 1, &c, &e) == ST_OK &&
               cleanup(c, &params, &in, &mask, NULL, NULL, &out[i], &e) == ST_OK,
           "%d threads", i + 1);
        cleanup_close(c);
        ok(memcmp(out[i].pixels, out[0].pixels, 3 * 61 * 44) == 0, "  the same bytes");
    }
    for (int i = 0; i < 3; i++)
        image_release(&out[i]);
    image_release(&in), image_release(&mask);
}

static int
open_cleanup(const char *path, struct err *e)
{
    struct cleanup *c = NULL;
    int rc = cleanup_open(path, 1, &c, e);

    cleanup_close(c);
    return rc;
}

int
main(void)
{
    struct cleanup *c = NULL;
    char path[1100];
    struct err e;

    net_path(path, "lama", "");
    if (cleanup_open(path, 2, &c, &e) != ST_OK) {
        diag("%s", e.message);
        exit(1);
    }
    test_hole();
    test_against_network(c);
    test_pieces(c);
    test_thick(c);
    test_masks(c);
    cleanup_close(c);
    test_threads();
    net_broken("lama", "generator.model.6.conv2.ffc.convg2g.fu.bn.running_var",
               "generator.model.6.conv2.ffc.convg2g.fu.bn.running_vaX", open_cleanup);
    net_broken("lama", "generator.model.8.weight", "generator.model.8.weighX", open_cleanup);
    net_broken("lama", "generator.model.1.ffc.convl2l", "generator.model.1.ffc.convl2X",
               open_cleanup);
    net_broken("lama", "generator.model.18.bias", "generator.model.18.biaX", open_cleanup);
    return tap_done();
}
