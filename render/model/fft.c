/*
 * Fourier transforms. Knows no network. Read next: lama.c.
 *
 * The lines are cut by one radix after another (Stockham's order, which needs no reordering at the
 * end). A step with radix r on what is a line of n values, s times interleaved:
 *   y[q + s·(r·p + j)] = w^(p·j) · Σ_k x[q + s·(p + k·n/r)] · v^(j·k),  w = e^(-2πi/n), v =
 * e^(-2πi/r) for p below n/r, q below s; then n becomes n/r and s becomes s·r.
 */
#include "render/model/fft.h"

#include <math.h>
#include <string.h>

#include "render/engine/engine.h"
#include "render/engine/pool.h"

#define V FFT_LANES
#define PRIME_MAX 13 /* larger factors go Bluestein's way */
#define TAU 6.283185307179586476925286766559

struct lines {
    float *re, *im; /* [span][V] */
};

/* e^(-2πi·k/n) into out[2]. */
static void
root(size_t k, size_t n, float *out)
{
    double angle = TAU * (double)(k % n) / (double)n;

    out[0] = (float)cos(angle);
    out[1] = (float)-sin(angle);
}

/* The radices of `length` from 4 down; false when a prime is too large. */
static bool
factor(struct fft *f, size_t length)
{
    static const size_t RADICES[] = {4, 2, 3, 5, 7, 11, PRIME_MAX};

    f->steps = 0;
    for (size_t i = 0; i < sizeof RADICES / sizeof *RADICES; i++) {
        while (length % RADICES[i] == 0 && f->steps < FFT_STEPS) {
            f->radix[f->steps++] = RADICES[i];
            length /= RADICES[i];
        }
    }
    return length == 1;
}

static void
make_tables(struct engine *g, struct fft *f)
{
    size_t n = f->span;

    for (size_t i = 0; i < f->steps; i++) {
        size_t r = f->radix[i], m = n / r;
        float *turns = engine_floats(g, m * r * 2), *roots = engine_floats(g, r * 2);

        for (size_t p = 0; p < m && !g->planning; p++) {
            for (size_t j = 0; j < r; j++)
                root(p * j, n, turns + 2 * (p * r + j));
        }
        for (size_t j = 0; j < r && !g->planning; j++)
            root(j, r, roots + 2 * j);
        f->turns[i] = turns;
        f->roots[i] = roots;
        n = m;
    }
}

ENGINE_VECTOR static void
step_two(size_t m, size_t s, const float *turns, struct lines x, struct lines y)
{
    for (size_t p = 0; p < m; p++) {
        float c = turns[4 * p + 2], d = turns[4 * p + 3];

        for (size_t q = 0; q < s * V; q++) {
            size_t a = p * s * V + q, b = a + m * s * V, to = 2 * p * s * V + q;
            float re = x.re[a] - x.re[b], im = x.im[a] - x.im[b];

            y.re[to] = x.re[a] + x.re[b];
            y.im[to] = x.im[a] + x.im[b];
            y.re[to + s * V] = re * c - im * d;
            y.im[to + s * V] = re * d + im * c;
        }
    }
}

/* Four values of V lanes each; k and o are the distances of inputs and of outputs. Inlined by
   force, or it would be built for any processor only. */
__attribute__((always_inline)) static inline void
four(const float *restrict xr, const float *restrict xi, size_t k, const float *w,
     float *restrict yr, float *restrict yi, size_t o)
{
    for (size_t v = 0; v < V; v++) {
        float ar = xr[v] + xr[2 * k + v], ai = xi[v] + xi[2 * k + v];
        float br = xr[v] - xr[2 * k + v], bi = xi[v] - xi[2 * k + v];
        float cr = xr[k + v] + xr[3 * k + v], ci = xi[k + v] + xi[3 * k + v];
        float dr = xi[k + v] - xi[3 * k + v], di = xr[3 * k + v] - xr[k + v];

        yr[v] = ar + cr;
        yi[v] = ai + ci;
        yr[o + v] = (br + dr) * w[2] - (bi + di) * w[3];
        yi[o + v] = (br + dr) * w[3] + (bi + di) * w[2];
        yr[2 * o + v] = (ar - cr) * w[4] - (ai - ci) * w[5];
        yi[2 * o + v] = (ar - cr) * w[5] + (ai - ci) * w[4];
        yr[3 * o + v] = (br - dr) * w[6] - (bi - di) * w[7];
        yi[3 * o + v] = (br - dr) * w[7] + (bi - di) * w[6];
    }
}

