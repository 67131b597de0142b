/*
 * Masks. Knows no network. Read next: cleanup.c.
 */
#include "render/pipeline/hole.h"

#include <stdlib.h>
#include <string.h>

#include "common/err.h"
#include "render/pipeline/generate.h"

static size_t
lower(size_t a, size_t b)
{
    return a < b ? a : b;
}

/* Steps, straight or diagonal, from the pixels with deep = 0: once down, once up. Returns the
 * largest. */
static size_t
measure(struct hole *h)
{
    size_t deepest = 0, w = h->w, last = w * h->h;

    for (size_t pass = 0; pass < 2; pass++) {
        for (size_t i = 0; i < last; i++) {
            size_t at = pass == 0 ? i : last - 1 - i, x = at % w, y = at / w;
            size_t least = h->deep[at];
            /* The neighbours that were seen before: a row and the pixel beside. */
            bool row = pass == 0 ? y > 0 : y + 1 < h->h;
            size_t other = pass == 0 ? at - w : at + w;

            if (row) {
                least = lower(least, h->deep[other] + 1u);
                if (x > 0)
                    least = lower(least, h->deep[other - 1] + 1u);
                if (x + 1 < w)
                    least = lower(least, h->deep[other + 1] + 1u);
            }
            if (pass == 0 && x > 0)
                least = lower(least, h->deep[at - 1] + 1u);
            if (pass == 1 && x + 1 < w)
                least = lower(least, h->deep[at + 1] + 1u);
            h->deep[at] = (uint16_t)least;
            if (pass == 1 && least > deepest)
                deepest = least;
        }
    }
    return deepest;
}

/* Opens what is within `grow` steps of the mask. */
static void
widen(struct hole *h, size_t grow)
{
    size_t all = h->w * h->h;

    for (size_t i = 0; i < all; i++)
        h->deep[i] = h->open[i] != 0 ? 0 : HOLE_DEEP;
    (void)measure(h);
    for (size_t i = 0; i < all; i++)
        h->open[i] = h->deep[i] <= grow;
}

int
hole_make(const struct image *mask, size_t grow, struct hole *out, struct err *e)
{
    size_t all = (size_t)mask->width * (size_t)mask->height;
    int rc = ST_OK;

    memset(out, 0, sizeof *out);
    out->w = (size_t)mask->width;
    out->h = (size_t)mask->height;
    out->open = malloc(all);
    out->deep = malloc(all * sizeof *out->deep);
    out->waiting = malloc(all * sizeof *out->waiting);
    if (out->open == NULL || out->deep == NULL || out->waiting == NULL) {
        rc = err_set(e, ST_NOMEM, "Not enough memory for this picture.", "mask");
        goto out;
    }
    for (size_t i = 0; i < all; i++) {
        const uint8_t *p = mask->pixels + 3 * i;

        out->open[i] = 2 * p[0] + 5 * p[1] + p[2] >= 8 * 128;
    }
    if (grow > 0)
        widen(out, grow);
    for (size_t i = 0; i < all; i++) {
        out->count += out->open[i];
        out->deep[i] = out->open[i] != 0 ? HOLE_DEEP : 0;
    }
    if (out->count == all) {
        rc = err_setf(e, ST_INVALID, "The mask covers the whole picture: nothing is left of it.");
        goto out;
    }
    (void)measure(out);
out:
    if (rc != ST_OK)
        hole_release(out);
    return rc;
}

void
hole_release(struct hole *h)
{
    free(h->open);
    free(h->deep);
    free(h->waiting);
    memset(h, 0, sizeof *h);
}

struct hole_box
hole_bounds(const struct hole *h, struct hole_box in)
{
    struct hole_box b = {in.x1, in.y1, in.x0, in.y0};

    for (size_t y = in.y0; y < in.y1; y++) {
        for (size_t x = in.x0; x < in.x1; x++) {
            if (h->open[y * h->w + x] == 0)
                continue;
            b.x0 = lower(b.x0, x);
            b.y0 = lower(b.y0, y);
            b.x1 = x + 1 > b.x1 ? x + 1 : b.x1;
            b.y1 = y + 1;
        }
    }
    if (b.x1 <= b.x0)
        b = (struct hole_box){in.x0, in.y0, in.x0, in.y0};
    return b;
}

struct hole_box
hole_piece(struct hole *h, size_t x, size_t y, size_t *deepest)
{
    struct hole_box b = {x, y, x + 1, y + 1};
    size_t waiting = 1;

    h->waiting[0] = (uint32_t)(y * h->w + x);
    h->open[y * h->w + x] = 2;
    *deepest = 0;
    while (waiting > 0) {
        size_t at = h->waiting[--waiting], cx = at % h->w, cy = at / h->w;

        if (h->deep[at] > *deepest)
            *deepest = h->deep[at];
        b.x0 = lower(b.x0, cx);
        b.y0 = lower(b.y0, cy);
        b.x1 = cx + 1 > b.x1 ? cx + 1 : b.x1;
        b.y1 = cy + 1 > b.y1 ? cy + 1 : b.y1;
        for (size_t i = 0; i < 9; i++) {
            size_t nx = cx + i % 3, ny = cy + i / 3; /* one more than the neighbour's */

            if (nx < 1 || ny < 1 || nx > h->w || ny > h->h ||
                h->open[(ny - 1) * h->w + nx - 1] != 1)
                continue;
            h->open[(ny - 1) * h->w + nx - 1] = 2;
            h->waiting[waiting++] = (uint32_t)((ny - 1) * h->w + nx - 1);
        }
    }
    return b;
}
