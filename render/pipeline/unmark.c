/*
 * Lifting semi-transparent marks; see unmark.h. Knows no files and no networks. Read next: fill.c,
 * for marks that hide what is below.
 */
#include "render/pipeline/unmark.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "common/err.h"
#include "render/pipeline/generate.h"
#include "render/pipeline/hole.h"

#define BLOCK 24       /* pixels; the texture's accidents average out in one */
#define BLOCK_LEAST 10 /* pixels of the mark that make a block count */
#define SPREADING 60   /* passes of the smooth expectation */
#define SWEEPS 6       /* refinements of the edges */
#define CONTRAST 24.0  /* between mark and picture: below, opacity cannot be told from a pixel */
#define OPACITY_LEAST 0.04
#define OPACITY_MOST 0.82 /* beyond, too little is left of the picture */
#define SATURATED 0.86    /* of the opacity: such a pixel is inside the stroke */
#define HIDDEN 0.6        /* share of the variance that may stay unexplained */
#define NOISE 4.0         /* squares of grey values: rounding */
#define PURE_BONUS 1.2    /* plain white or black may be so much worse than the best colour */

struct work {
    size_t w, h, count;
    const struct hole *hole;
    uint8_t *rgb;    /* the image's own pixels */
    uint32_t *at;    /* [count]: pixels of the mark */
    float *expected; /* [h][w][3]: what the surroundings let expect */
    float *share;    /* [count]: opacity of the pixel */
};

/* Averages over a block of pixels that are wholly under the mark. */
struct block {
    double seen[3], expected[3], weight;
};

struct tint {
    double opacity, colour[3];
    double misfit; /* mean square of what it does not explain */
};

static int
allocate(struct work *k, const struct hole *hole, struct image *image, struct err *e)
{
    *k = (struct work){.w = hole->w, .h = hole->h, .hole = hole, .rgb = image->pixels};
    k->at = malloc((hole->count + 1) * sizeof *k->at);
    k->share = malloc((hole->count + 1) * sizeof *k->share);
    k->expected = malloc(hole->w * hole->h * 3 * sizeof *k->expected);
    if (k->at == NULL || k->share == NULL || k->expected == NULL)
        return err_set(e, ST_NOMEM, "Not enough memory for this picture.", "lifting a mark");
    for (size_t i = 0; i < hole->w * hole->h; i++) {
        if (hole->deep[i] != 0)
            k->at[k->count++] = (uint32_t)i;
        for (size_t c = 0; c < 3; c++)
            k->expected[3 * i + c] = (float)image->pixels[3 * i + c];
    }
    return ST_OK;
}

static void
release(struct work *k)
{
    free(k->at);
    free(k->share);
    free(k->expected);
}

/* The mean of the eight neighbours' expectation; with `ring`, of those nearer to the known part. */
static bool
around(const struct work *k, size_t at, size_t ring, float out[3])
{
    int64_t w = (int64_t)k->w, x0 = (int64_t)at % w, y0 = (int64_t)at / w;
    float sum[3] = {0}, count = 0.0f;

    for (int64_t i = 0; i < 9; i++) {
        int64_t x = x0 + i % 3 - 1, y = y0 + i / 3 - 1;

        if (x < 0 || y < 0 || x >= w || y >= (int64_t)k->h || i == 4 ||
            (ring != 0 && k->hole->deep[y * w + x] >= ring))
            continue;
        for (size_t c = 0; c < 3; c++)
            sum[c] += k->expected[(size_t)(y * w + x) * 3 + c];
        count += 1.0f;
    }
    for (size_t c = 0; c < 3 && count > 0.0f; c++)
        out[c] = sum[c] / count;
    return count > 0.0f;
}

/* What would be there without the mark, were the picture smooth. */
static void
expect(struct work *k)
{
    size_t deepest = 0;

    for (size_t i = 0; i < k->count; i++)
        deepest = k->hole->deep[k->at[i]] > deepest ? k->hole->deep[k->at[i]] : deepest;
    for (size_t pass = 1; pass <= deepest + SPREADING; pass++) {
        size_t ring = pass <= deepest ? pass : 0;

        for (size_t i = 0; i < k->count; i++) {
            float value[3];

            if ((ring == 0 || k->hole->deep[k->at[i]] == ring) && around(k, k->at[i], ring, value))
                memcpy(k->expected + (size_t)k->at[i] * 3, value, sizeof value);
        }
    }
}

