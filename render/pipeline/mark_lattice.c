/*
 * Lattices of repetition; see mark_lattice.h. Knows nothing of marks. Read next: mark.c.
 *
 * The correlation comes by two Fourier transforms of a plane padded with zeros (Wiener and
 * Khinchin); every shift is judged by how far it stands out of the middle of all shifts.
 */
#include "render/pipeline/mark_lattice.h"

#include <complex.h>
#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "common/err.h"

#define PEAKS 48       /* shifts that are tried as steps */
#define NEAREST 24.0   /* pixels; what repeats closer is the picture's texture */
#define OVERLAP 0.15   /* share of the picture that must lie on itself */
#define SLANTED 0.3    /* sine of the least angle between the two steps */
#define AREA 1200.0    /* pixels of the smallest cell */
#define REACH 5        /* steps along which a lattice is followed */

struct peak {
    int x, y;
    double height;
};

/* How alike the plane is to itself at every shift, in deviations. */
struct likeness {
    int w, h; /* of the plane */
    int side_x, side_y;
    float complex *sum; /* [side_y][side_x]: shifts modulo the sides */
    double unit;        /* one deviation */
};

/* --- transforms of lines whose length is a power of two --- */

static void
line_fft(float complex *v, int n)
{
    for (int i = 1, j = 0; i < n; i++) {
        int bit = n >> 1;

        for (; (j & bit) != 0; bit >>= 1)
            j ^= bit;
        j ^= bit;
        if (i < j) {
            float complex swap = v[i];

            v[i] = v[j];
            v[j] = swap;
        }
    }
    for (int span = 2; span <= n; span *= 2) {
        double angle = -6.283185307179586 / span;

        for (int k = 0; k < span / 2; k++) {
            float complex turn = (float)cos(angle * k) + (float)sin(angle * k) * (float complex)I;

            for (int i = k; i < n; i += span) {
                float complex a = v[i], b = v[i + span / 2] * turn;

                v[i] = a + b;
                v[i + span / 2] = a - b;
            }
        }
    }
}

static void
plane_fft(float complex *v, int w, int h, float complex *column)
{
    for (int y = 0; y < h; y++)
        line_fft(v + (size_t)y * (size_t)w, w);
    for (int x = 0; x < w; x++) {
        for (int y = 0; y < h; y++)
            column[y] = v[(size_t)y * (size_t)w + (size_t)x];
        line_fft(column, h);
        for (int y = 0; y < h; y++)
            v[(size_t)y * (size_t)w + (size_t)x] = column[y];
    }
}

static int
padded(int n)
{
    int side = 1;

    while (side < 2 * n)
        side *= 2;
    return side;
}

/* --- likeness --- */

static double
overlap(const struct likeness *k, double x, double y)
{
    double wide = k->w - fabs(x), high = k->h - fabs(y);

    return wide <= 0 || high <= 0 ? 0 : wide * high / ((double)k->w * k->h);
}

static double
at(const struct likeness *k, int x, int y)
{
    x &= k->side_x - 1;
    y &= k->side_y - 1;
    return (double)crealf(k->sum[(size_t)y * (size_t)k->side_x + (size_t)x]);
}

static double
between(const struct likeness *k, double x, double y)
{
    int x0 = (int)floor(x), y0 = (int)floor(y);
    double fx = x - x0, fy = y - y0;

    return (1 - fy) * ((1 - fx) * at(k, x0, y0) + fx * at(k, x0 + 1, y0)) +
           fy * ((1 - fx) * at(k, x0, y0 + 1) + fx * at(k, x0 + 1, y0 + 1));
}

static bool
is_shift(const struct likeness *k, double x, double y)
{
    return x * x + y * y >= NEAREST * NEAREST && overlap(k, x, y) >= OVERLAP;
}

static int
ascending(const void *a, const void *b)
{
    float x = *(const float *)a, y = *(const float *)b;

    return (x > y) - (x < y);
}

/* One deviation of the sums per root of the overlap, by the middle of their sizes. */
static int
measure(struct likeness *k, struct err *e)
{
    size_t n = 0, room = ((size_t)k->w * 2 / 3 + 1) * ((size_t)k->h * 2 / 3 + 1);
    float *sizes = malloc(room * sizeof *sizes);

    if (sizes == NULL)
        return err_set(e, ST_NOMEM, "Not enough memory for this picture.", "shifts");
    for (int y = 0; y < k->h; y += 2) {
        for (int x = 1 - k->w; x < k->w; x += 2) {
            if (is_shift(k, x, y) && n < room)
                sizes[n++] = (float)(fabs(at(k, x, y)) / sqrt(overlap(k, x, y)));
        }
    }
    qsort(sizes, n, sizeof *sizes, ascending);
    k->unit = n == 0 ? 0 : sizes[n / 2] / 0.6745;
    free(sizes);
    return ST_OK;
}

