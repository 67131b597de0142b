/*
 * Marks found from the picture alone: a lattice of them over pictures of several sorts, a line of
 * letters, an emblem, where they lie, and so that they can be lifted off; nothing on the pictures
 * without a mark, also where something repeats in them. Pictures and marks are made here.
 */
#include "common/err.h"
#include "render/engine/noise.h"
#include "render/pipeline/clear.h"
#include "render/pipeline/generate.h"
#include "render/pipeline/mark.h"
#include "t/lib/tap.h"

static struct err e;

/* Smooth noise around 0 from a grid of `cell` pixels, deviation about 1. */
static double
noise_at(uint32_t stream, int x, int y, int cell)
{
    double fx = (double)(x % cell) / cell, fy = (double)(y % cell) / cell, sum = 0;

    for (int i = 0; i < 4; i++) {
        uint64_t at = (uint64_t)(y / cell + i / 2) * 4096 + (uint64_t)(x / cell + i % 2);
        float v;

        noise_normal(91, stream, at, 1, &v);
        sum += (double)v * (i % 2 ? fx : 1 - fx) * (i / 2 ? fy : 1 - fy);
    }
    return sum;
}

enum view { HILLS, CLOUDS, GRAIN, WALL, WINDOWS, VIEWS };
static const char *const names[] = {"hills", "clouds", "grain", "a wall of bricks", "windows"};

static void
colour_at(enum view kind, int x, int y, double out[3])
{
    double v = 0;

    switch (kind) {
    case HILLS: /* flat colours with hard edges */
        v = y > 130 + 25 * sin(x * 0.03) + 8 * noise_at(1, x, 0, 40);
        out[0] = v > 0 ? 60 : 120, out[1] = v > 0 ? 140 : 170, out[2] = v > 0 ? 70 : 225;
        break;
    case CLOUDS:
        v = noise_at(2, x, y, 64) + 0.4 * noise_at(3, x, y, 24);
        out[0] = 130 + 40 * v, out[1] = 150 + 36 * v, out[2] = 190 + 24 * v;
        break;
    case GRAIN:
        v = noise_at(4, x, y, 32) + 0.3 * noise_at(5, x, y, 3);
        out[0] = 120 + 24 * v, out[1] = 95 + 20 * v, out[2] = 60 + 16 * v;
        break;
    case WALL: /* repeats, but dark and light alike */
        v = 14 * noise_at(6, x / 40, y / 20, 1) + 8 * noise_at(7, x, y, 5);
        out[0] = 160 + v, out[1] = 90 + v, out[2] = 70 + v;
        break;
    default: /* bright, in rows and columns, in the lower half */
        v = y > 140 && x % 48 > 20 && y % 40 > 14 ? 120 : 0;
        out[0] = 60 + v, out[1] = 70 + v, out[2] = 80 + 0.6 * v;
        break;
    }
}

static struct image
view(enum view kind, int width, int height)
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

/* --- marks: amounts from 0 to 1 --- */

static double
soft(double distance, double half)
{
    return fmin(fmax(half + 0.5 - distance, 0), 1);
}

/* The letters A, P and O as strokes, 60 wide and 24 high, around (0, 0). */
static double
letters(double x, double y)
{
    double a = 0;

    a = fmax(a, y > -12 && y < 12 ? soft(fabs(fabs(x + 22) - (y + 12) * 0.36), 1.6) : 0);
    a = fmax(a, fabs(x + 22) < 6 ? soft(fabs(y - 5), 1.4) : 0);
    a = fmax(a, y > -12 && y < 12 ? soft(fabs(x + 5), 1.6) : 0);
    a = fmax(a, x > -5 ? soft(fabs(hypot(x + 2, y + 5) - 6), 1.5) : 0);
    return fmax(a, soft(fabs(hypot(x - 21, y) - 10), 1.6));
}

static double
tiled_at(int x, int y)
{
    double u = 0.92 * x + 0.39 * y, v = 0.92 * y - 0.39 * x, row = floor(v / 52);

    u += 40 * row;
    return letters(u - 80 * floor(u / 80) - 40, v - 52 * row - 26);
}

/* One line of them, a little slanted, across the middle. */
static double
single_at(int x, int y)
{
    double u = 0.98 * (x - 160) + 0.2 * (y - 130), v = 0.98 * (y - 130) - 0.2 * (x - 160);

    return fabs(u) > 99 ? 0 : letters(u - 66 * floor((u + 33) / 66), v);
}

/* Three words, on no lattice. */
static double
scattered_at(int x, int y)
{
    static const int at[][2] = {{80, 60}, {232, 111}, {141, 205}};
    double a = 0;

    for (int i = 0; i < 3; i++)
        for (int side = -33; side <= 33; side += 66)
            a = fmax(a, abs(x - at[i][0] - side) < 33 ? letters(x - at[i][0] - side, y - at[i][1])
                                                      : 0);
    return a;
}

/* A ring with a letter in it, in a corner. */
static double
emblem_at(int x, int y)
{
    double u = x - 262, v = y - 50, a = soft(fabs(hypot(u, v) - 30), 2.2);

    a = fmax(a, v > -14 && v < 14 ? soft(fabs(fabs(u) - (v + 14) * 0.38), 2.2) : 0);
    return fmax(a, fabs(u) < 7 ? soft(fabs(v - 6), 2) : 0);
}

static double
nothing_at(int x, int y)
{
    (void)x;
    (void)y;
    return 0;
}

