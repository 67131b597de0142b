/*
 * Previews. Knows no sampler. Read next: render/model/autoencoder.c.
 *
 * Small models: the latent is averaged to half its sides and decoded, a quarter of the final
 * decode. Where that would cost too much, a linear map from latent pixel to colour: the
 * least-squares fit between a patch of random latents and the average colours of the squares they
 * decode to. It needs no table per model and one small decode per model.
 */
#include "render/pipeline/preview.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "common/err.h"
#include "render/engine/noise.h"
#include "render/pipeline/pipeline.h"

#define PATCH 16 /* latent pixels on a side of the fitted patch */
#define SPOT 4   /* of these, equal neighbours: real latents are smooth */
#define FIT_SEED 2026
#define ENLARGE 4

/* The latents that the map is fitted on: squares of one random value with some finer noise. */
static void
make_patch(struct tensor *z)
{
    float coarse[PIPELINE_LATENT], fine[PIPELINE_LATENT];

    for (size_t y = 0; y < z->h; y++) {
        for (size_t x = 0; x < z->w; x++) {
            size_t spot = y / SPOT * (z->w / SPOT) + x / SPOT;
            float *to = z->data + (y * z->w + x) * z->c;

            noise_normal(FIT_SEED, 0, spot * z->c, z->c, coarse);
            noise_normal(FIT_SEED, 1, (y * z->w + x) * z->c, z->c, fine);
            for (size_t k = 0; k < z->c; k++)
                to[k] = coarse[k] + 0.3f * fine[k];
        }
    }
}

/* Solves a x = b for three right sides by elimination with pivots; a is symmetric and was made
 * positive. */
static void
solve(double a[PIPELINE_LATENT + 1][PIPELINE_LATENT + 1], double b[PIPELINE_LATENT + 1][3],
      size_t n)
{
    for (size_t i = 0; i < n; i++) {
        for (size_t r = 0; r < n; r++) {
            double f = a[r][i] / a[i][i];

            if (r == i)
                continue;
            for (size_t k = i; k < n; k++)
                a[r][k] -= f * a[i][k];
            for (size_t k = 0; k < 3; k++)
                b[r][k] -= f * b[i][k];
        }
    }
    for (size_t i = 0; i < n; i++) {
        for (size_t k = 0; k < 3; k++)
            b[i][k] /= a[i][i];
    }
}

/* The average colour of the square that belongs to a latent pixel. */
static void
square_colour(const struct tensor *image, size_t factor, size_t x, size_t y, double out[3])
{
    out[0] = out[1] = out[2] = 0.0;
    for (size_t dy = 0; dy < factor; dy++) {
        for (size_t dx = 0; dx < factor; dx++) {
            const float *from = image->data + ((y * factor + dy) * image->w + x * factor + dx) * 3;

            for (size_t k = 0; k < 3; k++)
                out[k] += (double)from[k];
        }
    }
    for (size_t k = 0; k < 3; k++)
        out[k] /= (double)(factor * factor);
}

static void
fit(struct pipeline *p, const struct tensor *z, const struct tensor *image)
{
    double a[PIPELINE_LATENT + 1][PIPELINE_LATENT + 1] = {{0.0}},
                                                    b[PIPELINE_LATENT + 1][3] = {{0.0}};
    size_t n = z->c + 1;

    for (size_t y = 0; y < z->h; y++) {
        for (size_t x = 0; x < z->w; x++) {
            const float *from = z->data + (y * z->w + x) * z->c;
            double colour[3];

            square_colour(image, p->vae.factor, x, y, colour);
            for (size_t i = 0; i < n; i++) {
                double left = i < z->c ? (double)from[i] : 1.0;

                for (size_t k = 0; k < n; k++)
                    a[i][k] += left * (k < z->c ? (double)from[k] : 1.0);
                for (size_t k = 0; k < 3; k++)
                    b[i][k] += left * colour[k];
            }
        }
    }
    for (size_t i = 0; i < n; i++)
        a[i][i] += 1e-3; /* never singular */
    solve(a, b, n);
    for (size_t k = 0; k < 3; k++) {
        for (size_t i = 0; i < n; i++)
            p->colours[k][i] = b[i][k];
    }
    p->has_colours = true;
}

/* Fits the colours if that is still to be done; while planning, counts what it will need. */
static void
fit_colours(struct pipeline *p)
{
    struct engine *g = &p->engine;
    size_t mark = engine_mark(g);
    struct tensor z, image;

    if (p->has_colours)
        return;
    z = tensor_new(g, 1, PATCH, PATCH, p->vae.channels);
    image = tensor_new(g, 1, PATCH * p->vae.factor, PATCH * p->vae.factor, 3);
    if (!g->planning)
        make_patch(&z);
    autoencoder_decode(g, &p->vae, &z, &image);
    if (!g->planning)
        fit(p, &z, &image);
    engine_rewind(g, mark);
}

