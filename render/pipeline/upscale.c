/*
 * From a picture to a larger one. Knows no files of pictures. Read next: render/model/upscaler.c.
 */
#include "render/pipeline/upscale.h"

#include <stdlib.h>
#include <string.h>

#include "common/err.h"
#include "render/engine/pixels.h"
#include "render/model/upscaler.h"
#include "render/pipeline/generate.h"
#include "render/pipeline/solo.h"

#define TILE_COMPACT 192
#define TILE_DEEP 128
#define HALO_DEEP 10 /* where the network sees too far */
#define SIDE_MAX 65000
#define PIXELS_MAX ((size_t)1 << 28) /* of the larger picture */

struct upscale {
    struct solo solo;
    struct upscaler net;
    size_t tile;
};

/* One tile: its own pixels, and those that are computed. */
struct work {
    const struct upscale *u;
    const struct image *in;
    struct image *out;
    size_t factor;         /* wanted */
    size_t x, y, w, h;     /* own */
    size_t x0, y0, x1, y1; /* computed, inside the picture */
};

int
upscale_open(const char *path, int threads, struct upscale **out, struct err *e)
{
    struct upscale *u = calloc(1, sizeof *u);
    struct loader l;
    int rc;

    *out = NULL;
    if (u == NULL)
        return err_set(e, ST_NOMEM, "Not enough memory for this model.", "upscale");
    if ((rc = solo_open(path, "model", threads, &u->solo, &l, e)) != ST_OK)
        goto out;
    upscaler_load(&l, &u->net);
    if ((rc = l.rc) != ST_OK)
        goto out;
    upscale_tile(u, 0);
    *out = u;
    u = NULL; /* ownership moved to the caller */
out:
    upscale_close(u);
    return rc;
}

void
upscale_close(struct upscale *u)
{
    if (u == NULL)
        return;
    solo_release(&u->solo);
    free(u);
}

int
upscale_factor(const struct upscale *u)
{
    return (int)u->net.factor;
}

void
upscale_tile(struct upscale *u, int side)
{
    size_t m = u->net.multiple, own = u->net.reach != 0 ? TILE_COMPACT : TILE_DEEP;

    u->tile = (size_t)(side > 0 ? side : (int)own);
    u->tile = (u->tile + m - 1) / m * m;
}

static float
clamp(float v)
{
    if (!(v > 0.0f))
        return 0.0f;
    return v >= 1.0f ? 1.0f : v;
}

/* The tile's pixels in [0, 1]; beyond the picture, where sides must be multiples, reflected. */
static void
read_tile(const struct work *w, struct tensor *x)
{
    const struct image *in = w->in;

    for (size_t i = 0; i < x->h; i++) {
        size_t row = pixels_mirror((ptrdiff_t)(w->y0 + i), (size_t)in->height);

        for (size_t k = 0; k < x->w; k++) {
            size_t column = pixels_mirror((ptrdiff_t)(w->x0 + k), (size_t)in->width);
            const uint8_t *from = in->pixels + 3 * (row * (size_t)in->width + column);

            for (size_t c = 0; c < 3; c++)
                x->data[(i * x->w + k) * 3 + c] = (float)from[c] / 255.0f;
        }
    }
}

/* The tile's own part into the picture, averaged where less is wanted than the network gives. */
static void
write_tile(const struct work *w, const struct tensor *y)
{
    size_t f = w->factor, step = w->u->net.factor / f, own = w->u->net.factor;
    size_t left = (w->x - w->x0) * own, top = (w->y - w->y0) * own;

    for (size_t i = 0; i < w->h * f; i++) {
        uint8_t *to = w->out->pixels + 3 * ((w->y * f + i) * (size_t)w->out->width + w->x * f);

        for (size_t k = 0; k < w->w * f * 3; k++) {
            float sum = 0.0f;

            for (size_t d = 0; d < step * step; d++) {
                size_t row = top + i * step + d / step, column = left + k / 3 * step + d % step;

                sum += clamp(y->data[(row * y->w + column) * 3 + k % 3]);
            }
            to[k] = (uint8_t)(sum / (float)(step * step) * 255.0f + 0.5f);
        }
    }
}

