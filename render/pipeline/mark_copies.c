/*
 * Copies of a mark; see mark_copies.h. Knows nothing of letters or lattices. Read next: mark.c.
 *
 * A place is a copy if there is ink at most of the mark's pixels and none at most of those just
 * beside its strokes. Of neighbouring places the best is taken.
 */
#include "render/pipeline/mark_copies.h"

#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "common/err.h"
#include "render/pipeline/mark_lattice.h"

#define PROBES 400 /* pixels of the mark, and beside it, that are looked at */
#define FIRST 48   /* of them decide whether the others are worth it */
#define COPIES 256 /* at most */
#define BESIDE 3   /* pixels from a stroke: nothing may be there */
#define INK 0.3f   /* of the mark's own middle: so much is ink */
#define HAS 0.6    /* share of the mark's pixels that have some */
#define ABOVE 0.33  /* so much more than the picture has anywhere */
#define CLEAN 0.75 /* of the share that is without at the mark's own place */
#define INSIDE 0.4 /* share of the pixels that must lie on the picture */
#define PIXELS 60  /* a mark of fewer is like too many things */

struct probes {
    int n, x[PROBES], y[PROBES];
};

struct place {
    int dx, dy;
    double worth;
};

struct search {
    const struct plane *fine;
    float sign, ink; /* `ink`: what counts as some */
    struct probes on, off;
    double has;   /* share of the probes on it that must have ink */
    double clean; /* share of the probes beside it without ink, at home */
    int wide, high;
    struct place place[COPIES];
    int n;
};

/* Every so many of the pixels whose kind is asked for. */
static void
choose(const uint8_t *kind, uint8_t which, int w, int all, struct probes *out)
{
    int total = 0, seen = 0;

    out->n = 0;
    for (int i = 0; i < all; i++)
        total += kind[i] == which;
    for (int i = 0; i < all && out->n < PROBES; i++) {
        /* the probes come from all over the mark in an order that mixes its parts */
        if (kind[i] != which || (int64_t)seen++ * PROBES / total < out->n)
            continue;
        out->x[out->n] = i % w;
        out->y[out->n++] = i / w;
    }
    for (int i = 0; i < out->n; i++) {
        int j = (int)((int64_t)i * 197 % out->n), x = out->x[i], y = out->y[i];

        out->x[i] = out->x[j], out->y[i] = out->y[j];
        out->x[j] = x, out->y[j] = y;
    }
}

/* 1 where the mark is, 2 just beside it. */
static void
outline(const uint8_t *mask, int w, int h, uint8_t *kind)
{
    memset(kind, 0, (size_t)w * (size_t)h);
    for (int y = 0; y < h; y++) {
        for (int x = 0; x < w; x++) {
            if (mask[y * w + x] == 0)
                continue;
            for (int k = 0; k < 4; k++) {
                int u = x + (k == 0 ? BESIDE : k == 1 ? -BESIDE : 0);
                int v = y + (k == 2 ? BESIDE : k == 3 ? -BESIDE : 0);

                if (u >= 0 && v >= 0 && u < w && v < h && mask[v * w + u] == 0)
                    kind[v * w + u] = 2;
            }
        }
    }
    for (int i = 0; i < w * h; i++)
        kind[i] = mask[i] != 0 ? 1 : kind[i];
}

static int
ascending(const void *a, const void *b)
{
    float x = *(const float *)a, y = *(const float *)b;

    return (x > y) - (x < y);
}

/* The share of the first `most` probes, moved, that have ink; below 0 if too few are inside. */
static double
inked(const struct search *s, const struct probes *p, int most, int dx, int dy)
{
    int n = most < p->n ? most : p->n, inside = 0, has = 0;

    for (int i = 0; i < n; i++) {
        int x = p->x[i] + dx, y = p->y[i] + dy;

        if (x < 0 || y < 0 || x >= s->fine->w || y >= s->fine->h)
            continue;
        inside++;
        has += s->sign * s->fine->v[y * s->fine->w + x] > s->ink;
    }
    return inside < INSIDE * n ? -1 : (double)has / inside;
}