ENGINE_VECTOR static void
step_four(size_t m, size_t s, const float *turns, struct lines x, struct lines y)
{
    for (size_t p = 0; p < m; p++) {
        for (size_t q = 0; q < s; q++) {
            size_t at = (p * s + q) * V, to = (4 * p * s + q) * V;

            four(x.re + at, x.im + at, m * s * V, turns + 8 * p, y.re + to, y.im + to, s * V);
        }
    }
}

/* y = w · Σ_k x_k · roots^(j·k) for one output j of a radix r. */
__attribute__((always_inline)) static inline void
other(const float *restrict xr, const float *restrict xi, size_t k, size_t r, size_t j,
      const float *roots, const float *w, float *restrict yr, float *restrict yi)
{
    float sr[V] = {0.0f}, si[V] = {0.0f};

    for (size_t i = 0; i < r; i++) {
        float c = roots[2 * (i * j % r)], d = roots[2 * (i * j % r) + 1];

        for (size_t v = 0; v < V; v++) {
            sr[v] += xr[i * k + v] * c - xi[i * k + v] * d;
            si[v] += xr[i * k + v] * d + xi[i * k + v] * c;
        }
    }
    for (size_t v = 0; v < V; v++) {
        yr[v] = sr[v] * w[0] - si[v] * w[1];
        yi[v] = sr[v] * w[1] + si[v] * w[0];
    }
}

ENGINE_VECTOR static void
step_other(size_t m, size_t s, size_t r, const float *turns, const float *roots, struct lines x,
           struct lines y)
{
    for (size_t p = 0; p < m; p++) {
        for (size_t q = 0; q < s; q++) {
            size_t at = (p * s + q) * V;

            for (size_t j = 0; j < r; j++) {
                size_t to = ((r * p + j) * s + q) * V;

                other(x.re + at, x.im + at, m * s * V, r, j, roots, turns + 2 * (p * r + j),
                      y.re + to, y.im + to);
            }
        }
    }
}

/* The transform of span values; returns the one of x and y where the result is. */
static struct lines
transform(const struct fft *f, struct lines x, struct lines y)
{
    size_t n = f->span, s = 1;

    for (size_t i = 0; i < f->steps; i++) {
        size_t r = f->radix[i], m = n / r;
        struct lines other_one = x;

        if (r == 4)
            step_four(m, s, f->turns[i], x, y);
        else if (r == 2)
            step_two(m, s, f->turns[i], x, y);
        else
            step_other(m, s, r, f->turns[i], f->roots[i], x, y);
        x = y;
        y = other_one;
        n = m;
        s *= r;
    }
    return x;
}

ENGINE_VECTOR static void
turn_all(const float *by, size_t count, struct lines x, struct lines y)
{
    for (size_t i = 0; i < count; i++) {
        float c = by[2 * i], d = by[2 * i + 1];

        for (size_t v = 0; v < V; v++) {
            float re = x.re[i * V + v], im = x.im[i * V + v];

            y.re[i * V + v] = re * c - im * d;
            y.im[i * V + v] = re * d + im * c;
        }
    }
}

static void
copy_lines(size_t count, struct lines x, struct lines y)
{
    if (x.re == y.re)
        return;
    memcpy(y.re, x.re, count * V * sizeof *x.re);
    memcpy(y.im, x.im, count * V * sizeof *x.im);
}

size_t
fft_scratch(const struct fft *f)
{
    return (f->chirp != NULL ? 4 : 2) * f->span * V;
}

void
fft_lines(const struct fft *f, float *re, float *im, float *scratch)
{
    struct lines x = {re, im}, a, b;
    size_t all = f->span * V, own = f->length * V;

    a = (struct lines){scratch, scratch + all};
    if (f->chirp == NULL) {
        copy_lines(f->length, transform(f, x, a), x);
        return;
    }
    /* e^(-2πi·jk/n) = e^(-πi·j²/n) · e^(-πi·k²/n) · e^(πi·(k-j)²/n): a convolution. */
    b = (struct lines){scratch + 2 * all, scratch + 3 * all};
    turn_all(f->chirp, f->length, x, a);
    memset(a.re + own, 0, (all - own) * sizeof *a.re);
    memset(a.im + own, 0, (all - own) * sizeof *a.im);
    a = transform(f, a, b);
    b = a.re == scratch ? b : (struct lines){scratch, scratch + all};
    turn_all(f->answer, f->span, a, a);
    /* Backward: real and imaginary part exchanged. */
    a = transform(f, (struct lines){a.im, a.re}, (struct lines){b.im, b.re});
    turn_all(f->chirp, f->length, (struct lines){a.im, a.re}, x);
}

