/*
 * Finding watermarks; see mark.h. Knows no files, no networks and not how a mark is taken away.
 * Read next: mark_tiled.c, mark_single.c, then clear.c.
 */
#include "render/pipeline/mark.h"

#include <stdlib.h>
#include <string.h>

#include "common/err.h"
#include "render/pipeline/mark_copies.h"
#include "render/pipeline/mark_parts.h"
#include "render/pipeline/mark_single.h"
#include "render/pipeline/mark_tiled.h"

#define SIDE_MOST 768 /* pixels; larger pictures are searched reduced */
#define SIDE_LEAST 48 /* nothing can be told of less */
#define SURE 0.8      /* chances of a single mark */
#define MAYBE 0.5

/* Colours averaged over the pixels that one of the reduced picture stands for. */
static void
reduce(const struct image *in, int w, int h, uint8_t *out)
{
    for (int y = 0; y < h; y++) {
        int y0 = (int)((int64_t)y * in->height / h), y1 = (int)((int64_t)(y + 1) * in->height / h);

        for (int x = 0; x < w; x++) {
            int x0 = (int)((int64_t)x * in->width / w);
            int x1 = (int)((int64_t)(x + 1) * in->width / w), n = (x1 - x0) * (y1 - y0);
            int sum[3] = {n / 2, n / 2, n / 2};

            for (int v = y0; v < y1; v++) {
                for (int u = x0; u < x1; u++) {
                    const uint8_t *p = in->pixels + ((size_t)v * (size_t)in->width + (size_t)u) * 3;

                    for (int c = 0; c < 3; c++)
                        sum[c] += p[c];
                }
            }
            for (int c = 0; c < 3; c++)
                out[((size_t)y * (size_t)w + (size_t)x) * 3 + (size_t)c] = (uint8_t)(sum[c] / n);
        }
    }
}

static int
prepare(const struct image *in, struct level *out, struct err *e)
{
    int longest = in->width > in->height ? in->width : in->height;
    int w = longest <= SIDE_MOST ? in->width : (int)((int64_t)in->width * SIDE_MOST / longest);
    int h = longest <= SIDE_MOST ? in->height : (int)((int64_t)in->height * SIDE_MOST / longest);
    uint8_t *rgb;
    int rc;

    if (w < SIDE_LEAST || h < SIDE_LEAST)
        return ST_OK;
    if ((rgb = malloc((size_t)w * (size_t)h * 3)) == NULL)
        return err_set(e, ST_NOMEM, "Not enough memory for this picture.", "a reduced picture");
    reduce(in, w, h, rgb);
    rc = level_make(rgb, w, h, out, e);
    free(rgb);
    return rc;
}

/* A mark that repeats, or else a single one; `mask` gets it. */
static int
search(const struct level *base, struct mark *out, uint8_t *mask, uint8_t *other, struct err *e)
{
    size_t all = (size_t)base->w * (size_t)base->h;
    struct tiled tiled;
    struct single single;
    int copies, rc = tiled_find(&base->fine, &tiled, mask, e);

    if (rc != ST_OK)
        return rc;
    *out = (struct mark){.kind = MARK_TILED, .result = tiled.result, .confidence = tiled.agreement};
    if (tiled.result == MARK_FOUND || (rc = single_find(base, NULL, &single, other, e)) != ST_OK)
        return rc;
    if (single.chance < (tiled.result == MARK_UNSURE ? SURE : MAYBE)) {
        out->confidence = tiled.result == MARK_UNSURE ? tiled.agreement : single.chance;
        return ST_OK;
    }
    *out = (struct mark){.kind = MARK_SINGLE, .confidence = single.chance};
    out->result = single.chance >= SURE ? MARK_FOUND : MARK_UNSURE;
    memcpy(mask, other, all);
    return copies_find(&base->fine, single.sign, mask, &copies, e);
}

/* The mask at the picture's size, widened by so many pixels for soft edges. */
static int
propose(const struct level *base, const uint8_t *mask, int grow, const struct image *in,
        struct image *m, struct err *e)
{
    *m = (struct image){in->width, in->height, calloc((size_t)in->width * (size_t)in->height, 3)};
    if (m->pixels == NULL)
        return err_set(e, ST_NOMEM, "Not enough memory for this picture.", "a mask");
    for (int y = 0; y < in->height; y++) {
        for (int x = 0; x < in->width; x++) {
            int cx = (int)((int64_t)x * base->w / in->width);
            int cy = (int)((int64_t)y * base->h / in->height), hit = 0;

            for (int v = cy - grow; v <= cy + grow; v++) {
                for (int u = cx - grow; u <= cx + grow; u++)
                    hit |= u >= 0 && v >= 0 && u < base->w && v < base->h && (u == cx || v == cy) &&
                           mask[(size_t)v * (size_t)base->w + (size_t)u] != 0;
            }
            if (hit)
                memset(m->pixels + ((size_t)y * (size_t)in->width + (size_t)x) * 3, 255, 3);
        }
    }
    return ST_OK;
}

int
mark_find(const struct image *in, struct mark *out, struct err *e)
{
    struct level base = {0};
    uint8_t *mask = NULL, *other = NULL;
    int rc;

    *out = (struct mark){0};
    if ((rc = prepare(in, &base, e)) != ST_OK || base.rgb == NULL)
        goto out;
    mask = calloc((size_t)base.w, (size_t)base.h);
    other = calloc((size_t)base.w, (size_t)base.h);
    if (mask == NULL || other == NULL) {
        rc = err_set(e, ST_NOMEM, "Not enough memory for this picture.", "masks");
        goto out;
    }
    if ((rc = search(&base, out, mask, other, e)) == ST_OK && out->result != MARK_NONE)
        rc = propose(&base, mask, out->kind == MARK_TILED, in, &out->mask, e);
out:
    level_release(&base);
    free(mask);
    free(other);
    if (rc != ST_OK)
        mark_release(out);
    return rc;
}

void
mark_release(struct mark *m)
{
    image_release(&m->mask);
    *m = (struct mark){0};
}
