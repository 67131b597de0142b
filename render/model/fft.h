/*
 * Fourier transforms of real images, channels last, for sides of any length: radices 4, 2, 3, 5 and
 * other small primes, and Bluestein's way round for lengths with larger ones. Sixteen channels go
 * through side by side, so that every step works on whole vectors.
 */
#ifndef GEMPIX_RENDER_MODEL_FFT_H
#define GEMPIX_RENDER_MODEL_FFT_H

#include <stddef.h>

struct engine;
struct tensor;

#define FFT_LANES 16
#define FFT_STEPS 40

/* How to transform lines of one length. Tables lie in the engine's workspace. */
struct fft {
    size_t length; /* of a line */
    size_t span;   /* of the transform that does the work: length, or a power of two above it */
    size_t steps;
    size_t radix[FFT_STEPS];
    const float *turns[FFT_STEPS]; /* [span left / radix][radix][2]: what outputs are turned by */
    const float *roots[FFT_STEPS]; /* [radix][2]: roots of one */
    const float *chirp;            /* Bluestein: [length][2], NULL = not needed */
    const float *answer;           /* [span][2]: the transform of the chirp, over span */
};

/* Readies lines of `length` >= 1. Twiddle factors are computed in double. */
void fft_plan(struct engine *g, size_t length, struct fft *out);

/* Floats of scratch memory for fft_lines. */
size_t fft_scratch(const struct fft *f);

/* Transforms FFT_LANES lines at once, forward, without a factor: re and im are [length][FFT_LANES],
   in place. Backward: hand in im and re exchanged. In the calling thread. */
void fft_lines(const struct fft *f, float *re, float *im, float *scratch);

/* out[n, h, w/2 + 1, 2c] = the transform of x[n, h, w, c] over rows and columns, divided by √(h·w);
   the real and the imaginary part of channel k are channels 2k and 2k + 1. `rows` is planned for
   x's height, `columns` for its width. out->data given. */
void fft_real(struct engine *g, const struct fft *rows, const struct fft *columns,
              const struct tensor *x, struct tensor *out);

/* The way back, divided by √(h·w) too. Imaginary parts where a real image has none are ignored
   after the columns were transformed. x is overwritten. */
void fft_real_back(struct engine *g, const struct fft *rows, const struct fft *columns,
                   struct tensor *x, struct tensor *out);

#endif