static void
run_tile(void *ctx, struct engine *g)
{
    const struct work *w = ctx;
    size_t m = w->u->net.multiple, f = w->u->net.factor, mark = engine_mark(g);
    struct tensor x =
        tensor_new(g, 1, (w->y1 - w->y0 + m - 1) / m * m, (w->x1 - w->x0 + m - 1) / m * m, 3);
    struct tensor y = tensor_new(g, 1, x.h * f, x.w * f, 3);

    if (!g->planning)
        read_tile(w, &x);
    upscaler_run(g, &w->u->net, &x, &y);
    if (!g->planning)
        write_tile(w, &y);
    engine_rewind(g, mark);
}

static size_t
least(size_t a, size_t b)
{
    return a < b ? a : b;
}

/* Tile number `index`, row by row. */
static void
place_tile(struct work *w, size_t index)
{
    const struct upscale *u = w->u;
    size_t width = (size_t)w->in->width, height = (size_t)w->in->height, m = u->net.multiple;
    size_t columns = (width + u->tile - 1) / u->tile;
    size_t halo = u->net.reach != 0 ? u->net.reach : (HALO_DEEP + m - 1) / m * m;

    w->x = index % columns * u->tile;
    w->y = index / columns * u->tile;
    w->w = least(u->tile, width - w->x);
    w->h = least(u->tile, height - w->y);
    w->x0 = w->x - least(halo, w->x);
    w->y0 = w->y - least(halo, w->y);
    w->x1 = least(w->x + w->w + halo, width);
    w->y1 = least(w->y + w->h + halo, height);
}

static int
check(const struct upscale *u, const struct image *in, int *factor, struct err *e)
{
    int own = (int)u->net.factor;

    if (*factor == 0)
        *factor = own;
    if (*factor < 1 || own % *factor != 0)
        return err_setf(e, ST_INVALID, "This upscaler enlarges %d times, not %d times.", own,
                        *factor);
    if (in->width < 1 || in->height < 1 || in->width > SIDE_MAX / *factor ||
        in->height > SIDE_MAX / *factor)
        return err_setf(e, ST_TOOBIG, "The enlarged picture would be over %d pixels wide or high.",
                        SIDE_MAX);
    if ((size_t)in->width * (size_t)*factor * (size_t)in->height * (size_t)*factor > PIXELS_MAX)
        return err_setf(e, ST_TOOBIG, "The enlarged picture would have over %zu million pixels.",
                        PIXELS_MAX / 1000000);
    return ST_OK;
}

int
upscale(struct upscale *u, const struct image *in, int factor,
        int (*progress)(void *ctx, int tile, int tiles), void *ctx, struct image *out,
        struct err *e)
{
    struct work w = {.u = u, .in = in, .out = out};
    size_t tiles;
    int rc;

    memset(out, 0, sizeof *out);
    if ((rc = check(u, in, &factor, e)) != ST_OK)
        return rc;
    w.factor = (size_t)factor;
    out->width = in->width * factor;
    out->height = in->height * factor;
    if ((out->pixels = malloc((size_t)out->width * (size_t)out->height * 3)) == NULL) {
        rc = err_set(e, ST_NOMEM, "Not enough memory for the enlarged picture.", "upscale");
        goto out;
    }
    tiles = (((size_t)in->width + u->tile - 1) / u->tile) *
            (((size_t)in->height + u->tile - 1) / u->tile);
    for (size_t i = 0; i < tiles; i++) {
        place_tile(&w, i);
        if ((rc = solo_run(&u->solo, run_tile, &w, e)) != ST_OK)
            goto out;
        if (progress != NULL && progress(ctx, (int)i + 1, (int)tiles) != 0) {
            rc = err_setf(e, ST_CANCELLED, "Stopped.");
            goto out;
        }
    }
out:
    if (rc != ST_OK)
        image_release(out);
    return rc;
}
