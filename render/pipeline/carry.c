/*
 * What a still has more than its copy, for frames that follow. Knows no model. Read next:
 * animate.c.
 */
#include "render/pipeline/carry.h"

#include <stdint.h>
#include <stdlib.h>

#include "common/err.h"
#include "render/pipeline/generate.h"

/* Grey levels, of the largest difference of the three colours in the mean of the surroundings.
   What rests differs by less than 1 behind an autoencoder, and a few more behind a sampler. */
#define RESTS 6
#define MOVES 18
#define AROUND 4 /* pixels to each side */

static int
difference(const uint8_t *a, const uint8_t *b)
{
    int most = 0;

    for (int k = 0; k < 3; k++) {
        int d = abs(a[k] - b[k]);

        most = d > most ? d : most;
    }
    return most;
}

/* Each of `count` numbers that are `step` apart becomes the sum of those around it; beyond the ends
   there are none. `line` is scratch of count. */
static void
sum_around(int *at, size_t count, size_t step, int *line)
{
    int sum = 0;

    for (size_t i = 0; i < count; i++)
        line[i] = at[i * step];
    for (size_t i = 0; i < AROUND && i < count; i++)
        sum += line[i];
    for (size_t i = 0; i < count; i++) {
        sum += i + AROUND < count ? line[i + AROUND] : 0;
        sum -= i > AROUND ? line[i - AROUND - 1] : 0;
        at[i * step] = sum;
    }
}

/* Of the numbers that sum_around adds for number `i`, how many there are. */
static int
many_around(int i, int count)
{
    int from = i > AROUND ? i - AROUND : 0, to = i + AROUND < count ? i + AROUND : count - 1;

    return to - from + 1;
}

/* How much two pictures differ around each pixel: sums of many_around pixels. */
static void
compare(const struct image *a, const struct image *b, int *out, int *line)
{
    size_t w = (size_t)a->width, h = (size_t)a->height;

    for (size_t i = 0; i < w * h; i++)
        out[i] = difference(a->pixels + 3 * i, b->pixels + 3 * i);
    for (size_t y = 0; y < h; y++)
        sum_around(out + y * w, w, 1, line);
    for (size_t x = 0; x < w; x++)
        sum_around(out + x, h, w, line);
}

int
carry_detail(const struct image *still, const struct image *first, struct image *frame,
             struct err *e)
{
    size_t w = (size_t)frame->width, h = (size_t)frame->height, longer = w > h ? w : h;
    int *change = malloc((w * h + longer) * sizeof *change);

    if (change == NULL)
        return err_set(e, ST_NOMEM, "Out of memory.", "differences of frames");
    compare(frame, first, change, change + w * h);
    for (size_t i = 0; i < w * h; i++) {
        int x = (int)(i % w), y = (int)(i / w);
        int around = many_around(x, frame->width) * many_around(y, frame->height);
        /* In parts of `span`, so that there is no rounding until the end. */
        int span = (MOVES - RESTS) * around, share = MOVES * around - change[i];

        share = share < 0 ? 0 : share > span ? span : share;
        for (size_t k = 3 * i; k < 3 * i + 3; k++) {
            int more = (still->pixels[k] - first->pixels[k]) * share * 2;
            int v = frame->pixels[k] + (more + (more < 0 ? -span : span)) / (2 * span);

            frame->pixels[k] = (uint8_t)(v < 0 ? 0 : v > 255 ? 255 : v);
        }
    }
    free(change);
    return ST_OK;
}
