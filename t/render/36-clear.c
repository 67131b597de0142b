/*
 * Marks taken out without weights: what tints is lifted off almost exactly, what hides is filled
 * from the picture's own texture, pixels outside the mask never change, and neither the number of
 * threads nor a strange size matters. Textures and marks are made here.
 */
#include "common/err.h"
#include "render/engine/noise.h"
#include "render/pipeline/clear.h"
#include "render/pipeline/generate.h"
#include "t/lib/tap.h"

#define SIDE 160

static struct err e;

/* Smooth noise around 0 from a grid of `cell` pixels, deviation about 1. */
static double
noise_at(uint32_t stream, int x, int y, int cell)
{
    double fx = (double)(x % cell) / cell, fy = (double)(y % cell) / cell, sum = 0;

    for (int i = 0; i < 4; i++) {
        uint64_t at = (uint64_t)(y / cell + i / 2) * 4096 + (uint64_t)(x / cell + i % 2);
        float v;

        noise_normal(77, stream, at, 1, &v);
        sum += (double)v * (i % 2 ? fx : 1 - fx) * (i / 2 ? fy : 1 - fy);
    }
    return sum;
}

enum texture { SKY, GRAIN, STRIPES, TILES, TEXTURES };
static const char *const names[] = {"a sky", "grain", "stripes", "tiles"};

static void
colour_at(enum texture kind, int x, int y, double out[3])
{
    double v;

    switch (kind) {
    case SKY:
        v = y / (double)SIDE + 0.05 * noise_at(1, x, y, 40);
        out[0] = 60 + 150 * v, out[1] = 120 + 90 * v, out[2] = 210 + 20 * v;
        break;
    case GRAIN:
        v = noise_at(2, x, y, 32) + 0.5 * noise_at(3, x, y, 8) + 0.25 * noise_at(4, x, y, 2);
        out[0] = 120 + 32 * v, out[1] = 95 + 26 * v, out[2] = 60 + 18 * v;
        break;
    case STRIPES:
        v = sin((y + 2 * noise_at(5, x, y, 24)) * 0.7);
        out[0] = 150 + 40 * v, out[1] = 105 + 34 * v, out[2] = 70 + 20 * v;
        break;
    default:
        v = (x / 12 + y / 12) % 2 == 0 ? 1 : -1;
        out[0] = 128 + 70 * v, out[1] = 128 + 50 * v, out[2] = 120 - 30 * v;
        break;
    }
}

static struct image
texture(enum texture kind, int width, int height)
{
    struct image image = {width, height, malloc((size_t)width * (size_t)height * 3)};

    for (int i = 0; i < width * height; i++) {
        double c[3];

        colour_at(kind, i % width, i / width, c);
        for (int k = 0; k < 3; k++)
            image.pixels[3 * i + k] = (uint8_t)(fmin(fmax(c[k], 0), 255) + 0.5);
    }
    return image;
}

/* Slanted rows of rings with soft edges, 0 to 1. */
static double
mark_at(int x, int y)
{
    double u = x + 0.4 * y, v = y - 0.4 * x, row = floor(v / 34);
    double du = u - 44 * floor(u / 44) - 22, dv = v - 34 * row - 17;
    double r = sqrt(du * du + dv * dv);

    return fmin(fmax(3.6 - fabs(r - 9), 0), 1);
}

static struct image
mask_of(double (*shape)(int x, int y), int width, int height)
{
    struct image image = {width, height, malloc((size_t)width * (size_t)height * 3)};

    for (int i = 0; i < width * height; i++)
        memset(image.pixels + 3 * i, shape(i % width, i / width) > 0 ? 255 : 0, 3);
    return image;
}

static double
psnr(const struct image *a, const struct image *b)
{
    double sum = 0;
    int all = a->width * a->height * 3;

    if (a->pixels == NULL || b->pixels == NULL)
        return 0;
    for (int i = 0; i < all; i++)
        sum += (a->pixels[i] - b->pixels[i]) * (a->pixels[i] - b->pixels[i]);
    return 10 * log10(255.0 * 255.0 * all / (sum + 1e-9));
}

static bool
same_outside(const struct image *a, const struct image *b, const struct image *mask)
{
    if (b->pixels == NULL)
        return false;
    for (int i = 0; i < a->width * a->height; i++)
        if (mask->pixels[3 * i] == 0 && memcmp(a->pixels + 3 * i, b->pixels + 3 * i, 3) != 0)
            return false;
    return true;
}

/* --- lifting --- */

static void
test_lifting(enum texture kind, double opacity, const double ink[3], double least)
{
    struct image truth = texture(kind, SIDE, SIDE), dirty = texture(kind, SIDE, SIDE), out;
    struct image mask = mask_of(mark_at, SIDE, SIDE);
    struct clear_params params = {.threads = 1};
    enum clear_way way = CLEAR_TEXTURE;
    double before, after;

    for (int i = 0; i < SIDE * SIDE; i++) {
        double a = opacity * mark_at(i % SIDE, i / SIDE);

        for (int c = 0; c < 3; c++)
            dirty.pixels[3 * i + c] =
                (uint8_t)(truth.pixels[3 * i + c] * (1 - a) + ink[c] * a + 0.5);
    }
    before = psnr(&truth, &dirty);
    is_int(clear_marks(&params, &dirty, &mask, &out, &way, &e), ST_OK, "a mark is taken away");
    after = psnr(&truth, &out);
    ok((way == CLEAR_LIFTED || kind == STRIPES) && after >= least,
       "%s, opacity %.2f: gone, from %.1f to %.1f dB, at least %.0f", names[kind], opacity, before,
       after, least);
    ok(same_outside(&dirty, &out, &mask), "… and nothing else");
    image_release(&truth);
    image_release(&dirty);
    image_release(&mask);
    image_release(&out);
}

