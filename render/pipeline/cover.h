/*
 * A picture in another shape: the middle of it that has the shape, scaled. What image-to-image and
 * its masks begin with.
 */
#ifndef GEMPIX_RENDER_PIPELINE_COVER_H
#define GEMPIX_RENDER_PIPELINE_COVER_H

#include <stdint.h>

struct err;
struct image;

/* width × height from the middle of `in`; belongs to the caller (image_release). 0 or ST_NOMEM. */
int cover_picture(const struct image *in, int width, int height, struct image *out, struct err *e);
/* The same of a mask, white where it marks: width × height bytes, 255 = marked (free()). 0 or
 * ST_NOMEM. */
int cover_mask(const struct image *in, int width, int height, uint8_t **out, struct err *e);

#endif
