/*
 * Foreign pictures: files that visitors send are decoded by a process of their own
 * (gempix-decode), which is shut in before it sees the first byte. What comes back is pixels or a
 * sentence; nothing of the file goes on living but its colours (no EXIF, no position, no profile).
 */
#ifndef GEMPIX_RENDER_INTAKE_INTAKE_H
#define GEMPIX_RENDER_INTAKE_INTAKE_H

#include <stddef.h>
#include <stdint.h>

struct err;
struct image; /* render/pipeline/generate.h: RGB8 */

struct intake {
    const char *program; /* path of gempix-decode */
    size_t bytes_max;    /* of a file */
    size_t pixels_max;   /* of a picture */
    int64_t patience_us; /* for one picture */
};

/* PNG, JPEG or WebP, by content, made upright. image_release(out) by the caller. 0; ST_INVALID,
 * ST_TOOBIG with what the visitor can do; ST_TIMEOUT; ST_INTERNAL when the decoder died or cannot
 * be started; ST_NOMEM. */
int intake_decode(const struct intake *in, const void *data, size_t size, struct image *out,
                  struct err *e);

#endif