/* --- filling --- */

static double
blob(int x, int y)
{
    return fabs(x - 80.0) < 17 && fabs(y - 76.0) < 17 ? 1 : 0;
}

static double
thin(int x, int y)
{
    return abs(x - y) % 50 < 4 ? 1 : 0;
}

static void
test_filling(enum texture kind, double (*shape)(int, int), double least, const char *what)
{
    struct image truth = texture(kind, SIDE, SIDE), dirty = texture(kind, SIDE, SIDE), out;
    struct image mask = mask_of(shape, SIDE, SIDE);
    struct clear_params params = {.threads = 1, .never_lift = true, .seed = 5};
    enum clear_way way = CLEAR_LIFTED;

    for (int i = 0; i < SIDE * SIDE; i++) /* the hole's own pixels must not matter */
        if (mask.pixels[3 * i] != 0)
            memset(dirty.pixels + 3 * i, i % 251, 3);
    is_int(clear_marks(&params, &dirty, &mask, &out, &way, &e), ST_OK, "a hole is filled");
    ok(way == CLEAR_TEXTURE && psnr(&truth, &out) >= least, "%s, %s: %.1f dB, at least %.0f",
       names[kind], what, psnr(&truth, &out), least);
    ok(same_outside(&dirty, &out, &mask), "… and nothing else");
    image_release(&truth);
    image_release(&dirty);
    image_release(&mask);
    image_release(&out);
}

static void
test_threads(void)
{
    struct image in = texture(GRAIN, SIDE, SIDE), mask = mask_of(blob, SIDE, SIDE), out[3];
    enum clear_way way;

    for (int i = 0; i < 3; i++) {
        struct clear_params params = {
            .threads = i == 1 ? 3 : 1, .never_lift = true, .seed = i == 2};

        is_int(clear_marks(&params, &in, &mask, &out[i], &way, &e), ST_OK, "filled once more");
    }
    ok(memcmp(out[0].pixels, out[1].pixels, (size_t)SIDE * SIDE * 3) == 0,
       "three threads give the bytes of one");
    ok(memcmp(out[0].pixels, out[2].pixels, (size_t)SIDE * SIDE * 3) != 0,
       "another seed gives others");
    for (int i = 0; i < 3; i++)
        image_release(&out[i]);
    image_release(&in);
    image_release(&mask);
}

/* --- strange input --- */

static double
most(int x, int y)
{
    return x == 0 && y == 0 ? 0 : 1;
}

static double
none(int x, int y)
{
    (void)x;
    (void)y;
    return 0;
}

static double
everything(int x, int y)
{
    (void)x;
    (void)y;
    return 1;
}

static void
test_sizes(void)
{
    static const int sizes[][2] = {{1, 1}, {1, 40}, {7, 7}, {8, 3}, {13, 90}, {600, 6}, {33, 64}};
    bool good = true;

    for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
        for (int shape = 0; shape < 3; shape++) {
            struct clear_params params = {.threads = 2, .never_lift = shape != 1};
            struct image in = texture(TILES, sizes[i][0], sizes[i][1]), out;
            struct image mask = mask_of(shape == 0   ? most
                                        : shape == 1 ? thin
                                                     : none,
                                        in.width, in.height);
            enum clear_way way;
            int rc = clear_marks(&params, &in, &mask, &out, &way, &e);
            bool all = in.width * in.height == 1 && shape == 1;

            good =
                good && rc == (all ? ST_INVALID : ST_OK) && (all || same_outside(&in, &out, &mask));
            image_release(&in);
            image_release(&mask);
            image_release(&out);
        }
    }
    ok(good, "pictures of every size, with holes of all but one pixel and with none");
}

static int
stop(void *ctx, int done, int all)
{
    *(int *)ctx += 1;
    return done > 1 && all > 1;
}

static void
test_refused(void)
{
    struct image in = texture(SKY, 40, 40), mask = mask_of(everything, 40, 40), out;
    struct image small = mask_of(none, 39, 40), hole = mask_of(most, 40, 40);
    struct clear_params params = {.threads = 1};
    enum clear_way way;
    int calls = 0;

    is_int(clear_marks(&params, &in, &mask, &out, &way, &e), ST_INVALID,
           "a mask over everything is refused");
    ok(strstr(e.message, "whole picture") != NULL, "… with a sentence");
    is_int(clear_marks(&params, &in, &small, &out, &way, &e), ST_INVALID,
           "a mask of another size is refused");
    ok(strstr(e.message, "39 x 40") != NULL, "… with both sizes");
    params.never_lift = true;
    params.progress = stop;
    params.ctx = &calls;
    is_int(clear_marks(&params, &in, &hole, &out, &way, &e), ST_CANCELLED, "it can be stopped");
    ok(calls == 2 && out.pixels == NULL, "… at once, and leaves nothing");
    image_release(&in);
    image_release(&mask);
    image_release(&small);
    image_release(&hole);
}

int
main(void)
{
    static const double white[3] = {255, 255, 255}, black[3] = {0, 0, 0}, red[3] = {230, 40, 50};

    test_lifting(SKY, 0.4, white, 50);
    test_lifting(GRAIN, 0.35, white, 38);
    test_lifting(STRIPES, 0.5, black, 38);
    test_lifting(GRAIN, 0.45, red, 44);
    test_filling(SKY, blob, 50, "a square");
    test_filling(TILES, blob, 60, "a square");
    test_filling(STRIPES, thin, 45, "scratches");
    test_filling(GRAIN, thin, 38, "scratches");
    test_threads();
    test_sizes();
    test_refused();
    return tap_done();
}
