/*
 * From a picture and a mask to a picture. Knows no files of pictures. Read next: hole.c,
 * render/model/lama.c.
 */
#include "render/pipeline/cleanup.h"

#include <stdlib.h>
#include <string.h>

#include "common/err.h"
#include "render/engine/pixels.h"
#include "render/model/lama.h"
#include "render/pipeline/generate.h"
#include "render/pipeline/hole.h"
#include "render/pipeline/solo.h"

#define CELL 512                        /* thin holes are filled in cells of at most this side */
#define CROP_PIXELS ((size_t)768 * 768) /* that go through the network at once, about */
#define SIDE_MAX 60000
#define LENGTH_MAX 4096 /* of what is said in pixels */

struct cleanup {
    struct solo solo;
    struct lama *net;
};

/* A run over one picture. */
struct run {
    struct cleanup *c;
    const struct cleanup_params *params;
    struct image *image; /* the result: the known part grows */
    struct hole hole;
    size_t whole; /* open pixels at first */
    int (*progress)(void *ctx, int done, int all);
    void *ctx;
    struct err *e;
};

/* One piece: what is filled, and what the network sees, reduced by a whole number. */
struct piece {
    struct run *run;
    struct hole_box own, seen;
    size_t reduce;
};

int
cleanup_open(const char *path, int threads, struct cleanup **out, struct err *e)
{
    struct cleanup *c = calloc(1, sizeof *c);
    struct loader l;
    int rc;

    *out = NULL;
    if (c == NULL)
        return err_set(e, ST_NOMEM, "Not enough memory for this model.", "cleanup");
    if ((rc = solo_open(path, "model", threads, &c->solo, &l, e)) != ST_OK)
        goto out;
    c->net = lama_load(&l);
    if ((rc = l.rc) != ST_OK)
        goto out;
    *out = c;
    c = NULL; /* ownership moved to the caller */
out:
    cleanup_close(c);
    return rc;
}

void
cleanup_close(struct cleanup *c)
{
    if (c == NULL)
        return;
    solo_release(&c->solo);
    free(c);
}

/* One pixel of the network's input: the average of the known pixels of a square; unknown if one of
 * them is. */
static void
read_pixel(const struct piece *p, size_t x, size_t y, float out[4])
{
    const struct run *r = p->run;
    size_t x0 = p->seen.x0 + x * p->reduce, y0 = p->seen.y0 + y * p->reduce;
    size_t x1 = x0 + p->reduce < p->seen.x1 ? x0 + p->reduce : p->seen.x1;
    size_t y1 = y0 + p->reduce < p->seen.y1 ? y0 + p->reduce : p->seen.y1;
    unsigned sum[3] = {0, 0, 0}, known = 0;

    out[0] = out[1] = out[2] = out[3] = 0.0f;
    for (size_t i = y0; i < y1; i++) {
        for (size_t k = x0; k < x1; k++) {
            const uint8_t *from = r->image->pixels + 3 * (i * r->hole.w + k);

            if (r->hole.open[i * r->hole.w + k] != 0) {
                out[3] = 1.0f;
                return;
            }
            for (size_t c = 0; c < 3; c++)
                sum[c] += from[c];
            known++;
        }
    }
    for (size_t c = 0; c < 3; c++)
        out[c] = (float)sum[c] / (255.0f * (float)known);
}

/* Between the network's pixels linear, so that a reduced hole shows no squares. */
static float
sample(const struct tensor *y, size_t reduce, size_t px, size_t py, size_t w, size_t h, size_t c)
{
    float fx = ((float)px + 0.5f) / (float)reduce - 0.5f;
    float fy = ((float)py + 0.5f) / (float)reduce - 0.5f;
    size_t x0 = fx > 0.0f ? (size_t)fx : 0, y0 = fy > 0.0f ? (size_t)fy : 0;
    size_t x1 = x0 + 1 < w ? x0 + 1 : w - 1, y1 = y0 + 1 < h ? y0 + 1 : h - 1;
    float ax = fx > 0.0f ? fx - (float)x0 : 0.0f, ay = fy > 0.0f ? fy - (float)y0 : 0.0f;
    const float *top = y->data + y0 * y->w * 3 + c, *low = y->data + y1 * y->w * 3 + c;

    return (top[x0 * 3] * (1.0f - ax) + top[x1 * 3] * ax) * (1.0f - ay) +
           (low[x0 * 3] * (1.0f - ax) + low[x1 * 3] * ax) * ay;
}

