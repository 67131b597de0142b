/*
 * Finding watermarks; see mark.h. Knows no files, no networks and not how a mark is taken away.
 * Read next: mark_lattice.c, then clear.c.
 *
 * What is thinner than a letter stays when the picture's local middle is taken away. On the lattice
 * on which that repeats, the middle of all repetitions is the mark: the picture below differs from
 * place to place and drops out.
 */
#include "render/pipeline/mark.h"

#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/err.h"
#include "render/pipeline/mark_lattice.h"

#define SIDE_MOST 768    /* pixels; larger pictures are searched reduced */
#define SIDE_LEAST 48    /* nothing can repeat in less */
#define RADIUS 10        /* of the local middle: more than a stroke, less than a thing */
#define CLIP 48.0f       /* grey values; stronger edges are the picture's */
#define REPEATS 4        /* steps along which a mark is gathered */
#define STRENGTH 9.0     /* deviations of a lattice that is no chance */
#define REPEATS_LEAST 4  /* places that must agree */
#define EDGE 0.4f        /* of the contrast: where a stroke begins */
#define BLOCKS 5         /* a side */
#define BLOCK_LEAST 20   /* pixels of the mark that make a block count */
#define SHOWS 0.3f       /* of the contrast: so much at its own place is no accident */
#define CONTRAST 12.0f   /* grey values; less is no mark that anybody sees */
#define OTHER 0.7f       /* contrast of the other sign: a tint has one */
#define CONFIDENT 0.5

struct search {
    int w, h;
    struct plane light; /* luminance */
    struct plane fine;  /* light less its local middle */
    struct plane mean;  /* of the repetitions */
    uint8_t *mask;      /* [h][w]: 0 or 255 */
};

static int
plane_new(int w, int h, struct plane *out, struct err *e)
{
    *out = (struct plane){w, h, calloc((size_t)w * (size_t)h, sizeof *out->v)};
    return out->v != NULL ? ST_OK
                          : err_set(e, ST_NOMEM, "Not enough memory for this picture.", "a plane");
}

static void
search_release(struct search *s)
{
    free(s->light.v);
    free(s->fine.v);
    free(s->mean.v);
    free(s->mask);
}

/* --- what is fine in the picture --- */

/* Luminance, averaged over the pixels that one of the reduced picture stands for. */
static void
reduce(const struct image *in, struct plane *out)
{
    for (int y = 0; y < out->h; y++) {
        int y0 = (int)((int64_t)y * in->height / out->h);
        int y1 = (int)((int64_t)(y + 1) * in->height / out->h);

        for (int x = 0; x < out->w; x++) {
            int x0 = (int)((int64_t)x * in->width / out->w);
            int x1 = (int)((int64_t)(x + 1) * in->width / out->w);
            double sum = 0;

            for (int v = y0; v < y1; v++) {
                for (int u = x0; u < x1; u++) {
                    const uint8_t *p = in->pixels + ((size_t)v * (size_t)in->width + (size_t)u) * 3;

                    sum += 0.299 * p[0] + 0.587 * p[1] + 0.114 * p[2];
                }
            }
            out->v[y * out->w + x] = (float)(sum / ((double)(x1 - x0) * (y1 - y0)));
        }
    }
}

/* Adds a column of the window to a histogram of the luminance, or takes it out. */
static void
count_column(const struct plane *p, int x, int y, int by, int counts[256], int *all)
{
    if (x < 0 || x >= p->w)
        return;
    for (int v = y < RADIUS ? 0 : y - RADIUS; v <= y + RADIUS && v < p->h; v++) {
        counts[(int)p->v[v * p->w + x]] += by;
        *all += by;
    }
}

/* The local middle by a histogram that slides along each row (Huang 1979). */
static void
take_middle(const struct plane *light, struct plane *fine)
{
    for (int y = 0; y < light->h; y++) {
        int counts[256] = {0}, all = 0;

        for (int x = -RADIUS; x < RADIUS; x++)
            count_column(light, x, y, 1, counts, &all);
        for (int x = 0; x < light->w; x++) {
            int below = 0, middle = 0;
            float rest;

            count_column(light, x + RADIUS, y, 1, counts, &all);
            while (below + counts[middle] <= all / 2)
                below += counts[middle++];
            count_column(light, x - RADIUS, y, -1, counts, &all);
            rest = light->v[y * light->w + x] - (float)middle - 0.5f;
            fine->v[y * light->w + x] = fminf(fmaxf(rest, -CLIP), CLIP);
        }
    }
}

