/*
 * Originals around what was repainted. Knows no model. Read next: latents.c.
 */
#include "render/pipeline/closeup.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "common/err.h"
#include "render/pipeline/bicubic.h"

#define SOFT_MOST 64

static bool
repaints(const struct mask *mask, size_t at)
{
    return mask->values[at] >= CLOSEUP_REPAINT;
}

/* Steps, also diagonal, to the nearest pixel that is kept; at most `most`. */
static void
depths(const struct mask *mask, uint8_t most, uint8_t *out)
{
    size_t w = (size_t)mask->width, h = (size_t)mask->height;

    for (size_t i = 0; i < w * h; i++)
        out[i] = repaints(mask, i) ? most : 0;
    for (uint8_t d = 1; d < most; d++) {
        for (size_t i = 0; i < w * h; i++) {
            size_t x = i % w, y = i / w;
            bool near = false;

            for (size_t k = 0; k < 9 && out[i] == most && !near; k++) {
                size_t nx = x + k % 3, ny = y + k / 3; /* both one too large */

                near =
                    nx >= 1 && ny >= 1 && nx <= w && ny <= h && out[(ny - 1) * w + nx - 1] == d - 1;
            }
            if (near)
                out[i] = d;
        }
    }
}

int
closeup_paste(struct image *result, const struct image *original, const struct mask *mask, int soft,
              struct err *e)
{
    size_t pixels = (size_t)result->width * (size_t)result->height;
    int most = (soft < 0 ? 0 : soft > SOFT_MOST ? SOFT_MOST : soft) + 1;
    uint8_t *deep = malloc(pixels);

    if (deep == NULL)
        return err_set(e, ST_NOMEM, "Out of memory.", "mask");
    depths(mask, (uint8_t)most, deep);
    for (size_t i = 0; i < 3 * pixels; i++) {
        int share = deep[i / 3], old = original->pixels[i], new = result->pixels[i];

        result->pixels[i] = (uint8_t)((old * (most - share) + new *share + most / 2) / most);
    }
    free(deep);
    return ST_OK;
}

/* --- close-ups --- */

/* [*at, *at + *size) made at least `want` long, about its middle, within [0, side). */
static void
widen(int *at, int *size, int want, int side)
{
    int more = want - *size;

    if (more <= 0)
        return;
    *at -= more / 2;
    *size = want < side ? want : side;
    if (*at + *size > side)
        *at = side - *size;
    if (*at < 0)
        *at = 0;
}

/* Bounds of what is marked; false when nothing is. */
static bool
bounds(const struct mask *mask, struct closeup *c)
{
    int x0 = mask->width, y0 = mask->height, x1 = -1, y1 = -1;

    for (int y = 0; y < mask->height; y++) {
        for (int x = 0; x < mask->width; x++) {
            if (!repaints(mask, (size_t)y * (size_t)mask->width + (size_t)x))
                continue;
            x0 = x < x0 ? x : x0;
            x1 = x > x1 ? x : x1;
            y0 = y < y0 ? y : y0;
            y1 = y;
        }
    }
    c->x = x0;
    c->y = y0;
    c->width = x1 - x0 + 1;
    c->height = y1 - y0 + 1;
    return x1 >= 0;
}

/* The rectangle of `in`, three bytes per pixel, at another size. */
static int
cut(const struct closeup *c, const struct image *in, int width, int height, struct image *out,
    struct err *e)
{
    size_t row = 3 * (size_t)c->width;
    struct image part = {c->width, c->height, malloc(row * (size_t)c->height)};
    int rc;

    memset(out, 0, sizeof *out);
    if (part.pixels == NULL)
        return err_set(e, ST_NOMEM, "Out of memory.", "picture");
    for (int y = 0; y < c->height; y++)
        memcpy(part.pixels + (size_t)y * row,
               in->pixels + 3 * ((size_t)(c->y + y) * (size_t)in->width + (size_t)c->x), row);
    rc = bicubic_resize(&part, width, height, out, e);
    image_release(&part);
    return rc;
}

