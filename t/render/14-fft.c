/*
 * Fourier transforms against the sum that defines them, in double, for sides of every kind: powers,
 * mixed, odd, primes, one.
 */
#include "common/err.h"
#include "render/engine/engine.h"
#include "render/model/fft.h"
#include "t/render/kernel_check.h"

#define LIMIT 1e-11 /* f32 gives about 1e-14 */
#define TAU 6.283185307179586476925286766559

static struct engine engine;

/* [2][n]: e^(-2πi·k/n). */
static double *
roots_of(size_t n)
{
    double *out = malloc(2 * n * sizeof *out);

    for (size_t k = 0; k < n; k++) {
        out[k] = cos(TAU * (double)k / (double)n);
        out[n + k] = -sin(TAU * (double)k / (double)n);
    }
    return out;
}

static void
test_line(size_t n)
{
    size_t count = n * FFT_LANES;
    float *x = random_floats(70, 2 * count);
    double *want = calloc(2 * count, sizeof *want), *root = roots_of(n);
    char what[60];

    for (size_t i = 0; i < count; i++) {
        size_t k = i / FFT_LANES, v = i % FFT_LANES;

        for (size_t j = 0; j < n; j++) {
            double re = (double)x[j * FFT_LANES + v], im = (double)x[count + j * FFT_LANES + v];
            double c = root[j * k % n], d = root[n + j * k % n];

            want[i] += re * c - im * d;
            want[count + i] += re * d + im * c;
        }
    }
    for (int planning = 1; planning >= 0; planning--) {
        struct fft f;
        float *scratch;

        if (planning)
            engine_plan(&engine);
        fft_plan(&engine, n, &f);
        scratch = engine_floats(&engine, fft_scratch(&f));
        if (planning)
            engine_plan_end(&engine, 0, NULL);
        else
            fft_lines(&f, x, x + count, scratch);
    }
    engine_rewind(&engine, 0);
    (void)snprintf(what, sizeof what, "lines of %zu", n);
    near(x, want, 2 * count, LIMIT, what);
    free(x), free(want), free(root);
}

/* One channel of one image: [h][w/2 + 1] complex. */
static void
naive_image(const float *x, size_t h, size_t w, size_t c, double *out, size_t stride)
{
    size_t half = w / 2 + 1;
    double *rows = calloc(2 * h * half, sizeof *rows), *rw = roots_of(w), *rh = roots_of(h);
    double scale = 1.0 / sqrt((double)(h * w));

    for (size_t y = 0; y < h; y++) {
        for (size_t k = 0; k < half; k++) {
            for (size_t i = 0; i < w; i++) {
                rows[2 * (y * half + k)] += (double)x[(y * w + i) * c] * rw[i * k % w];
                rows[2 * (y * half + k) + 1] += (double)x[(y * w + i) * c] * rw[w + i * k % w];
            }
        }
    }
    for (size_t i = 0; i < h * half; i++) {
        double re = 0.0, im = 0.0;

        for (size_t y = 0; y < h; y++) {
            double a = rows[2 * (y * half + i % half)], b = rows[2 * (y * half + i % half) + 1];
            double p = rh[y * (i / half) % h], q = rh[h + y * (i / half) % h];

            re += a * p - b * q;
            im += a * q + b * p;
        }
        out[i * stride] = re * scale;
        out[i * stride + 1] = im * scale;
    }
    free(rows), free(rw), free(rh);
}

static void
run_both(const struct tensor *x, struct tensor *wave, const struct tensor *back_from,
         struct tensor *back)
{
    struct fft rows, columns;

    fft_plan(&engine, x->h, &rows);
    fft_plan(&engine, x->w, &columns);
    fft_real(&engine, &rows, &columns, x, wave);
    if (!engine.planning)
        memcpy(back_from->data, wave->data, tensor_count(wave) * sizeof(float));
    fft_real_back(&engine, &rows, &columns, (struct tensor *)(uintptr_t)back_from, back);
}

