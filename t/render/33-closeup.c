/*
 * Repainted parts of pictures: the original is kept byte for byte outside, and close-ups come back
 * to where they were taken from.
 */
#include "common/err.h"
#include "render/pipeline/closeup.h"
#include "t/lib/tap.h"

#define W 90
#define H 60

static uint8_t pixels[3 * W * H], marks[W * H];
static const struct image whole = {W, H, pixels};
static const struct mask mask = {W, H, marks};
static struct err e;

static void
mark(int x0, int y0, int x1, int y1)
{
    memset(marks, 0, sizeof marks);
    for (int y = y0; y < y1; y++)
        memset(marks + y * W + x0, 255, (size_t)(x1 - x0));
}

static void
test_paste(void)
{
    struct image result = {W, H, malloc(sizeof pixels)};
    bool outside = true, rising = true;

    mark(20, 20, 50, 40);
    marks[5 * W + 5] = 127; /* just not marked */
    for (size_t i = 0; i < sizeof pixels; i++)
        pixels[i] = 10;
    memset(result.pixels, 210, sizeof pixels);
    is_int(closeup_paste(&result, &whole, &mask, 4, &e), ST_OK, "pasting");
    for (int i = 0; i < W * H; i++)
        outside = outside && (marks[i] >= 128 || result.pixels[3 * i] == 10);
    ok(outside, "outside everything is the original");
    for (int x = 20; x < 25; x++)
        rising = rising && result.pixels[3 * (30 * W + x)] == 10 + 200 * (x - 19) / 5;
    ok(rising, "inside the new one takes over in five steps");
    is_int(result.pixels[3 * (30 * W + 35)], 210, "in the middle it is alone");
    is_int(result.pixels[3 * (20 * W + 35)], 50, "also from above");
    memset(result.pixels, 210, sizeof pixels);
    is_int(closeup_paste(&result, &whole, &mask, 0, &e), ST_OK, "a hard edge");
    is_int(result.pixels[3 * (20 * W + 20)], 210, "  begins at once");
    image_release(&result);
}

/* What comes back unchanged changes nothing but by the scaling to and fro. */
static void
close_up(int x0, int y0, int x1, int y1, int width, int height)
{
    struct closeup c;
    struct image out;
    bool outside = true, inside = true, seen = true;

    mark(x0, y0, x1, y1);
    for (int i = 0; i < W * H; i++) {
        pixels[3 * i] = (uint8_t)(i % W * 2);
        pixels[3 * i + 1] = (uint8_t)(i / W * 3);
        pixels[3 * i + 2] = 77;
    }
    if (!ok(closeup_cut(&whole, &mask, 8, width, height, &c, &e) == ST_OK, "a close-up"))
        return;
    ok(c.x >= 0 && c.y >= 0 && c.x + c.width <= W && c.y + c.height <= H, "lies in the picture");
    ok(c.x <= x0 && c.y <= y0 && c.x + c.width >= x1 && c.y + c.height >= y1,
       "and around what is marked: %d, %d, %d x %d", c.x, c.y, c.width, c.height);
    ok(c.picture.width == width && c.picture.height == height, "at the size that is wanted");
    for (int i = 0; i < width * height; i++)
        seen = seen && (c.marks[i] == 0 || c.marks[i] == 255);
    ok(seen && memchr(c.marks, 255, (size_t)(width * height)) != NULL, "with a mask of its own");
    for (int i = 0; i < width * height; i++)
        c.picture.pixels[3 * i + 2] = 177;
    is_int(closeup_join(&c, &whole, &mask, &c.picture, &out, &e), ST_OK, "joined again");
    for (int i = 0; i < W * H; i++) {
        const uint8_t *a = out.pixels + 3 * i, *b = pixels + 3 * i;

        if (marks[i] < 128)
            outside = outside && memcmp(a, b, 3) == 0;
        else
            inside = inside && abs(a[0] - b[0]) <= 4 && abs(a[1] - b[1]) <= 4 && a[2] > 77;
    }
    ok(outside, "outside nothing is changed");
    ok(inside, "inside is what was made, in its place");
    image_release(&out);
    closeup_release(&c);
}

int
main(void)
{
    struct closeup c;

    test_paste();
    close_up(30, 20, 50, 30, 64, 64);
    close_up(0, 0, 10, 10, 64, 32);
    close_up(80, 50, 90, 60, 32, 64);
    close_up(0, 0, W, H, 64, 64);
    close_up(40, 0, 44, 60, 96, 32);
    mark(0, 0, 0, 0);
    is_int(closeup_cut(&whole, &mask, 8, 64, 64, &c, &e), ST_INVALID, "an empty mask is refused");
    is_int(closeup_cut(&whole, &(struct mask){W, H - 1, marks}, 8, 64, 64, &c, &e), ST_INVALID,
           "so is one of another size");
    return tap_done();
}
