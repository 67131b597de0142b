/*
 * Which way up a picture is: cameras keep the sensor's rows as they come and note in EXIF how to
 * turn them. Tag 0x0112 of CIPA DC-008 (Exif 2.32), 1 to 8.
 */
#ifndef GEMPIX_RENDER_MEDIA_ORIENTATION_H
#define GEMPIX_RENDER_MEDIA_ORIENTATION_H

#include <stddef.h>

struct err;
struct image; /* render/pipeline/generate.h: RGB8 */

#define ORIENTATION_UPRIGHT 1

/* What the EXIF in a JPEG, PNG or WebP file says; upright where there is none or it makes no
 * sense. */
int orientation_of(const void *data, size_t size);
/* Turns the picture so that it is upright. 0 or ST_NOMEM, the picture unchanged then. */
int orientation_apply(struct image *image, int orientation, struct err *e);

#endif
