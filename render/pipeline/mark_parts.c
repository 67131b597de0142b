/*
 * Thin parts of a picture; see mark_parts.h. Knows nothing of marks. Read next: mark_single.c.
 */
#include "render/pipeline/mark_parts.h"

#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "common/err.h"

#define RADIUS 10       /* of the local middle: more than a stroke, less than a thing */
#define CALM 4.0f       /* grey values from the local middle: such pixels are ground */
#define CALM_LEAST 30   /* of them make a ground */
#define PARTS_MOST 1500 /* of one threshold: more is a texture */
#define PIXELS_LEAST 10
#define SIZE_LEAST 5 /* pixels, the longer side */
#define BINS 64
#define FULL 0.8 /* percentile of the ink that counts as full */

/* --- levels --- */

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
        int counts[256] = {0}, all = 0, below = 0, middle = 0;

        for (int x = -RADIUS; x < RADIUS; x++)
            count_column(light, x, y, 1, counts, &all);
        for (int x = 0; x < light->w; x++) {
            count_column(light, x + RADIUS, y, 1, counts, &all);
            for (below = middle = 0; below + counts[middle] <= all / 2; middle++)
                below += counts[middle];
            count_column(light, x - RADIUS, y, -1, counts, &all);
            fine->v[y * light->w + x] = light->v[y * light->w + x] - (float)middle - 0.5f;
        }
    }
}

/* Means over windows of what is calm, by running sums of columns: sums[w][4] of r, g, b, n. */
static void
add_row(const struct level *l, int y, double by, double (*sums)[4])
{
    if (y < 0 || y >= l->h)
        return;
    for (int x = 0; x < l->w; x++) {
        const uint8_t *p = l->rgb + ((size_t)y * (size_t)l->w + (size_t)x) * 3;

        if (fabsf(l->fine.v[y * l->w + x]) > CALM)
            continue;
        for (int c = 0; c < 3; c++)
            sums[x][c] += by * p[c];
        sums[x][3] += by;
    }
}

static int
find_ground(struct level *l, struct err *e)
{
    double(*sums)[4] = calloc((size_t)l->w, sizeof *sums);

    if (sums == NULL)
        return err_set(e, ST_NOMEM, "Not enough memory for this picture.", "a ground");
    for (int y = -RADIUS; y < RADIUS; y++)
        add_row(l, y, 1, sums);
    for (int y = 0; y < l->h; y++) {
        double here[4] = {0};

        add_row(l, y + RADIUS, 1, sums);
        for (int x = -RADIUS; x < l->w; x++) {
            float *out = l->ground + ((size_t)y * (size_t)l->w + (size_t)(x < 0 ? 0 : x)) * 3;

            for (int c = 0; c < 4; c++) {
                here[c] += x + RADIUS < l->w ? sums[x + RADIUS][c] : 0;
                here[c] -= x - RADIUS > 0 ? sums[x - RADIUS - 1][c] : 0;
            }
            for (int c = 0; x >= 0 && c < 3; c++)
                out[c] = here[3] >= CALM_LEAST ? (float)(here[c] / here[3]) : -1.0f;
        }
        add_row(l, y - RADIUS, -1, sums);
    }
    free(sums);
    return ST_OK;
}

static int
level_new(int w, int h, struct level *out, struct err *e)
{
    size_t all = (size_t)w * (size_t)h;

    *out = (struct level){.w = w, .h = h, .fine = {w, h, NULL}};
    out->rgb = malloc(all * 3);
    out->fine.v = malloc(all * sizeof(float));
    out->ground = malloc(all * 3 * sizeof(float));
    if (out->rgb == NULL || out->fine.v == NULL || out->ground == NULL)
        return err_set(e, ST_NOMEM, "Not enough memory for this picture.", "a level");
    return ST_OK;
}

static int
fill_level(struct level *l, struct err *e)
{
    size_t all = (size_t)l->w * (size_t)l->h;
    struct plane light = {l->w, l->h, malloc(all * sizeof(float))};
    int rc;

    if (light.v == NULL)
        return err_set(e, ST_NOMEM, "Not enough memory for this picture.", "luminance");
    for (size_t i = 0; i < all; i++)
        light.v[i] = 0.299f * (float)l->rgb[3 * i] + 0.587f * (float)l->rgb[3 * i + 1] +
                     0.114f * (float)l->rgb[3 * i + 2];
    take_middle(&light, &l->fine);
    rc = find_ground(l, e);
    free(light.v);
    return rc;
}

int
level_make(const uint8_t *rgb, int w, int h, struct level *out, struct err *e)
{
    int rc = level_new(w, h, out, e);

    if (rc != ST_OK)
        return rc;
    memcpy(out->rgb, rgb, (size_t)w * (size_t)h * 3);
    return fill_level(out, e);
}

int
level_halve(const struct level *of, struct level *out, struct err *e)
{
    size_t row = (size_t)of->w * 3;
    int rc = level_new(of->w / 2, of->h / 2, out, e);

    if (rc != ST_OK)
        return rc;
    for (int y = 0; y < out->h; y++) {
        for (int x = 0; x < out->w; x++) {
            const uint8_t *p = of->rgb + (size_t)(2 * y) * row + (size_t)(2 * x) * 3;

            for (size_t c = 0; c < 3; c++)
                out->rgb[((size_t)y * (size_t)out->w + (size_t)x) * 3 + c] =
                    (uint8_t)((p[c] + p[c + 3] + p[c + row] + p[c + row + 3] + 2) / 4);
        }
    }
    return fill_level(out, e);
}

void
level_release(struct level *l)
{
    free(l->rgb);
    free(l->fine.v);
    free(l->ground);
    *l = (struct level){0};
}

