/*
 * Pictures resized as CLIP's training did it: a cubic with a = -1/2 that widens when pictures
 * shrink, across first, with bytes in between.
 */
#ifndef GEMPIX_RENDER_PIPELINE_BICUBIC_H
#define GEMPIX_RENDER_PIPELINE_BICUBIC_H

struct err;
struct image;

/* *out belongs to the caller (image_release). 0 or ST_NOMEM. */
int bicubic_resize(const struct image *in, int width, int height, struct image *out, struct err *e);

#endif