/* --- one opacity, one colour --- */

/* Pixels so deep are wholly under the mark: two steps where strokes are thick enough. */
static size_t
depth_of_strokes(const struct work *k)
{
    size_t thick = 0;

    for (size_t i = 0; i < k->count; i++)
        thick += k->hole->deep[k->at[i]] >= 2;
    return 10 * thick >= k->count ? 2 : 1;
}

static size_t
gather(const struct work *k, struct block *blocks, size_t across, size_t all)
{
    size_t depth = depth_of_strokes(k), kept = 0;

    for (size_t i = 0; i < k->count; i++) {
        size_t at = k->at[i];
        struct block *b = &blocks[at / k->w / BLOCK * across + at % k->w / BLOCK];

        if (k->hole->deep[at] < depth)
            continue;
        for (size_t c = 0; c < 3; c++) {
            b->seen[c] += k->rgb[3 * at + c];
            b->expected[c] += (double)k->expected[3 * at + c];
        }
        b->weight += 1.0;
    }
    for (size_t i = 0; i < all; i++) {
        if (blocks[i].weight < BLOCK_LEAST)
            continue;
        blocks[kept] = blocks[i];
        for (size_t c = 0; c < 3; c++) {
            blocks[kept].seen[c] /= blocks[kept].weight;
            blocks[kept].expected[c] /= blocks[kept].weight;
        }
        kept++;
    }
    return kept;
}

/* The best opacity for a colour, and how badly it fits. */
static struct tint
fit_opacity(const struct block *blocks, size_t count, const double colour[3])
{
    struct tint t = {.colour = {colour[0], colour[1], colour[2]}};
    double up = 0, down = 1e-9, weights = 1e-9;

    for (size_t i = 0; i < count; i++) {
        for (size_t c = 0; c < 3; c++) {
            double to = colour[c] - blocks[i].expected[c];

            up += blocks[i].weight * to * (blocks[i].seen[c] - blocks[i].expected[c]);
            down += blocks[i].weight * to * to;
        }
    }
    t.opacity = fmin(fmax(up / down, 0.0), 1.0);
    for (size_t i = 0; i < count; i++) {
        for (size_t c = 0; c < 3; c++) {
            double off = blocks[i].seen[c] - (1.0 - t.opacity) * blocks[i].expected[c] -
                         t.opacity * colour[c];

            t.misfit += blocks[i].weight * off * off;
        }
        weights += blocks[i].weight;
    }
    t.misfit /= weights;
    return t;
}

/* Least squares of seen = (1 - a)·expected + a·w for a and the three a·w. */
static struct tint
fit_colour(const struct block *blocks, size_t count)
{
    double mean_seen[3] = {0}, mean_expected[3] = {0}, weights = 1e-9, up = 0, down = 1e-9, a;
    double colour[3];

    for (size_t i = 0; i < count; i++) {
        for (size_t c = 0; c < 3; c++) {
            mean_seen[c] += blocks[i].weight * blocks[i].seen[c];
            mean_expected[c] += blocks[i].weight * blocks[i].expected[c];
        }
        weights += blocks[i].weight;
    }
    for (size_t i = 0; i < count; i++) {
        for (size_t c = 0; c < 3; c++) {
            double x = blocks[i].expected[c] - mean_expected[c] / weights;

            up += blocks[i].weight * x * (blocks[i].seen[c] - mean_seen[c] / weights);
            down += blocks[i].weight * x * x;
        }
    }
    a = fmin(fmax(1.0 - up / down, OPACITY_LEAST), 1.0);
    for (size_t c = 0; c < 3; c++)
        colour[c] =
            fmin(fmax((mean_seen[c] - (1.0 - a) * mean_expected[c]) / weights / a, 0.0), 255.0);
    return fit_opacity(blocks, count, colour);
}

static struct tint
find_tint(const struct block *blocks, size_t count)
{
    static const double pure[2][3] = {{255, 255, 255}, {0, 0, 0}};
    struct tint best = fit_colour(blocks, count);
    double limit = best.misfit * PURE_BONUS + 0.5;

    for (size_t i = 0; i < 2; i++) {
        struct tint t = fit_opacity(blocks, count, pure[i]);

        if (t.misfit <= limit && t.opacity > OPACITY_LEAST) {
            best = t;
            limit = t.misfit;
        }
    }
    return best;
}