static int
compare(const struct plane *p, struct likeness *k, struct err *e)
{
    size_t all;
    float complex *column;

    *k = (struct likeness){p->w, p->h, padded(p->w), padded(p->h), NULL, 0};
    all = (size_t)k->side_x * (size_t)k->side_y;
    k->sum = calloc(all, sizeof *k->sum);
    column = malloc((size_t)k->side_y * sizeof *column);
    if (k->sum == NULL || column == NULL) {
        free(column);
        return err_set(e, ST_NOMEM, "Not enough memory for this picture.", "likeness");
    }
    for (int i = 0; i < p->w * p->h; i++)
        k->sum[(size_t)(i / p->w) * (size_t)k->side_x + (size_t)(i % p->w)] = p->v[i];
    plane_fft(k->sum, k->side_x, k->side_y, column);
    for (size_t i = 0; i < all; i++)
        k->sum[i] = crealf(k->sum[i] * conjf(k->sum[i]));
    plane_fft(k->sum, k->side_x, k->side_y, column); /* even: there and back are the same */
    free(column);
    return measure(k, e);
}

/* --- peaks and pairs of them --- */

static bool
is_top(const struct likeness *k, int x, int y)
{
    double here = at(k, x, y);

    for (int i = 0; i < 25; i++) {
        if (i != 12 && at(k, x + i % 5 - 2, y + i / 5 - 2) > here)
            return false;
    }
    return here > 0;
}

/* The highest tops of the half plane of shifts, highest first; returns how many. */
static int
tops(const struct likeness *k, struct peak out[PEAKS])
{
    int n = 0;

    for (int y = 0; y < k->h; y++) {
        for (int x = y == 0 ? 1 : 1 - k->w; x < k->w; x++) {
            struct peak p = {x, y, 0};
            int place;

            if (!is_shift(k, x, y))
                continue;
            p.height = at(k, x, y) / sqrt(overlap(k, x, y)) / k->unit;
            if ((n == PEAKS && p.height <= out[n - 1].height) || !is_top(k, x, y))
                continue;
            for (place = n < PEAKS ? n++ : PEAKS - 1; place > 0; place--) {
                if (out[place - 1].height >= p.height)
                    break;
                out[place] = out[place - 1];
            }
            out[place] = p;
        }
    }
    return n;
}

/* Deviations by which all points of a lattice together stand out. Few points with a high sum and
   many with the same mean differ: the finest lattice whose points all repeat wins. */
static double
strength(const struct likeness *k, const struct lattice *l, int reach)
{
    double sum = 0, weight = 0;

    for (int j = 0; j <= reach; j++) {
        for (int i = j == 0 ? 1 : -reach; i <= reach; i++) {
            double x = i * l->ax + j * l->bx, y = i * l->ay + j * l->by, share = overlap(k, x, y);

            if (share < OVERLAP)
                continue;
            sum += between(k, x, y);
            weight += share;
        }
    }
    return weight > 0 ? sum / sqrt(weight) / k->unit : 0;
}

static bool
is_lattice(const struct lattice *l)
{
    double cross = fabs(l->ax * l->by - l->ay * l->bx);
    double a = hypot(l->ax, l->ay), b = hypot(l->bx, l->by);

    return cross >= AREA && cross >= SLANTED * a * b;
}

/* Moves the steps by fractions of a pixel to where the lattice is strongest. */
static void
settle(const struct likeness *k, struct lattice *l)
{
    for (int reach = 1; reach <= REACH; reach++) {
        for (double step = 0.5; step > 0.06; step /= 2) {
            for (int i = 0; i < 16; i++) {
                double *steps[4] = {&l->ax, &l->ay, &l->bx, &l->by};
                double before = strength(k, l, reach), was = *steps[i / 2 % 4];

                *steps[i / 2 % 4] += i % 2 == 0 ? step : -step;
                if (strength(k, l, reach) <= before)
                    *steps[i / 2 % 4] = was;
            }
        }
    }
    l->strength = strength(k, l, REACH);
}

int
lattice_find(const struct plane *p, struct lattice *out, struct err *e)
{
    struct likeness k = {0};
    struct peak top[PEAKS];
    int n, rc;

    *out = (struct lattice){0};
    if ((rc = compare(p, &k, e)) != ST_OK || !(k.unit > 0))
        goto out;
    n = tops(&k, top);
    for (int i = 0; i < n; i++) {
        for (int j = i + 1; j < n; j++) {
            struct lattice l = {top[i].x, top[i].y, top[j].x, top[j].y, 0};

            if (is_lattice(&l) && (l.strength = strength(&k, &l, 2)) > out->strength)
                *out = l;
        }
    }
    if (out->strength > 0)
        settle(&k, out);
out:
    free(k.sum);
    return rc;
}
