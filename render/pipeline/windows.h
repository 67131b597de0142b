/*
 * Clips that are longer than motion modules can see: in each step the U-Net looks at overlapping
 * windows of frames, and what it says of a frame in several of them is mixed. The sampler then
 * takes its step over the whole clip. That is the context scheduler of the field (AnimateDiff
 * Evolved), with evenly spread windows and weights that rise to the middle of each.
 */
#ifndef GEMPIX_RENDER_PIPELINE_WINDOWS_H
#define GEMPIX_RENDER_PIPELINE_WINDOWS_H

#include <stddef.h>

struct windows {
    size_t frames; /* of the clip */
    size_t length; /* of a window */
    size_t count;
};

/* `most` = frames that the modules can see at once. One window where that is enough. */
void windows_init(struct windows *w, size_t frames, size_t most);
/* The first frame of window `i`. */
size_t windows_first(const struct windows *w, size_t i);
/* Adds what window `i` says, [length][each], to sum [frames][each], by its weights. */
void windows_add(const struct windows *w, size_t i, const float *from, size_t each, float *sum);
/* Divides each frame of the sum by its weights. */
void windows_mean(const struct windows *w, float *sum, size_t each);

#endif
