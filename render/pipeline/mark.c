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
#include <stdlib.h>
#include <string.h>

#include "common/err.h"
#include "render/pipeline/mark_lattice.h"

#define SIDE_MOST 768 /* pixels; larger pictures are searched reduced */
#define SIDE_LEAST 48 /* nothing can repeat in less */
#define RADIUS 10     /* of the local middle: more than a stroke, less than a thing */
#define CLIP 16.0f    /* grey values; stronger edges are the picture's */
#define LATTICES 16   /* that are tried */
#define GATHERED 3    /* of them, the best: those whose mark is looked at */
#define SAMPLED 128   /* places a side by which lattices are compared */
#define REPEATS 4     /* steps along which a mark is gathered */
#define STEPS ((2 * REPEATS + 1) * (2 * REPEATS + 1) - 1)
#define REPEATS_MOST 24 /* the nearest are enough */
#define REPEATS_LEAST 4 /* places that must agree */
#define EDGE 0.4f       /* of the contrast: where a stroke begins */
#define BLOCKS 5        /* a side */
#define BLOCK_LEAST 20  /* pixels of the mark that make a block count */
#define SHOWS 0.3f      /* of the contrast: so much at its own place is no accident */
#define CONTRAST 4.0f   /* grey values; less is no mark that anybody sees */
#define OTHER 0.35f     /* contrast of the other sign: a tint has one sign */
#define TOLD_SURE 0.3   /* correlations, and shares of blocks that agree */
#define TOLD_MAYBE 0.4
#define AGREE_SURE 0.8
#define AGREE_MAYBE 0.65