/* --- parts --- */

int
parts_new(int w, int h, struct parts *out, struct err *e)
{
    size_t all = (size_t)w * (size_t)h;

    *out = (struct parts){.w = w, .h = h, .room = PARTS_MOST};
    out->at = malloc(all * sizeof *out->at);
    out->seen = malloc(all);
    out->part = malloc(PARTS_MOST * sizeof *out->part);
    if (out->at == NULL || out->seen == NULL || out->part == NULL)
        return err_set(e, ST_NOMEM, "Not enough memory for this picture.", "parts");
    return ST_OK;
}

void
parts_release(struct parts *p)
{
    free(p->at);
    free(p->seen);
    free(p->part);
    *p = (struct parts){0};
}

/* Gathers what hangs together with p->at[part->start]; seen is 1 for what may belong to a part. */
static void
spread(struct parts *p, struct part *part)
{
    int sides = 0;

    for (int i = part->start; i < part->start + part->count; i++) {
        int x = p->at[i] % p->w, y = p->at[i] / p->w;

        part->x0 = x < part->x0 ? x : part->x0;
        part->x1 = x > part->x1 ? x : part->x1;
        part->y0 = y < part->y0 ? y : part->y0;
        part->y1 = y > part->y1 ? y : part->y1;
        for (int k = 0; k < 9; k++) {
            int u = x + k % 3 - 1, v = y + k / 3 - 1;
            bool in = u >= 0 && v >= 0 && u < p->w && v < p->h;

            sides += k % 2 == 1 && (!in || p->seen[v * p->w + u] == 0);
            if (in && p->seen[v * p->w + u] == 1) {
                p->seen[v * p->w + u] = 2;
                p->at[part->start + part->count++] = v * p->w + u;
            }
        }
    }
    part->stroke = 2.0 * part->count / sides;
    part->winding = (double)sides / (2.0 * (part->x1 - part->x0 + part->y1 - part->y0 + 2));
}

double
ink_of(const uint8_t *c, const float *b, double ink)
{
    double both = 0, far = 1;

    if (b[0] < 0)
        return -1;
    for (int k = 0; k < 3; k++) {
        both += ((double)c[k] - b[k]) * (ink - b[k]);
        far += (ink - b[k]) * (ink - b[k]);
    }
    return both / far;
}

/* How well what is seen points to the ink: the cosine over all pixels. */
static double
straightness(const struct level *l, const struct parts *p, double ink, const struct part *part)
{
    double both = 0, far = 0, away = 0;

    for (int i = part->start; i < part->start + part->count; i++) {
        const uint8_t *c = l->rgb + (size_t)p->at[i] * 3;
        const float *b = l->ground + (size_t)p->at[i] * 3;

        for (int k = 0; k < 3 && b[0] >= 0; k++) {
            both += ((double)c[k] - b[k]) * (ink - b[k]);
            far += (ink - b[k]) * (ink - b[k]);
            away += ((double)c[k] - b[k]) * ((double)c[k] - b[k]);
        }
    }
    return both / (sqrt(far * away) + 1);
}

static void
add_tint(const struct level *l, int at, struct tint *t)
{
    t->n += 1;
    for (int k = 0; k < 3; k++) {
        double c = l->rgb[(size_t)at * 3 + (size_t)k],
               b = (double)l->ground[(size_t)at * 3 + (size_t)k];

        t->b[k] += b;
        t->c[k] += c;
        t->bb[k] += b * b;
        t->bc[k] += b * c;
        t->cc[k] += c * c;
    }
}

/* What the part's colours tell. */
static void
taste(const struct level *l, const struct parts *p, double ink, struct part *part)
{
    int counts[BINS] = {0}, all = 0, below = 0, bin = 0, as_much = 0;

    for (int i = part->start; i < part->start + part->count; i++) {
        double a = ink_of(l->rgb + (size_t)p->at[i] * 3, l->ground + (size_t)p->at[i] * 3, ink);

        if (a < 0)
            continue;
        counts[a >= 1 ? BINS - 1 : (int)(a * BINS)]++;
        all++;
    }
    if (all == 0)
        return;
    part->straight = straightness(l, p, ink, part);
    for (; bin < BINS - 1 && below + counts[bin] < FULL * all; bin++)
        below += counts[bin];
    part->share = (bin + (FULL * all - below) / (counts[bin] + 1e-9)) / BINS;
    for (int i = part->start; i < part->start + part->count; i++) {
        double a = ink_of(l->rgb + (size_t)p->at[i] * 3, l->ground + (size_t)p->at[i] * 3, ink);

        if (a > 0.75 * part->share && a < 1.15 * part->share) {
            add_tint(l, p->at[i], &part->tint);
            as_much++;
        }
    }
    part->flat = (double)as_much / part->count;
}

void
parts_find(const struct level *l, int sign, float threshold, struct parts *out)
{
    int all = l->w * l->h, used = 0;

    out->w = l->w;
    out->h = l->h;
    out->n = 0;
    for (int i = 0; i < all; i++)
        out->seen[i] = (float)sign * l->fine.v[i] > threshold;
    for (int i = 0; i < all && out->n < out->room; i++) {
        struct part part = {.start = used, .count = 1, .x0 = l->w, .y0 = l->h, .group = -1};

        if (out->seen[i] != 1)
            continue;
        out->seen[i] = 2;
        out->at[used] = i;
        spread(out, &part);
        if (part.count < PIXELS_LEAST ||
            (part.x1 - part.x0 < SIZE_LEAST - 1 && part.y1 - part.y0 < SIZE_LEAST - 1))
            continue;
        used += part.count;
        taste(l, out, sign > 0 ? 255 : 0, &part);
        out->part[out->n++] = part;
    }
}