static double
colour_of(const struct pipeline *p, const struct tensor *z, size_t x, size_t y, size_t k)
{
    const float *from = z->data + (y * z->w + x) * z->c;
    double sum = p->colours[k][z->c];

    for (size_t i = 0; i < z->c; i++)
        sum += p->colours[k][i] * (double)from[i];
    return sum;
}

/* Between pixel centres, linear. */
static void
place(size_t at, size_t side, size_t *low, size_t *high, double *part)
{
    double x = ((double)at + 0.5) / ENLARGE - 0.5;

    if (x < 0.0)
        x = 0.0;
    *low = (size_t)x;
    *high = *low + 1 < side ? *low + 1 : side - 1;
    *part = x - (double)*low;
}

static uint8_t
byte_of(double v)
{
    v = (v * 0.5 + 0.5) * 255.0;
    if (!(v > 0.0))
        return 0;
    return v >= 255.0 ? 255 : (uint8_t)(v + 0.5);
}

static int
make_linear(struct pipeline *p, const struct tensor *latent, struct image *out, struct err *e)
{
    size_t h = latent->h * ENLARGE, w = latent->w * ENLARGE;
    double *small;

    fit_colours(p);
    small = malloc(latent->h * latent->w * 3 * sizeof *small);
    out->pixels = malloc(h * w * 3);
    if (small == NULL || out->pixels == NULL) {
        free(small);
        image_release(out);
        return err_set(e, ST_NOMEM, "Out of memory.", "preview");
    }
    out->width = (int)w;
    out->height = (int)h;
    for (size_t i = 0; i < latent->h * latent->w * 3; i++)
        small[i] = colour_of(p, latent, i / 3 % latent->w, i / 3 / latent->w, i % 3);
    for (size_t y = 0; y < h; y++) {
        for (size_t x = 0; x < w; x++) {
            size_t x0, x1, y0, y1;
            double fx, fy;

            place(x, latent->w, &x0, &x1, &fx);
            place(y, latent->h, &y0, &y1, &fy);
            for (size_t k = 0; k < 3; k++) {
                double top = small[(y0 * latent->w + x0) * 3 + k] * (1.0 - fx) +
                             small[(y0 * latent->w + x1) * 3 + k] * fx;
                double low = small[(y1 * latent->w + x0) * 3 + k] * (1.0 - fx) +
                             small[(y1 * latent->w + x1) * 3 + k] * fx;

                out->pixels[(y * w + x) * 3 + k] = byte_of(top * (1.0 - fy) + low * fy);
            }
        }
    }
    free(small);
    return ST_OK;
}

/* The latent at half its sides, by averages; a last odd row or column counts twice. */
static struct tensor
halve(struct engine *g, const struct tensor *latent)
{
    struct tensor half = tensor_new(g, 1, (latent->h + 1) / 2, (latent->w + 1) / 2, latent->c);
    size_t row = latent->w * latent->c;

    for (size_t i = 0; i < tensor_count(&half) && !g->planning; i++) {
        size_t k = i % half.c, x = i / half.c % half.w * 2, y = i / half.c / half.w * 2;
        size_t right = x + 1 < latent->w ? latent->c : 0, below = y + 1 < latent->h ? row : 0;
        const float *from = latent->data + y * row + x * latent->c + k;

        half.data[i] = 0.25f * (from[0] + from[right] + from[below] + from[right + below]);
    }
    return half;
}

static int
make_decoded(struct pipeline *p, const struct tensor *latent, struct image *out, struct err *e)
{
    struct engine *g = &p->engine;
    size_t mark = engine_mark(g);
    struct tensor half = halve(g, latent);
    struct tensor image = tensor_new(g, 1, half.h * p->vae.factor, half.w * p->vae.factor, 3);
    size_t count = tensor_count(&image);

    autoencoder_decode(g, &p->vae, &half, &image);
    engine_rewind(g, mark);
    if (g->planning)
        return ST_OK;
    if ((out->pixels = malloc(count)) == NULL)
        return err_set(e, ST_NOMEM, "Out of memory.", "preview");
    for (size_t i = 0; i < count; i++)
        out->pixels[i] = byte_of((double)image.data[i]);
    out->width = (int)image.w;
    out->height = (int)image.h;
    return ST_OK;
}

bool
preview_plan(struct pipeline *p, const struct tensor *latent, double flops)
{
    size_t peak = p->engine.peak;
    double before = p->engine.flops;

    (void)make_decoded(p, latent, NULL, NULL);
    if (p->engine.flops - before <= flops)
        return true;
    p->engine.peak = peak;
    fit_colours(p);
    return false;
}

int
preview_make(struct pipeline *p, const struct tensor *latent, bool decode, struct image *out,
             struct err *e)
{
    memset(out, 0, sizeof *out);
    return decode ? make_decoded(p, latent, out, e) : make_linear(p, latent, out, e);
}