/* What the network painted, into the open pixels, the first ones mixed with what was there. */
static void
write_piece(const struct piece *p, const struct tensor *y, size_t w, size_t h)
{
    struct run *r = p->run;
    float edge = (float)r->params->feather + 1.0f;

    for (size_t i = p->own.y0; i < p->own.y1; i++) {
        for (size_t k = p->own.x0; k < p->own.x1; k++) {
            size_t at = i * r->hole.w + k;
            float share = (float)r->hole.deep[at] / edge;
            uint8_t *to = r->image->pixels + 3 * at;

            if (r->hole.open[at] == 0)
                continue;
            r->hole.open[at] = 0;
            r->hole.count--;
            if (share > 1.0f)
                share = 1.0f;
            for (size_t c = 0; c < 3; c++) {
                float v = sample(y, p->reduce, k - p->seen.x0, i - p->seen.y0, w, h, c);

                v = share * 255.0f * v + (1.0f - share) * (float)to[c] + 0.5f;
                to[c] = v >= 255.0f ? 255 : (uint8_t)v; /* a sigmoid is not below 0 */
            }
        }
    }
}

static void
run_piece(void *ctx, struct engine *g)
{
    const struct piece *p = ctx;
    struct lama *net = p->run->c->net;
    size_t mark = engine_mark(g), m = lama_multiple(net), s = p->reduce;
    size_t w = (p->seen.x1 - p->seen.x0 + s - 1) / s, h = (p->seen.y1 - p->seen.y0 + s - 1) / s;
    struct tensor x = tensor_new(g, 1, (h + m - 1) / m * m, (w + m - 1) / m * m, 4);
    struct tensor y = tensor_new(g, 1, x.h, x.w, 3);

    for (size_t i = 0; i < x.h * x.w && !g->planning; i++)
        read_pixel(p, pixels_mirror((ptrdiff_t)(i % x.w), w),
                   pixels_mirror((ptrdiff_t)(i / x.w), h), x.data + 4 * i);
    lama_run(g, net, &x, &y);
    if (!g->planning && g->bad[0] == '\0')
        write_piece(p, &y, w, h);
    engine_rewind(g, mark);
}

/* Fills the open pixels of `own`, seen reduced by `reduce`; by more if that is still too large, and
   not at all if it is 1. */
static int
fill(struct run *r, struct hole_box own, size_t reduce)
{
    struct piece p = {.run = r, .own = own, .reduce = reduce};
    size_t w, h;
    int rc;

    do {
        size_t around = (size_t)r->params->around * p.reduce;

        p.seen.x0 = own.x0 > around ? own.x0 - around : 0;
        p.seen.y0 = own.y0 > around ? own.y0 - around : 0;
        p.seen.x1 = own.x1 + around < r->hole.w ? own.x1 + around : r->hole.w;
        p.seen.y1 = own.y1 + around < r->hole.h ? own.y1 + around : r->hole.h;
        w = (p.seen.x1 - p.seen.x0) / p.reduce;
        h = (p.seen.y1 - p.seen.y0) / p.reduce;
    } while (reduce > 1 && w * h > CROP_PIXELS && p.reduce++ != 0);
    if ((rc = solo_run(&r->c->solo, run_piece, &p, r->e)) != ST_OK)
        return rc;
    if (r->progress != NULL &&
        r->progress(r->ctx, (int)(100 - 100 * r->hole.count / r->whole), 100) != 0)
        return err_setf(r->e, ST_CANCELLED, "Stopped.");
    return ST_OK;
}

