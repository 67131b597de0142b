/*
 * Packs rows of activations. Knows nothing of layers. Read next: render/model/autoencoder_tiles.c.
 */
#include "render/engine/packed.h"

#include <math.h>
#include <stdint.h>
#include <string.h>

#include "render/engine/engine.h"

#define MOST 32767.0f
#define LEAST 1e-30f /* pixels below this are zeros: 1 / scale must stay finite */

struct job {
    const struct packed *p;
    size_t first;
    float *x;
};

size_t
packed_row(size_t w, size_t c)
{
    return w * (sizeof(float) + c * sizeof(int16_t));
}

ENGINE_VECTOR static void
pack_row(const float *x, size_t w, size_t c, unsigned char *to)
{
    for (size_t p = 0; p < w; p++, x += c, to += packed_row(1, c)) {
        int16_t *values = (int16_t *)(void *)(to + sizeof(float));
        float most = 0.0f, scale, factor;

        for (size_t i = 0; i < c; i++)
            most = fabsf(x[i]) > most ? fabsf(x[i]) : most;
        if (most < LEAST)
            most = 0.0f;
        /* NaN never is the largest, so it is looked for by itself. */
        if (!engine_finite(x, c)) {
            scale = NAN;
            memcpy(to, &scale, sizeof scale);
            for (size_t i = 0; i < c; i++)
                values[i] = 1;
            continue;
        }
        scale = most / MOST;
        factor = most > 0.0f ? MOST / most : 0.0f;
        memcpy(to, &scale, sizeof scale);
        for (size_t i = 0; i < c; i++) {
            float v = x[i] * factor;

            values[i] = (int16_t)(int32_t)(v + (v < 0.0f ? -0.5f : 0.5f));
        }
    }
}

ENGINE_VECTOR static void
unpack_row(const unsigned char *from, size_t w, size_t c, float *x)
{
    for (size_t p = 0; p < w; p++, x += c, from += packed_row(1, c)) {
        const int16_t *values = (const int16_t *)(const void *)(from + sizeof(float));
        float scale;

        memcpy(&scale, from, sizeof scale);
        for (size_t i = 0; i < c; i++)
            x[i] = (float)values[i] * scale;
    }
}

static void
pack_task(void *arg, int index, int thread)
{
    const struct job *j = arg;
    size_t w = j->p->w, c = j->p->c;

    (void)thread;
    pack_row(j->x + (size_t)index * w * c, w, c,
             j->p->data + (j->first + (size_t)index) * packed_row(w, c));
}

static void
unpack_task(void *arg, int index, int thread)
{
    const struct job *j = arg;
    size_t w = j->p->w, c = j->p->c;

    (void)thread;
    unpack_row(j->p->data + (j->first + (size_t)index) * packed_row(w, c), w, c,
               j->x + (size_t)index * w * c);
}

void
pack_rows(struct engine *g, const float *x, size_t first, size_t rows, const struct packed *to)
{
    struct job j = {to, first, (float *)(uintptr_t)x};

    engine_run(g, (int)rows, rows * to->w * to->c / 2, pack_task, &j);
}

void
unpack_rows(struct engine *g, const struct packed *from, size_t first, size_t rows, float *x)
{
    struct job j = {from, first, x};

    engine_run(g, (int)rows, rows * from->w * from->c / 2, unpack_task, &j);
}
