/*
 * Frames to H.264, constrained baseline profile, 4:2:0, BT.709 in the narrow range: what every
 * browser and every telephone plays. The library behind it is OpenH264; its header appears in
 * h264.c alone. One thread, so that the same frames give the same bytes.
 */
#ifndef GEMPIX_RENDER_MEDIA_H264_H
#define GEMPIX_RENDER_MEDIA_H264_H

#include <stdbool.h>

struct err;
struct h264;
struct image; /* render/pipeline/generate.h: RGB8 */
struct text;

/* 16 pixels a side and more. An odd side becomes even by its last column or row twice, because
   colours are kept for two by two pixels; coded_width and coded_height say so. `quality` 1-100 as
   for JPEG; from the first frame on that is nothing but noise it may fall. 0, ST_INVALID, ST_NOMEM,
   ST_INTERNAL; h264_free(*out). */
int h264_open(int width, int height, int quality, struct h264 **out, struct err *e);
void h264_free(struct h264 *h); /* NULL is legal */
int h264_coded_width(const struct h264 *h);
int h264_coded_height(const struct h264 *h);

/* Appends the frame's NAL units to `out`, each behind its length in four bytes. Parameter sets are
   not among them. *key: decoding can begin here. 0, ST_INVALID when the frame has another size,
   ST_NOMEM, ST_INTERNAL. */
int h264_frame(struct h264 *h, const struct image *frame, struct text *out, bool *key,
               struct err *e);

/* The parameter sets without start codes; empty before the first frame. Belong to `h`. */
const struct text *h264_sequence_set(const struct h264 *h);
const struct text *h264_picture_set(const struct h264 *h);

#endif