static int
prepare(const struct image *in, struct search *s, struct err *e)
{
    int longest = in->width > in->height ? in->width : in->height, rc;

    s->w = longest <= SIDE_MOST ? in->width : (int)((int64_t)in->width * SIDE_MOST / longest);
    s->h = longest <= SIDE_MOST ? in->height : (int)((int64_t)in->height * SIDE_MOST / longest);
    if (s->w < SIDE_LEAST || s->h < SIDE_LEAST)
        return ST_OK;
    if ((rc = plane_new(s->w, s->h, &s->light, e)) != ST_OK ||
        (rc = plane_new(s->w, s->h, &s->fine, e)) != ST_OK ||
        (rc = plane_new(s->w, s->h, &s->mean, e)) != ST_OK)
        return rc;
    if ((s->mask = calloc((size_t)s->w, (size_t)s->h)) == NULL)
        return err_set(e, ST_NOMEM, "Not enough memory for this picture.", "a mask");
    reduce(in, &s->light);
    take_middle(&s->light, &s->fine);
    return ST_OK;
}

/* --- tiled marks --- */

static bool
sample(const struct plane *p, double x, double y, float *out)
{
    int x0 = (int)floor(x), y0 = (int)floor(y);
    float fx = (float)(x - x0), fy = (float)(y - y0);
    const float *v = p->v + (ptrdiff_t)y0 * p->w + x0;

    if (x0 < 0 || y0 < 0 || x0 + 1 >= p->w || y0 + 1 >= p->h)
        return false;
    *out = (1 - fy) * ((1 - fx) * v[0] + fx * v[1]) + fy * ((1 - fx) * v[p->w] + fx * v[p->w + 1]);
    return true;
}

/* Inserts into ascending numbers. */
static void
put(float *v, int n, float x)
{
    for (; n > 0 && v[n - 1] > x; n--)
        v[n] = v[n - 1];
    v[n] = x;
}

/* The middle half's mean of all repetitions of one pixel; 0 where there are too few. */
static float
repeated(const struct plane *p, const struct lattice *l, int x, int y)
{
    float v[(2 * REPEATS + 1) * (2 * REPEATS + 1)], sum = 0;
    int n = 0, from, to;

    for (int j = -REPEATS; j <= REPEATS; j++) {
        for (int i = -REPEATS; i <= REPEATS; i++) {
            float one;

            if (sample(p, x + i * l->ax + j * l->bx, y + i * l->ay + j * l->by, &one))
                put(v, n++, one);
        }
    }
    if (n < REPEATS_LEAST)
        return 0;
    from = n / 4;
    to = n - n / 4;
    for (int i = from; i < to; i++)
        sum += v[i];
    return sum / (float)(to - from);
}

static void
gather(struct search *s, const struct lattice *l)
{
    for (int y = 0; y < s->h; y++) {
        for (int x = 0; x < s->w; x++)
            s->mean.v[y * s->w + x] = repeated(&s->fine, l, x, y);
    }
}

static int
ascending(const void *a, const void *b)
{
    float x = *(const float *)a, y = *(const float *)b;

    return (x > y) - (x < y);
}

/* What the gathered mark looks like. */
struct shape {
    float sign;     /* 1 = brighter than the picture */
    float contrast; /* of the inside of its strokes, grey values */
    float noise;    /* one deviation of what is left of the picture beside it */
    float other;    /* contrast of the opposite sign: a tint has little */
};

static int
describe(const struct plane *mean, struct shape *out, struct err *e)
{
    size_t all = (size_t)mean->w * (size_t)mean->h;
    float *v = malloc(all * sizeof *v), low, high, middle;

    if (v == NULL)
        return err_set(e, ST_NOMEM, "Not enough memory for this picture.", "levels");
    memcpy(v, mean->v, all * sizeof *v);
    qsort(v, all, sizeof *v, ascending);
    middle = v[all / 2];
    low = middle - v[all / 25];
    high = v[all - 1 - all / 25] - middle;
    out->sign = high > low ? 1.0f : -1.0f;
    out->contrast = high > low ? high : low;
    out->other = high > low ? low : high;
    for (size_t i = 0; i < all; i++)
        v[i] = fabsf(v[i] - middle);
    qsort(v, all, sizeof *v, ascending);
    out->noise = v[all / 2] / 0.6745f;
    free(v);
    return ST_OK;
}

