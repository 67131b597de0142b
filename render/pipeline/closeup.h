/*
 * Repainting a part of a picture: the originals pasted back, and close-ups, which are worked on at
 * the size that a model likes and then put into the whole.
 */
#ifndef GEMPIX_RENDER_PIPELINE_CLOSEUP_H
#define GEMPIX_RENDER_PIPELINE_CLOSEUP_H

#include "render/pipeline/generate.h"

#define CLOSEUP_REPAINT 128 /* values of a mask from here on are repainted */

/* Where the mask does not repaint, *result becomes the original byte for byte; inside, the original
   fades out over `soft` pixels. All have one size. 0 or ST_NOMEM. */
int closeup_paste(struct image *result, const struct image *original, const struct mask *mask,
                  int soft, struct err *e);

/* A rectangle of the whole picture, and what is worked on. */
struct closeup {
    int x, y, width, height;
    struct image picture; /* the rectangle at the working size */
    struct mask mask;     /* values = marks */
    uint8_t *marks;
};

/* The surroundings of what is to be repainted, `padding` pixels on each side and more until the
   shape is that of width x height, as far as the picture goes; scaled to width x height. 0,
   ST_INVALID (sizes differ, nothing marked) or ST_NOMEM. */
int closeup_cut(const struct image *whole, const struct mask *mask, int padding, int width,
                int height, struct closeup *out, struct err *e);
/* The whole with `part` (width x height) in its place; image_release(out). 0 or ST_NOMEM. */
int closeup_join(const struct closeup *c, const struct image *whole, const struct mask *mask,
                 const struct image *part, struct image *out, struct err *e);
void closeup_release(struct closeup *c); /* zeroed struct is legal */

#endif
