/*
 * Windows over the frames of a long clip. Knows no network. Read next: generate.c.
 */
#include "render/pipeline/windows.h"

/* Modules were trained with so many frames, even where they know more places. */
#define TRAINED 16
#define OVERLAP 4 /* a window's part that the next one also sees, at least: 1 / OVERLAP */

void
windows_init(struct windows *w, size_t frames, size_t most)
{
    size_t hop;

    *w = (struct windows){frames, frames, 1};
    if (frames <= most)
        return;
    w->length = most < TRAINED ? most : TRAINED;
    hop = w->length - (w->length + OVERLAP - 1) / OVERLAP;
    w->count = (frames - w->length + hop - 1) / hop + 1;
}

size_t
windows_first(const struct windows *w, size_t i)
{
    return w->count > 1 ? (i * (w->frames - w->length)) / (w->count - 1) : 0;
}

/* Of a window's frame: 1 at its ends, rising to the middle. */
static float
weight(const struct windows *w, size_t frame)
{
    size_t other = w->length - 1 - frame;

    return (float)((frame < other ? frame : other) + 1);
}

void
windows_add(const struct windows *w, size_t i, const float *from, size_t each, float *sum)
{
    float *to = sum + windows_first(w, i) * each;

    for (size_t f = 0; f < w->length; f++) {
        float factor = weight(w, f);

        for (size_t k = 0; k < each; k++)
            *to++ += factor * *from++;
    }
}

void
windows_mean(const struct windows *w, float *sum, size_t each)
{
    for (size_t f = 0; f < w->frames; f++) {
        float all = 0.0f;

        for (size_t i = 0; i < w->count; i++) {
            size_t first = windows_first(w, i);

            if (f >= first && f < first + w->length)
                all += weight(w, f - first);
        }
        for (size_t k = 0; k < each; k++)
            sum[f * each + k] /= all;
    }
}
