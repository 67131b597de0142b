/*
 * The pictures that gempix-image begins with: read from files and brought to the size that is asked
 * for.
 */
#ifndef GEMPIX_RENDER_CLI_IMAGE_SOURCE_H
#define GEMPIX_RENDER_CLI_IMAGE_SOURCE_H

#include "render/pipeline/generate.h"

struct image_sources {
    struct image picture;
    struct mask mask; /* values = marks, or NULL */
    uint8_t *marks;
};

/* Reads `picture` and, if not NULL, `mask`, a picture of the same size that is white where to
   repaint. Sides that are 0 become the picture's own, rounded to the multiple; then both are cut in
   the middle to the shape of width x height, and scaled. 0, ST_IO, ST_INVALID, ST_TOOBIG or
   ST_NOMEM. */
int image_sources_read(const char *picture, const char *mask, int multiple, int *width, int *height,
                       struct image_sources *out, struct err *e);
void image_sources_release(struct image_sources *s); /* zeroed struct is legal */

#endif