/* The connected pieces that are too thick for the network: each whole. */
static int
fill_thick(struct run *r)
{
    size_t all = r->hole.w * r->hole.h, thickest = (size_t)r->params->thickest, deepest;
    struct hole_box box;
    int rc;

    for (size_t i = 0; i < all; i++) {
        if (r->hole.open[i] != 1)
            continue;
        box = hole_piece(&r->hole, i % r->hole.w, i / r->hole.w, &deepest);
        if (2 * deepest <= thickest)
            continue;
        if ((rc = fill(r, box, (2 * deepest + thickest - 1) / thickest)) != ST_OK)
            return rc;
    }
    return ST_OK;
}

/* The rest, cell by cell; what was filled is known to the next. */
static int
fill_thin(struct run *r)
{
    struct hole_box all = hole_bounds(&r->hole, (struct hole_box){0, 0, r->hole.w, r->hole.h});
    size_t columns = (all.x1 - all.x0 + CELL - 1) / CELL;
    size_t rows = (all.y1 - all.y0 + CELL - 1) / CELL;
    int rc;

    for (size_t i = 0; i < rows * columns; i++) {
        size_t w = all.x1 - all.x0, h = all.y1 - all.y0, x = i % columns, y = i / columns;
        struct hole_box cell = {all.x0 + w * x / columns, all.y0 + h * y / rows,
                                all.x0 + w * (x + 1) / columns, all.y0 + h * (y + 1) / rows};

        cell = hole_bounds(&r->hole, cell);
        if (cell.x1 > cell.x0 && (rc = fill(r, cell, 1)) != ST_OK)
            return rc;
    }
    return ST_OK;
}

static int
check(const struct cleanup_params *p, const struct image *in, const struct image *mask,
      struct err *e)
{
    if (in->width < 1 || in->height < 1 || in->width > SIDE_MAX || in->height > SIDE_MAX)
        return err_setf(e, ST_INVALID, "The picture must be 1 to %d pixels wide and high.",
                        SIDE_MAX);
    if (mask->width != in->width || mask->height != in->height)
        return err_setf(e, ST_INVALID, "The mask has %d x %d pixels, the picture %d x %d.",
                        mask->width, mask->height, in->width, in->height);
    if (p->grow < 0 || p->grow > LENGTH_MAX || p->feather < 0 || p->feather > LENGTH_MAX ||
        p->around < 0 || p->around > LENGTH_MAX || p->thickest < 8 || p->thickest > LENGTH_MAX)
        return err_setf(e, ST_INVALID,
                        "Lengths for the clean-up must be 0 to %d pixels, the thickest hole at "
                        "least 8.",
                        LENGTH_MAX);
    return ST_OK;
}

int
cleanup(struct cleanup *c, const struct cleanup_params *params, const struct image *in,
        const struct image *mask, int (*progress)(void *ctx, int done, int all), void *ctx,
        struct image *out, struct err *e)
{
    struct run r = {
        .c = c, .params = params, .image = out, .progress = progress, .ctx = ctx, .e = e};
    size_t bytes = 3 * (size_t)in->width * (size_t)in->height;
    int rc;

    memset(out, 0, sizeof *out);
    if ((rc = check(params, in, mask, e)) != ST_OK)
        return rc;
    if ((out->pixels = malloc(bytes)) == NULL)
        return err_set(e, ST_NOMEM, "Not enough memory for this picture.", "cleanup");
    memcpy(out->pixels, in->pixels, bytes);
    out->width = in->width;
    out->height = in->height;
    if ((rc = hole_make(mask, (size_t)params->grow, &r.hole, e)) != ST_OK)
        goto out;
    r.whole = r.hole.count;
    if ((rc = fill_thick(&r)) == ST_OK)
        rc = fill_thin(&r);
out:
    hole_release(&r.hole);
    if (rc != ST_OK)
        image_release(out);
    return rc;
}
