/*
 * What each picture format must be able to do. Private to picture.c and the files of the formats;
 * everybody else includes picture.h.
 */
#ifndef GEMPIX_RENDER_MEDIA_PICTURE_FORMAT_H
#define GEMPIX_RENDER_MEDIA_PICTURE_FORMAT_H

#include <stddef.h>

struct err;
struct image;
struct picture_note;

/* Sides beyond this are refused before anything is allocated. */
#define PICTURE_SIDE_MAX 32768

/* As picture_encode; `note` is never NULL. PNG ignores the quality. */
int png_encode(const struct image *image, int quality, const struct picture_note *note, void **data,
               size_t *size, struct err *e);
int jpeg_encode(const struct image *image, int quality, const struct picture_note *note,
                void **data, size_t *size, struct err *e);
int webp_encode(const struct image *image, int quality, const struct picture_note *note,
                void **data, size_t *size, struct err *e);

/* As picture_decode, for bytes that begin like this format. */
int png_decode(const void *data, size_t size, size_t max_pixels, struct image *out, struct err *e);
int jpeg_decode(const void *data, size_t size, size_t max_pixels, struct image *out, struct err *e);
int webp_decode(const void *data, size_t size, size_t max_pixels, struct image *out, struct err *e);

/* Allocates the pixels of *out for a picture that a file announces. 0, ST_INVALID, ST_TOOBIG or
 * ST_NOMEM. */
int picture_allocate(size_t width, size_t height, size_t max_pixels, struct image *out,
                     struct err *e);

#endif
