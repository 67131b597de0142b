/*
 * Finding marks that repeat; see mark_tiled.h. Knows nothing of files and not how a mark is taken
 * away. Read next: mark_lattice.c.
 *
 * On the lattice on which a mark repeats, the middle of all repetitions is the mark: the picture
 * below differs from place to place and drops out.
 */
#include "render/pipeline/mark_tiled.h"

#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "common/err.h"
#include "render/pipeline/mark_lattice.h"

#define CLIP 16.0f  /* grey values; stronger edges are the picture's */
#define LATTICES 16 /* that are tried */
#define GATHERED 3  /* of them, the best: those whose mark is looked at */
#define SAMPLED 96  /* places a side by which lattices are compared */
#define REPEATS 4   /* steps along which a mark is gathered */
#define STEPS ((2 * REPEATS + 1) * (2 * REPEATS + 1) - 1)
#define REPEATS_MOST 20 /* the nearest are enough */
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
#define AGREE_MAYBE 0.75

struct search {
    int w, h;
    struct plane fine; /* what is fine, clipped */
    struct plane mean; /* of the repetitions */
    uint8_t *mask;     /* [h][w]: 0 or 255 */
};

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
try_lattices(struct search *s, struct tiled *out, uint8_t *mask, struct err *e)
{
    struct lattice l[LATTICES];
    double told[LATTICES];
    int n, rc = lattice_find(&s->fine, l, LATTICES, &n, e);

    if (rc == ST_OK)
        rank(s, l, told, n);
    for (int i = 0; rc == ST_OK && i < n && i < GATHERED && told[i] >= TOLD_SURE; i++) {
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
        out->agreement = agree;
        memcpy(mask, s->mask, (size_t)s->w * (size_t)s->h);
        if (result == MARK_FOUND)
            break;
    }
    return rc;
}

int
tiled_find(const struct plane *fine, struct tiled *out, uint8_t *mask, struct err *e)
{
    size_t all = (size_t)fine->w * (size_t)fine->h;
    struct search s = {.w = fine->w, .h = fine->h, .fine = {fine->w, fine->h, NULL}};
    int rc;

    *out = (struct tiled){0};
    s.mean = s.fine;
    s.fine.v = malloc(all * sizeof(float));
    s.mean.v = malloc(all * sizeof(float));
    s.mask = malloc(all);
    if (s.fine.v == NULL || s.mean.v == NULL || s.mask == NULL) {
        rc = err_set(e, ST_NOMEM, "Not enough memory for this picture.", "a plane");
        goto out;
    }
    for (size_t i = 0; i < all; i++)
        s.fine.v[i] = fminf(fmaxf(fine->v[i], -CLIP), CLIP);
    rc = try_lattices(&s, out, mask, e);
out:
    free(s.fine.v);
    free(s.mean.v);
    free(s.mask);
    return rc;
}