/* The better of places that lie on each other stays. */
static void
take(struct search *s, struct place p)
{
    for (int i = 0; i < s->n; i++) {
        if (abs(s->place[i].dx - p.dx) >= s->wide || abs(s->place[i].dy - p.dy) >= s->high)
            continue;
        if (p.worth > s->place[i].worth)
            s->place[i] = p;
        return;
    }
    if (s->n < COPIES)
        s->place[s->n++] = p;
}

static void
look_around(struct search *s)
{
    for (int dy = 1 - s->fine->h; dy < s->fine->h; dy++) {
        for (int dx = 1 - s->fine->w; dx < s->fine->w; dx++) {
            double has, dirty;

            if ((abs(dx) < s->wide && abs(dy) < s->high) ||
                inked(s, &s->on, FIRST, dx, dy) < s->has - 0.1 ||
                (has = inked(s, &s->on, PROBES, dx, dy)) < s->has)
                continue;
            dirty = inked(s, &s->off, PROBES, dx, dy);
            if (dirty >= 0 && 1 - dirty >= CLEAN * s->clean)
                take(s, (struct place){dx, dy, has + 1 - dirty});
        }
    }
}

/* The share of the whole picture's pixels that have as much ink: in a texture, many. */
static double
anywhere(const struct search *s)
{
    int has = 0, all = s->fine->w * s->fine->h;

    for (int i = 0; i < all; i++)
        has += s->sign * s->fine->v[i] > s->ink;
    return (double)has / all;
}

/* Measures the mark at home. False: it cannot be told from other things. */
static bool
measure(struct search *s)
{
    float level[PROBES];
    int x0 = s->fine->w, x1 = 0, y0 = s->fine->h, y1 = 0;

    for (int i = 0; i < s->on.n; i++) {
        level[i] = s->sign * s->fine->v[s->on.y[i] * s->fine->w + s->on.x[i]];
        x0 = s->on.x[i] < x0 ? s->on.x[i] : x0, x1 = s->on.x[i] > x1 ? s->on.x[i] : x1;
        y0 = s->on.y[i] < y0 ? s->on.y[i] : y0, y1 = s->on.y[i] > y1 ? s->on.y[i] : y1;
    }
    if (s->on.n < PIXELS || s->off.n < PIXELS)
        return false;
    s->wide = (x1 - x0 + 1) / 2 + 1;
    s->high = (y1 - y0 + 1) / 2 + 1;
    qsort(level, (size_t)s->on.n, sizeof *level, ascending);
    s->ink = fmaxf(INK * level[s->on.n / 2], 2);
    s->has = fmax(HAS, anywhere(s) + ABOVE);
    s->clean = 1 - inked(s, &s->off, PROBES, 0, 0);
    return s->clean > 0.5 && inked(s, &s->on, PROBES, 0, 0) > s->has;
}

static void
draw_copies(const struct search *s, const uint8_t *kind, uint8_t *mask)
{
    int w = s->fine->w, h = s->fine->h;

    for (int k = 0; k < s->n; k++) {
        for (int y = 0; y < h; y++) {
            int v = y + s->place[k].dy;

            for (int x = 0; x < w && v >= 0 && v < h; x++) {
                int u = x + s->place[k].dx;

                if (kind[y * w + x] == 1 && u >= 0 && u < w)
                    mask[v * w + u] = 255;
            }
        }
    }
}

int
copies_find(const struct plane *fine, int sign, uint8_t *mask, int *count, struct err *e)
{
    int all = fine->w * fine->h;
    struct search *s = calloc(1, sizeof *s);
    uint8_t *kind = malloc((size_t)all);
    int rc = ST_OK;

    *count = 0;
    if (s == NULL || kind == NULL) {
        rc = err_set(e, ST_NOMEM, "Not enough memory for this picture.", "copies of a mark");
        goto out;
    }
    *s = (struct search){.fine = fine, .sign = (float)sign};
    outline(mask, fine->w, fine->h, kind);
    choose(kind, 1, fine->w, all, &s->on);
    choose(kind, 2, fine->w, all, &s->off);
    if (!measure(s))
        goto out;
    look_around(s);
    draw_copies(s, kind, mask);
    *count = s->n;
out:
    free(s);
    free(kind);
    return rc;
}