/* The mask's rectangle: each pixel takes the most that there is where it comes from, so that no
   thin line is lost. */
static int
cut_mask(struct closeup *c, const struct mask *mask, int width, int height, struct err *e)
{
    if ((c->marks = calloc((size_t)width, (size_t)height)) == NULL)
        return err_set(e, ST_NOMEM, "Out of memory.", "mask");
    for (int y = 0; y < height; y++) {
        int y0 = c->y + (int)((int64_t)y * c->height / height);
        int y1 = c->y + (int)(((int64_t)(y + 1) * c->height + height - 1) / height);

        for (int x = 0; x < width; x++) {
            int x0 = c->x + (int)((int64_t)x * c->width / width);
            int x1 = c->x + (int)(((int64_t)(x + 1) * c->width + width - 1) / width);
            uint8_t *to = &c->marks[(size_t)y * (size_t)width + (size_t)x];

            for (int v = y0; v < y1; v++) {
                for (int u = x0; u < x1; u++) {
                    uint8_t value = mask->values[(size_t)v * (size_t)mask->width + (size_t)u];

                    *to = value > *to ? value : *to;
                }
            }
        }
    }
    c->mask = (struct mask){width, height, c->marks};
    return ST_OK;
}

int
closeup_cut(const struct image *whole, const struct mask *mask, int padding, int width, int height,
            struct closeup *out, struct err *e)
{
    int64_t w, h;
    int rc;

    memset(out, 0, sizeof *out);
    if (whole->width != mask->width || whole->height != mask->height)
        return err_setf(e, ST_INVALID, "The mask has %d x %d pixels, the picture %d x %d.",
                        mask->width, mask->height, whole->width, whole->height);
    if (!bounds(mask, out))
        return err_setf(e, ST_INVALID, "The mask marks nothing to repaint.");
    widen(&out->x, &out->width, out->width + 2 * padding, whole->width);
    widen(&out->y, &out->height, out->height + 2 * padding, whole->height);
    w = ((int64_t)out->height * width + height - 1) / height;
    h = ((int64_t)out->width * height + width - 1) / width;
    widen(&out->x, &out->width, w < whole->width ? (int)w : whole->width, whole->width);
    widen(&out->y, &out->height, h < whole->height ? (int)h : whole->height, whole->height);
    if ((rc = cut(out, whole, width, height, &out->picture, e)) == ST_OK)
        rc = cut_mask(out, mask, width, height, e);
    if (rc != ST_OK)
        closeup_release(out);
    return rc;
}

int
closeup_join(const struct closeup *c, const struct image *whole, const struct mask *mask,
             const struct image *part, struct image *out, struct err *e)
{
    size_t bytes = 3 * (size_t)whole->width * (size_t)whole->height, row = 3 * (size_t)c->width;
    int rc, soft = c->width / c->picture.width * 2 + 4;
    struct image back = {0};

    memset(out, 0, sizeof *out);
    if ((rc = bicubic_resize(part, c->width, c->height, &back, e)) != ST_OK)
        return rc;
    if ((out->pixels = malloc(bytes)) == NULL) {
        rc = err_set(e, ST_NOMEM, "Out of memory.", "picture");
        goto out;
    }
    out->width = whole->width;
    out->height = whole->height;
    memcpy(out->pixels, whole->pixels, bytes);
    for (int y = 0; y < c->height; y++)
        memcpy(out->pixels + 3 * ((size_t)(c->y + y) * (size_t)whole->width + (size_t)c->x),
               back.pixels + (size_t)y * row, row);
    rc = closeup_paste(out, whole, mask, soft, e);
out:
    image_release(&back);
    if (rc != ST_OK)
        image_release(out);
    return rc;
}

void
closeup_release(struct closeup *c)
{
    image_release(&c->picture);
    free(c->marks);
    memset(c, 0, sizeof *c);
}
