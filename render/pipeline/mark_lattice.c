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

#define PEAKS 48     /* shifts that are tried as steps */
#define NEAREST 24.0 /* pixels; what repeats closer is the picture's texture */
#define OVERLAP 0.15 /* share of the picture that must lie on itself */
#define SLANTED 0.3  /* sine of the least angle between the two steps */
#define AREA 1200.0  /* pixels of the smallest cell */
#define REACH 5      /* steps along which a lattice is followed */

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

static float complex
times(float complex a, float complex b)
{
    return crealf(a) * crealf(b) - cimagf(a) * cimagf(b) +
           (crealf(a) * cimagf(b) + cimagf(a) * crealf(b)) * (float complex)I;
}

static void
roots(float complex *turns, int n)
{
    for (int k = 0; k < n / 2; k++) {
        double angle = -6.283185307179586 * k / n;

        turns[k] = (float)cos(angle) + (float)sin(angle) * (float complex)I;
    }
}

/* `turns`: [n / 2] powers of the first root of one. */
static void
line_fft(float complex *v, int n, const float complex *turns)
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
        for (int i = 0; i < n; i += span) {
            for (int k = 0; k < span / 2; k++) {
                float complex a = v[i + k], b = times(v[i + k + span / 2], turns[k * (n / span)]);

                v[i + k] = a + b;
                v[i + k + span / 2] = a - b;
            }
        }
    }
}

/* `columns`: [8][h], `turns`: [half the longer side]. */
static void
plane_fft(float complex *v, int w, int h, float complex *columns, float complex *turns)
{
    roots(turns, w);
    for (int y = 0; y < h; y++)
        line_fft(v + (size_t)y * (size_t)w, w, turns);
    roots(turns, h);
    for (int x = 0; x < w; x += 8) { /* eight at once: a cache line's worth */
        for (int y = 0; y < h; y++)
            for (int i = 0; i < 8; i++)
                columns[i * h + y] = v[(size_t)y * (size_t)w + (size_t)(x + i)];
        for (int i = 0; i < 8; i++)
            line_fft(columns + (ptrdiff_t)i * h, h, turns);
        for (int y = 0; y < h; y++)
            for (int i = 0; i < 8; i++)
                v[(size_t)y * (size_t)w + (size_t)(x + i)] = columns[i * h + y];
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
    float complex *columns, *turns;

    *k = (struct likeness){p->w, p->h, padded(p->w), padded(p->h), NULL, 0};
    all = (size_t)k->side_x * (size_t)k->side_y;
    k->sum = calloc(all, sizeof *k->sum);
    columns = malloc((size_t)k->side_y * 8 * sizeof *columns);
    turns = malloc((size_t)(k->side_x > k->side_y ? k->side_x : k->side_y) / 2 * sizeof *turns);
    if (k->sum == NULL || columns == NULL || turns == NULL) {
        free(columns);
        free(turns);
        return err_set(e, ST_NOMEM, "Not enough memory for this picture.", "likeness");
    }
    for (int i = 0; i < p->w * p->h; i++)
        k->sum[(size_t)(i / p->w) * (size_t)k->side_x + (size_t)(i % p->w)] = p->v[i];
    plane_fft(k->sum, k->side_x, k->side_y, columns, turns);
    for (size_t i = 0; i < all; i++)
        k->sum[i] = crealf(k->sum[i]) * crealf(k->sum[i]) + cimagf(k->sum[i]) * cimagf(k->sum[i]);
    plane_fft(k->sum, k->side_x, k->side_y, columns, turns); /* even: there and back are the same */
    free(columns);
    free(turns);
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

/* Keeps the strongest few that differ, strongest first; returns how many there are now. */
static int
keep(const struct lattice *l, struct lattice *out, int n, int most)
{
    int place;

    if (n == most && l->strength <= out[n - 1].strength)
        return n;
    for (int i = 0; i < n; i++) {
        if (hypot(l->ax - out[i].ax, l->ay - out[i].ay) < 3 &&
            hypot(l->bx - out[i].bx, l->by - out[i].by) < 3) {
            if (l->strength > out[i].strength)
                out[i] = *l;
            return n;
        }
    }
    for (place = n < most ? n++ : most - 1; place > 0; place--) {
        if (out[place - 1].strength >= l->strength)
            break;
        out[place] = out[place - 1];
    }
    out[place] = *l;
    return n;
}

int
lattice_find(const struct plane *p, struct lattice *out, int most, int *count, struct err *e)
{
    struct likeness k = {0};
    struct peak top[PEAKS];
    int n, found = 0, rc;

    *count = 0;
    if ((rc = compare(p, &k, e)) != ST_OK || !(k.unit > 0))
        goto out;
    n = tops(&k, top);
    for (int i = 0; i < n; i++) {
        for (int j = i + 1; j < n; j++) {
            struct lattice l = {top[i].x, top[i].y, top[j].x, top[j].y, 0};

            if (is_lattice(&l) && (l.strength = strength(&k, &l, 2)) > 0)
                found = keep(&l, out, found, most);
        }
    }
    for (int i = 0; i < found; i++)
        settle(&k, &out[i]);
    *count = found;
out:
    free(k.sum);
    return rc;
}