struct search {
    int w, h;
    struct plane light; /* luminance */
    struct plane fine;  /* light less its local middle */
    struct plane mean;  /* of the repetitions */
    uint8_t *mask;      /* [h][w]: 0 or 255 */
    uint8_t *found;     /* [h][w]: the best of the masks */
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
    free(s->found);
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
    s->mask = calloc((size_t)s->w, (size_t)s->h);
    s->found = calloc((size_t)s->w, (size_t)s->h);
    if (s->mask == NULL || s->found == NULL)
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

/* The repetitions of a place, nearest first. */
struct steps {
    int n;
    double x[STEPS], y[STEPS], far[STEPS];
};

static void
list_steps(const struct lattice *l, struct steps *out)
{
    out->n = 0;
    for (int i = -REPEATS; i <= REPEATS; i++) {
        for (int j = -REPEATS; j <= REPEATS; j++) {
            double x = i * l->ax + j * l->bx, y = i * l->ay + j * l->by, far = hypot(x, y);
            int at = out->n;

            if (i == 0 && j == 0)
                continue;
            for (; at > 0 && out->far[at - 1] > far; at--) {
                out->x[at] = out->x[at - 1];
                out->y[at] = out->y[at - 1];
                out->far[at] = out->far[at - 1];
            }
            out->x[at] = x;
            out->y[at] = y;
            out->far[at] = far;
            out->n++;
        }
    }
}

/* The middle half's mean of what one pixel's nearest repetitions have; 0 where there are too few.
 */
static float
repeated(const struct plane *p, const struct steps *steps, int x, int y)
{
    float v[REPEATS_MOST], sum = 0;
    int n = 0, from, to;

    for (int i = 0; i < steps->n && n < REPEATS_MOST; i++) {
        float one;

        if (sample(p, x + steps->x[i], y + steps->y[i], &one))
            put(v, n++, one);
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
    struct steps steps;

    list_steps(l, &steps);
    for (int y = 0; y < s->h; y++) {
        for (int x = 0; x < s->w; x++)
            s->mean.v[y * s->w + x] = repeated(&s->fine, &steps, x, y);
    }
}

/* How well each pixel is told by its repetitions: the mean of the blocks' correlations. What a
   picture repeats by itself is in a part of it only. */
static double
foretold(const struct search *s, const struct lattice *l)
{
    double own[BLOCKS * BLOCKS] = {0}, others[BLOCKS * BLOCKS] = {0}, both[BLOCKS * BLOCKS] = {0};
    double sum = 0;
    int skip = 1 + (s->w > s->h ? s->w : s->h) / SAMPLED;
    struct steps steps;

    list_steps(l, &steps);
    for (int y = 0; y < s->h; y += skip) {
        for (int x = y / skip % skip; x < s->w; x += skip) {
            int block = y * BLOCKS / s->h * BLOCKS + x * BLOCKS / s->w;
            double a = s->fine.v[y * s->w + x], b = repeated(&s->fine, &steps, x, y);

            own[block] += a * a;
            others[block] += b * b;
            both[block] += a * b;
        }
    }
    for (int i = 0; i < BLOCKS * BLOCKS; i++)
        sum += both[i] / (sqrt(own[i] * others[i]) + 1e-3);
    return sum / (BLOCKS * BLOCKS);
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

/* The lattices' order by how well they foretell, best first; double told[] beside them. */
static void
rank(const struct search *s, struct lattice *l, double *told, int n)
{
    for (int i = 0; i < n; i++) {
        struct lattice one = l[i];
        double now = foretold(s, &one);
        int at = i;

        for (; at > 0 && told[at - 1] < now; at--) {
            l[at] = l[at - 1];
            told[at] = told[at - 1];
        }
        l[at] = one;
        told[at] = now;
    }
}

/* What a lattice's mark is worth, from what it looks like. */
static enum mark_result
verdict(double told, double agree, const struct shape *shape)
{
    if (shape->contrast < CONTRAST || shape->other > OTHER * shape->contrast)
        return MARK_NONE;
    if (told >= TOLD_SURE && agree >= AGREE_SURE)
        return MARK_FOUND;
    return told >= TOLD_MAYBE && agree >= AGREE_MAYBE ? MARK_UNSURE : MARK_NONE;
}

static int
find_tiled(struct search *s, struct mark *out, struct err *e)
{
    struct lattice l[LATTICES];
    double told[LATTICES];
    int n, rc = lattice_find(&s->fine, l, LATTICES, &n, e);

    if (rc == ST_OK)
        rank(s, l, told, n);
    for (int i = 0; rc == ST_OK && i < n && i < GATHERED; i++) {
        struct shape shape = {0};
        double agree;
        enum mark_result result;

        gather(s, &l[i]);
        if ((rc = describe(&s->mean, &shape, e)) != ST_OK)
            return rc;
        cut(s, &shape);
        agree = agreement(s, &shape);
        result = verdict(told[i], agree, &shape);
        if (result <= out->result)
            continue;
        out->result = result;
        out->confidence = agree;
        memcpy(s->found, s->mask, (size_t)s->w * (size_t)s->h);
        if (result == MARK_FOUND)
            break;
    }
    return rc;
}

/* --- the proposal --- */

/* The mask at the picture's size, widened by its soft edge. */
static int
propose(const struct search *s, const struct image *in, struct mark *out, struct err *e)
{
    struct image *m = &out->mask;
    int grow = 1;

    *m = (struct image){in->width, in->height, calloc((size_t)in->width * (size_t)in->height, 3)};
    if (m->pixels == NULL)
        return err_set(e, ST_NOMEM, "Not enough memory for this picture.", "a mask");
    for (int y = 0; y < in->height; y++) {
        for (int x = 0; x < in->width; x++) {
            int cx = (int)((int64_t)x * s->w / in->width);
            int cy = (int)((int64_t)y * s->h / in->height), hit = 0;

            for (int v = cy - grow; v <= cy + grow; v++) {
                for (int u = cx - grow; u <= cx + grow; u++)
                    hit |= u >= 0 && v >= 0 && u < s->w && v < s->h && (u == cx || v == cy) &&
                           s->found[v * s->w + u] != 0;
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
    if (out->result != MARK_NONE)
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