/* The chirp e^(-πi·k²/n), and the transform of its conjugate around 0. */
static void
make_chirp(struct engine *g, struct fft *f)
{
    size_t n = f->length, mark;
    float *chirp = engine_floats(g, 2 * n), *answer = engine_floats(g, 2 * f->span);
    float *memory;
    struct lines a, b;

    f->chirp = chirp;
    f->answer = answer;
    mark = engine_mark(g);
    memory = engine_floats(g, 4 * f->span * V);
    if (!g->planning) {
        memset(memory, 0, 4 * f->span * V * sizeof *memory);
        a = (struct lines){memory, memory + f->span * V};
        b = (struct lines){memory + 2 * f->span * V, memory + 3 * f->span * V};
        for (size_t k = 0; k < n; k++) {
            root(k * k % (2 * n), 2 * n, chirp + 2 * k);
            a.re[k * V] = chirp[2 * k];
            a.im[k * V] = -chirp[2 * k + 1];
            if (k != 0) {
                a.re[(f->span - k) * V] = a.re[k * V];
                a.im[(f->span - k) * V] = a.im[k * V];
            }
        }
        a = transform(f, a, b);
        for (size_t k = 0; k < f->span; k++) {
            answer[2 * k] = a.re[k * V] / (float)f->span;
            answer[2 * k + 1] = a.im[k * V] / (float)f->span;
        }
    }
    engine_rewind(g, mark);
}

void
fft_plan(struct engine *g, size_t length, struct fft *out)
{
    memset(out, 0, sizeof *out);
    out->length = out->span = length;
    if (factor(out, length)) {
        make_tables(g, out);
        return;
    }
    for (out->span = 1; out->span < 2 * length - 1;)
        out->span *= 2;
    (void)factor(out, out->span);
    make_tables(g, out);
    make_chirp(g, out);
}

/* --- images --- */

struct job {
    const struct fft *f;
    const struct tensor *real, *wave; /* [n, h, w, c], [n, h, w/2 + 1, 2c] */
    float *scratch;
    size_t each;   /* floats of scratch per thread */
    size_t blocks; /* of channels */
    float scale;
    bool back;
};

/* The channels of a block: how many there are. */
static size_t
lanes_of(const struct job *j, size_t block)
{
    size_t left = j->real->c - block * V;

    return left < V ? left : V;
}

/* Two rows of a real image as one complex row; a last row goes alone. */
static void
load_rows(const struct job *j, const float *from, bool two, size_t lanes, struct lines to)
{
    size_t w = j->real->w, c = j->real->c;

    memset(to.re, 0, w * V * sizeof *to.re);
    memset(to.im, 0, w * V * sizeof *to.im);
    for (size_t x = 0; x < w; x++) {
        memcpy(to.re + x * V, from + x * c, lanes * sizeof *from);
        if (two)
            memcpy(to.im + x * V, from + (w + x) * c, lanes * sizeof *from);
    }
}

/* The two half spectra of what was one complex row. */
static void
split_rows(const struct job *j, struct lines z, bool two, size_t lanes, float *to)
{
    size_t w = j->real->w, half = j->wave->w, c = j->wave->c;

    for (size_t k = 0; k < half; k++) {
        size_t a = k * V, b = (w - k) % w * V;

        for (size_t v = 0; v < lanes; v++) {
            to[k * c + 2 * v] = 0.5f * (z.re[a + v] + z.re[b + v]);
            to[k * c + 2 * v + 1] = 0.5f * (z.im[a + v] - z.im[b + v]);
        }
        for (size_t v = 0; v < lanes && two; v++) {
            to[(half + k) * c + 2 * v] = 0.5f * (z.im[a + v] + z.im[b + v]);
            to[(half + k) * c + 2 * v + 1] = 0.5f * (z.re[b + v] - z.re[a + v]);
        }
    }
}

/* a + i·b for two half spectra a, b of real rows; what cannot be in them is left out. */
static void
merge_rows(const struct job *j, const float *from, bool two, size_t lanes, struct lines z)
{
    size_t w = j->real->w, half = j->wave->w, c = j->wave->c;

    memset(z.re, 0, w * V * sizeof *z.re);
    memset(z.im, 0, w * V * sizeof *z.im);
    for (size_t k = 0; k < half; k++) {
        size_t mirror = (w - k) % w;
        const float *a = from + k * c, *b = from + (half + k) * c;

        for (size_t v = 0; v < lanes; v++) {
            float ar = a[2 * v], ai = mirror != k ? a[2 * v + 1] : 0.0f;
            float br = two ? b[2 * v] : 0.0f, bi = two && mirror != k ? b[2 * v + 1] : 0.0f;

            z.re[mirror * V + v] = ar + bi;
            z.im[mirror * V + v] = br - ai;
            z.re[k * V + v] = ar - bi;
            z.im[k * V + v] = br + ai;
        }
    }
}