/* Mean square of the differences between blocks of what is seen: the misfit of something that hides
   the picture. */
static double
variance(const struct block *blocks, size_t count)
{
    double mean[3] = {0}, weights = 1e-9, sum = 0;

    for (size_t i = 0; i < count; i++) {
        weights += blocks[i].weight;
        for (size_t c = 0; c < 3; c++)
            mean[c] += blocks[i].weight * blocks[i].seen[c];
    }
    for (size_t i = 0; i < count; i++) {
        for (size_t c = 0; c < 3; c++) {
            double off = blocks[i].seen[c] - mean[c] / weights;

            sum += blocks[i].weight * off * off;
        }
    }
    return sum / weights;
}

/* Does it let the picture shine through? Only then does what is seen follow what is expected. */
static bool
is_transparent(const struct tint *t, const struct block *blocks, size_t count)
{
    return t->opacity >= OPACITY_LEAST && t->opacity <= OPACITY_MOST &&
           t->misfit <= HIDDEN * variance(blocks, count) + NOISE;
}

/* --- every pixel --- */

/* How opaque the mark is at a pixel, judged by what is expected there. */
static float
share_at(const struct work *k, const struct tint *t, size_t at)
{
    double up = 0, down = 0;

    for (size_t c = 0; c < 3; c++) {
        double expected = (double)k->expected[3 * at + c], to = t->colour[c] - expected;

        up += to * ((double)k->rgb[3 * at + c] - expected);
        down += to * to;
    }
    if (down < CONTRAST * CONTRAST)
        return (float)t->opacity;
    return (float)fmin(fmax(up / down, 0.0), t->opacity);
}

static void
solve(struct work *k, const struct tint *t, size_t i)
{
    size_t at = k->at[i];

    for (size_t c = 0; c < 3; c++) {
        double b = ((double)k->rgb[3 * at + c] - (double)k->share[i] * t->colour[c]) /
                   (1.0 - (double)k->share[i]);

        k->expected[3 * at + c] = (float)fmin(fmax(b, 0.0), 255.0);
    }
}

/* Inside the strokes the opacity is the mark's; at their edges it follows from the neighbours that
   are solved already, again and again. */
static void
lift(struct work *k, const struct tint *t)
{
    for (size_t i = 0; i < k->count; i++) {
        float share = share_at(k, t, k->at[i]);

        k->share[i] = (double)share > SATURATED * t->opacity || k->hole->deep[k->at[i]] > 2
                          ? (float)t->opacity
                          : share;
    }
    for (size_t i = 0; i < k->count; i++)
        solve(k, t, i);
    for (int sweep = 0; sweep < SWEEPS; sweep++) {
        for (size_t i = 0; i < k->count; i++) {
            float value[3];

            if ((double)k->share[i] >= t->opacity || !around(k, k->at[i], 0, value))
                continue;
            memcpy(k->expected + (size_t)k->at[i] * 3, value, sizeof value);
            k->share[i] = share_at(k, t, k->at[i]);
            solve(k, t, i);
        }
    }
}

int
unmark(const struct hole *hole, struct image *image, struct unmark_found *found, struct err *e)
{
    size_t across = hole->w / BLOCK + 1, all = across * (hole->h / BLOCK + 1), count;
    struct block *blocks = calloc(all, sizeof *blocks);
    struct tint t = {0};
    struct work k;
    int rc = allocate(&k, hole, image, e);

    *found = (struct unmark_found){0};
    if (rc == ST_OK && blocks == NULL)
        rc = err_set(e, ST_NOMEM, "Not enough memory for this picture.", "lifting a mark");
    if (rc != ST_OK)
        goto out;
    expect(&k);
    if ((count = gather(&k, blocks, across, all)) == 0)
        goto out;
    t = find_tint(blocks, count);
    found->opacity = t.opacity;
    memcpy(found->colour, t.colour, sizeof found->colour);
    if (!is_transparent(&t, blocks, count))
        goto out;
    lift(&k, &t);
    for (size_t i = 0; i < k.count; i++)
        for (size_t c = 0; c < 3; c++)
            image->pixels[3 * k.at[i] + c] = (uint8_t)(k.expected[3 * k.at[i] + c] + 0.5f);
    found->lifted = true;
out:
    release(&k);
    free(blocks);
    return rc;
}
