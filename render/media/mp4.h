/*
 * Films as files: MP4 with one H.264 track, playable while it loads (the index comes before the
 * frames), with the same provenance as pictures (picture.h).
 *
 * Layout: ISO/IEC 14496-12 and -15. XMP in a box "uuid" at the top, as XMP part 3 has it; tool and
 * parameters also as entries that players and ffprobe show. No times of the clock: the same frames
 * give the same bytes.
 */
#ifndef GEMPIX_RENDER_MEDIA_MP4_H
#define GEMPIX_RENDER_MEDIA_MP4_H

#include <stddef.h>

struct err;
struct image; /* render/pipeline/generate.h: RGB8 */
struct mp4;
struct picture_note;

#define MP4_RATE_MOST 120

struct mp4_options {
    int width, height;               /* of all frames; odd ones are made even (h264.h) */
    int rate;                        /* frames a second, 1 to MP4_RATE_MOST */
    int quality;                     /* 1-100 */
    const struct picture_note *note; /* NULL = none; borrowed during the call of mp4_open */
};

/* 0, ST_INVALID, ST_NOMEM, ST_INTERNAL; mp4_free(*out). */
int mp4_open(const struct mp4_options *options, struct mp4 **out, struct err *e);
void mp4_free(struct mp4 *m); /* NULL is legal */
/* Adds a frame. What is kept of it is its coded form. 0, ST_INVALID, ST_NOMEM, ST_INTERNAL. */
int mp4_add(struct mp4 *m, const struct image *frame, struct err *e);
/* What is finished from now on does not tell the parameters. */
void mp4_forget_words(struct mp4 *m);
/* The whole file into heap memory (free()). 0, ST_INVALID without a frame, ST_NOMEM. It
   may be called again. */
int mp4_finish(struct mp4 *m, void **data, size_t *size, struct err *e);

#endif