static void
store_rows(const struct job *j, struct lines z, bool two, size_t lanes, float *to)
{
    size_t w = j->real->w, c = j->real->c;

    for (size_t x = 0; x < w; x++) {
        memcpy(to + x * c, z.re + x * V, lanes * sizeof *to);
        if (two)
            memcpy(to + (w + x) * c, z.im + x * V, lanes * sizeof *to);
    }
}

static void
rows_task(void *arg, int index, int thread)
{
    const struct job *j = arg;
    size_t pairs = (j->real->h + 1) / 2, block = (size_t)index % j->blocks;
    size_t pair = (size_t)index / j->blocks % pairs, image = (size_t)index / j->blocks / pairs;
    size_t row = image * j->real->h + 2 * pair, lanes = lanes_of(j, block);
    bool two = 2 * pair + 1 < j->real->h;
    float *scratch = j->scratch + (size_t)thread * j->each;
    struct lines z = {scratch, scratch + j->real->w * V};
    float *real = j->real->data + row * j->real->w * j->real->c + block * V;
    float *wave = j->wave->data + row * j->wave->w * j->wave->c + 2 * block * V;

    scratch += 2 * j->real->w * V;
    if (!j->back) {
        load_rows(j, real, two, lanes, z);
        fft_lines(j->f, z.re, z.im, scratch);
        split_rows(j, z, two, lanes, wave);
    } else {
        merge_rows(j, wave, two, lanes, z);
        fft_lines(j->f, z.im, z.re, scratch);
        store_rows(j, z, two, lanes, real);
    }
}

/* One column of the half spectra, in place, with the factor. */
static void
columns_task(void *arg, int index, int thread)
{
    const struct job *j = arg;
    size_t h = j->wave->h, c = j->wave->c, block = (size_t)index % j->blocks;
    size_t column = (size_t)index / j->blocks % j->wave->w,
           image = (size_t)index / j->blocks / j->wave->w, step = j->wave->w * c;
    size_t lanes = lanes_of(j, block);
    float *wave = j->wave->data + image * h * step + column * c + 2 * block * V;
    float *scratch = j->scratch + (size_t)thread * j->each;
    struct lines z = {scratch, scratch + h * V};

    memset(scratch, 0, 2 * h * V * sizeof *scratch);
    for (size_t y = 0; y < h; y++) {
        for (size_t v = 0; v < lanes; v++) {
            z.re[y * V + v] = wave[y * step + 2 * v];
            z.im[y * V + v] = wave[y * step + 2 * v + 1];
        }
    }
    fft_lines(j->f, j->back ? z.im : z.re, j->back ? z.re : z.im, scratch + 2 * h * V);
    for (size_t y = 0; y < h; y++) {
        for (size_t v = 0; v < lanes; v++) {
            wave[y * step + 2 * v] = z.re[y * V + v] * j->scale;
            wave[y * step + 2 * v + 1] = z.im[y * V + v] * j->scale;
        }
    }
}

/* Rows and columns, in the order of the direction. */
static void
run_image(struct engine *g, const struct fft *rows, const struct fft *columns, struct job *j)
{
    size_t mark = engine_mark(g), h = j->real->h, w = j->real->w, n = j->real->n;
    size_t long_side = h > w ? h : w, most = fft_scratch(rows), cost = tensor_count(j->real) * 16;

    if (fft_scratch(columns) > most)
        most = fft_scratch(columns);
    j->blocks = (j->real->c + V - 1) / V;
    j->scale = (float)(1.0 / sqrt((double)h * (double)w));
    j->each = 2 * long_side * V + most;
    j->scratch = engine_floats(g, (size_t)pool_threads(g->pool) * j->each);
    for (int pass = 0; pass < 2; pass++) {
        bool across = (pass == 0) != j->back;

        j->f = across ? columns : rows;
        if (across)
            engine_run(g, (int)(n * ((h + 1) / 2) * j->blocks), cost, rows_task, j);
        else
            engine_run(g, (int)(n * j->wave->w * j->blocks), cost, columns_task, j);
    }
    engine_rewind(g, mark);
}

void
fft_real(struct engine *g, const struct fft *rows, const struct fft *columns,
         const struct tensor *x, struct tensor *out)
{
    struct job j = {.real = x, .wave = out};

    run_image(g, rows, columns, &j);
}

void
fft_real_back(struct engine *g, const struct fft *rows, const struct fft *columns, struct tensor *x,
              struct tensor *out)
{
    struct job j = {.real = out, .wave = x, .back = true};

    run_image(g, rows, columns, &j);
}