struct laid {
    struct image truth, under; /* the picture without and with the mark */
    double (*mark)(int x, int y);
};

static struct laid
lay(enum view kind, int width, int height, double (*mark)(int x, int y), double opacity, double ink)
{
    struct laid l = {view(kind, width, height), view(kind, width, height), mark};

    for (int i = 0; i < width * height; i++) {
        double a = opacity * mark(i % width, i / width);

        for (int c = 0; c < 3; c++)
            l.under.pixels[3 * i + c] =
                (uint8_t)(l.truth.pixels[3 * i + c] * (1 - a) + ink * a + 0.5);
    }
    return l;
}

static void
laid_release(struct laid *l)
{
    image_release(&l->truth);
    image_release(&l->under);
}

/* How much of the two masks together they share. */
static double
shared(const struct laid *l, const struct image *mask)
{
    int both = 0, either = 0;

    if (mask->pixels == NULL || mask->width != l->truth.width || mask->height != l->truth.height)
        return 0;
    for (int i = 0; i < mask->width * mask->height; i++) {
        bool is = l->mark(i % mask->width, i / mask->width) > 0, said = mask->pixels[3 * i] != 0;

        both += is && said;
        either += is || said;
    }
    return either == 0 ? 0 : (double)both / either;
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

static void
test_found(enum view kind, double (*mark)(int, int), double opacity, double ink, const char *what)
{
    struct laid l = lay(kind, 320, 256, mark, opacity, ink);
    struct clear_params params = {.threads = 1};
    struct image out = {0};
    enum clear_way way;
    struct mark m;

    is_int(mark_find(&l.under, &m, &e), ST_OK, "a mark is looked for");
    ok(m.result == MARK_FOUND && shared(&l, &m.mask) >= 0.6,
       "%s on %s: found %d, confidence %.2f, shared %.2f of the masks", what, names[kind],
       (int)m.result, m.confidence, shared(&l, &m.mask));
    if (m.result == MARK_FOUND)
        (void)clear_marks(&params, &l.under, &m.mask, &out, &way, &e);
    ok(psnr(&l.truth, &out) > psnr(&l.truth, &l.under) + 4, "… and off: from %.1f to %.1f dB",
       psnr(&l.truth, &l.under), psnr(&l.truth, &out));
    image_release(&out);
    mark_release(&m);
    laid_release(&l);
}

/* A mark that runs into something like it: none of it, or not surely, or all of it. */
static void
test_not_wrong(enum view kind, double (*mark)(int, int), double opacity, double ink)
{
    struct laid l = lay(kind, 320, 256, mark, opacity, ink);
    struct mark m;

    is_int(mark_find(&l.under, &m, &e), ST_OK, "a mark that is hard to tell");
    ok(m.result != MARK_FOUND || shared(&l, &m.mask) >= 0.6,
       "%s: found %d, confidence %.2f, shared %.2f; never wrongly sure", names[kind], (int)m.result,
       m.confidence, shared(&l, &m.mask));
    mark_release(&m);
    laid_release(&l);
}

static void
test_nothing(enum view kind)
{
    struct laid l = lay(kind, 320, 256, nothing_at, 0, 0);
    struct mark m;

    is_int(mark_find(&l.under, &m, &e), ST_OK, "a picture without a mark");
    ok(m.result == MARK_NONE && m.mask.pixels == NULL, "%s: %d, none; of the best guess %.2f",
       names[kind], (int)m.result, m.confidence);
    mark_release(&m);
    laid_release(&l);
}

static void
test_sizes(void)
{
    static const int sizes[][2] = {{1, 1}, {1, 300}, {47, 400}, {48, 48}, {300, 50}, {860, 420}};
    bool good = true;

    for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
        struct laid l = lay(CLOUDS, sizes[i][0], sizes[i][1], tiled_at, 0.5, 255);
        struct mark m;
        int rc = mark_find(&l.under, &m, &e);

        good = good && rc == ST_OK;
        good = good && (m.mask.pixels == NULL ||
                        (m.mask.width == l.under.width && m.mask.height == l.under.height));
        if (sizes[i][0] == 860)
            ok(m.result == MARK_FOUND && shared(&l, &m.mask) >= 0.5,
               "a picture that is searched reduced: shared %.2f", shared(&l, &m.mask));
        mark_release(&m);
        laid_release(&l);
    }
    ok(good, "pictures of every size");
}

int
main(void)
{
    test_found(HILLS, tiled_at, 0.4, 255, "a lattice of letters, white");
    test_found(CLOUDS, tiled_at, 0.35, 255, "a lattice of letters, white");
    test_found(GRAIN, tiled_at, 0.5, 255, "a lattice of letters, white");
    test_found(WALL, tiled_at, 0.45, 10, "a lattice of letters, black");
    test_found(HILLS, single_at, 0.45, 255, "a line of letters, white");
    test_found(CLOUDS, single_at, 0.45, 10, "a line of letters, black");
    test_found(GRAIN, single_at, 0.5, 255, "a line of letters, white");
    test_found(CLOUDS, scattered_at, 0.5, 255, "three words, white");
    test_not_wrong(WINDOWS, single_at, 0.4, 255);
    test_found(CLOUDS, emblem_at, 0.5, 255, "a ring with a letter, white");
    for (enum view kind = HILLS; kind < VIEWS; kind++)
        test_nothing(kind);
    test_sizes();
    return tap_done();
}