/* Where the mark shows at its place itself, by blocks of the picture: the share of blocks in which
   most of its pixels do. Something of the picture that happens to repeat is in a part of it. */
static double
agreement(const struct search *s, const struct shape *shape)
{
    int hits[BLOCKS * BLOCKS] = {0}, all[BLOCKS * BLOCKS] = {0}, blocks = 0;
    double agree = 0;

    for (int i = 0; i < s->w * s->h; i++) {
        int block = i / s->w * BLOCKS / s->h * BLOCKS + i % s->w * BLOCKS / s->w;

        if (s->mask[i] == 0)
            continue;
        all[block]++;
        hits[block] += shape->sign * s->fine.v[i] > SHOWS * shape->contrast;
    }
    for (int i = 0; i < BLOCKS * BLOCKS; i++) {
        if (all[i] < BLOCK_LEAST)
            continue;
        blocks++;
        agree += (double)hits[i] / all[i] > 0.6;
    }
    return blocks < BLOCKS * BLOCKS / 4 ? 0 : agree / blocks;
}

static void
cut(struct search *s, const struct shape *shape)
{
    float edge = fmaxf(EDGE * shape->contrast, fminf(1.6f * shape->noise, 0.65f * shape->contrast));

    for (int i = 0; i < s->w * s->h; i++)
        s->mask[i] = shape->sign * s->mean.v[i] > edge ? 255 : 0;
}

static int
find_tiled(struct search *s, struct mark *out, struct err *e)
{
    struct lattice l;
    struct shape shape = {0};
    int rc = lattice_find(&s->fine, &l, e);

    if (rc != ST_OK || !(l.strength > 0))
        return rc;
    gather(s, &l);
    if ((rc = describe(&s->mean, &shape, e)) != ST_OK)
        return rc;
    cut(s, &shape);
    out->confidence = agreement(s, &shape);
    if (getenv("MARK_SAY"))
        fprintf(stderr, "(%.1f %.1f) (%.1f %.1f) strength %.1f sign %.0f contrast %.1f noise %.1f other %.1f agree %.2f\n",
                l.ax, l.ay, l.bx, l.by, l.strength, shape.sign, shape.contrast, shape.noise, shape.other, out->confidence);
    if (l.strength >= STRENGTH && shape.contrast >= CONTRAST && out->confidence >= CONFIDENT &&
        shape.other <= OTHER * shape.contrast)
        out->kind = MARK_TILED;
    return ST_OK;
}

/* --- the proposal --- */

/* The mask at the picture's size, widened by its soft edge. */
static int
propose(const struct search *s, const struct image *in, struct mark *out, struct err *e)
{
    struct image *m = &out->mask;
    int grow = 1;

    *m = (struct image){in->width, in->height,
                        calloc((size_t)in->width * (size_t)in->height, 3)};
    if (m->pixels == NULL)
        return err_set(e, ST_NOMEM, "Not enough memory for this picture.", "a mask");
    for (int y = 0; y < in->height; y++) {
        for (int x = 0; x < in->width; x++) {
            int cx = (int)((int64_t)x * s->w / in->width);
            int cy = (int)((int64_t)y * s->h / in->height), hit = 0;

            for (int v = cy - grow; v <= cy + grow; v++) {
                for (int u = cx - grow; u <= cx + grow; u++)
                    hit |= u >= 0 && v >= 0 && u < s->w && v < s->h && (u == cx || v == cy) &&
                           s->mask[v * s->w + u] != 0;
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
    struct search s = {0};
    int rc;

    *out = (struct mark){0};
    if ((rc = prepare(in, &s, e)) != ST_OK || s.mask == NULL)
        goto out;
    if ((rc = find_tiled(&s, out, e)) != ST_OK)
        goto out;
    if (out->kind != MARK_NONE)
        rc = propose(&s, in, out, e);
out:
    search_release(&s);
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