static void
test_image(size_t n, size_t h, size_t w, size_t c)
{
    size_t half = w / 2 + 1, count = n * h * w * c, waves = n * h * half * 2 * c;
    float *x = random_floats(71, count), *got = malloc(waves * sizeof *got),
          *copy = malloc(waves * sizeof *copy), *again = malloc(count * sizeof *again);
    double *want = malloc(waves * sizeof *want), *same = malloc(count * sizeof *same);
    struct tensor in = {x, n, h, w, c}, wave = {got, n, h, half, 2 * c};
    struct tensor from = {copy, n, h, half, 2 * c}, back = {again, n, h, w, c};
    char what[80];

    for (size_t i = 0; i < n * c; i++)
        naive_image(x + i / c * h * w * c + i % c, h, w, c,
                    want + i / c * h * half * 2 * c + 2 * (i % c), 2 * c);
    for (size_t i = 0; i < count; i++)
        same[i] = (double)x[i];
    engine_plan(&engine);
    run_both(&in, &wave, &from, &back);
    engine_plan_end(&engine, 0, NULL);
    run_both(&in, &wave, &from, &back);
    engine_rewind(&engine, 0);
    (void)snprintf(what, sizeof what, "%zu images of %zu x %zu with %zu channels", n, h, w, c);
    near(got, want, waves, LIMIT, what);
    near(again, same, count, LIMIT, "  and back");
    free(x), free(got), free(copy), free(again), free(want), free(same);
}

/* A spectrum that no real image has: what does not belong into it is ignored, where and as the
   usual libraries do it: backward over rows first, then without the imaginary parts of column 0
   and, for even widths, of the last. */
static void
test_odd_spectrum(size_t h, size_t w)
{
    size_t half = w / 2 + 1, waves = h * half * 2;
    float *x = random_floats(72, waves), *got = malloc(h * w * sizeof *got);
    double *want = calloc(h * w, sizeof *want), *rows = calloc(waves, sizeof *rows);
    double *rw = roots_of(w), *rh = roots_of(h), scale = 1.0 / sqrt((double)(h * w));
    struct tensor wave = {x, 1, h, half, 2}, out = {got, 1, h, w, 1};

    for (size_t i = 0; i < h * half; i++) {
        for (size_t k = 0; k < h; k++) {
            double a = (double)x[2 * (k * half + i % half)],
                   b = (double)x[2 * (k * half + i % half) + 1];
            double p = rh[k * (i / half) % h], q = -rh[h + k * (i / half) % h];

            rows[2 * i] += a * p - b * q;
            rows[2 * i + 1] += a * q + b * p;
        }
    }
    for (size_t i = 0; i < h * w; i++) {
        for (size_t k = 0; k < half; k++) {
            bool alone = k == 0 || 2 * k == w;
            double a = rows[2 * (i / w * half + k)], b = rows[2 * (i / w * half + k) + 1];
            double p = rw[k * (i % w) % w], q = -rw[w + k * (i % w) % w];

            want[i] += scale * (alone ? a * p : 2.0 * (a * p - b * q));
        }
    }
    for (int planning = 1; planning >= 0; planning--) {
        struct fft r, c;

        if (planning)
            engine_plan(&engine);
        fft_plan(&engine, h, &r);
        fft_plan(&engine, w, &c);
        fft_real_back(&engine, &r, &c, &wave, &out);
        if (planning)
            engine_plan_end(&engine, 0, NULL);
    }
    engine_rewind(&engine, 0);
    near(got, want, h * w, LIMIT, "a spectrum of no real image");
    free(x), free(got), free(want), free(rows), free(rw), free(rh);
}

int
main(void)
{
    static const size_t LINES[] = {1,  2,   3,  4,   5,   6,   7,   8,   9,   10,  11,  12, 13,
                                   15, 16,  17, 19,  20,  25,  27,  34,  49,  60,  64,  73, 96,
                                   97, 100, 81, 121, 125, 128, 143, 169, 180, 211, 256, 257};
    struct err e;

    if (engine_open(2, &engine, &e) != ST_OK)
        exit(1);
    for (size_t i = 0; i < sizeof LINES / sizeof *LINES; i++)
        test_line(LINES[i]);
    test_image(1, 8, 8, 16);
    test_image(2, 7, 9, 5);
    test_image(1, 1, 6, 3);
    test_image(1, 6, 1, 17);
    test_image(1, 17, 34, 33);
    test_image(2, 24, 10, 48);
    test_image(1, 23, 29, 2);
    test_odd_spectrum(6, 8);
    test_odd_spectrum(5, 7);
    test_odd_spectrum(1, 2);
    test_odd_spectrum(19, 1);
    engine_release(&engine);
    return tap_done();
}
