/*
 * Pictures enlarged by a network, tile by tile, so that memory does not grow with the picture.
 *
 * Where a pixel depends on a bounded neighbourhood (the compact networks) every tile brings all of
 * it, and the result is that of the whole picture. Elsewhere 10 pixels around each tile are
 * computed and cut off, as the networks' authors do.
 */
#ifndef GEMPIX_RENDER_PIPELINE_UPSCALE_H
#define GEMPIX_RENDER_PIPELINE_UPSCALE_H

struct err;
struct image;
struct upscale;

/* The weights of an upscaler (render/model/upscaler.h), a file or a folder with
   model.safetensors. `threads` 0 = one per core. 0, ST_IO, ST_INVALID, ST_UNSUPPORTED, ST_NOMEM.
   upscale_close(*out). */
int upscale_open(const char *path, int threads, struct upscale **out, struct err *e);
void upscale_close(struct upscale *u); /* NULL is legal */
/* How much larger pictures get: 1, 2, 3 or 4. */
int upscale_factor(const struct upscale *u);

/* Pixels of a tile's side without its surroundings; 0 = chosen for the network. */
void upscale_tile(struct upscale *u, int side);

/* `factor` 0 = the network's own; else a divisor of it, by averages. progress(ctx, tile, tiles)
   after every tile; nonzero asks to stop; NULL is legal. *out belongs to the caller
   (image_release). 0, ST_INVALID, ST_TOOBIG, ST_CANCELLED, ST_NOMEM, ST_INTERNAL. */
int upscale(struct upscale *u, const struct image *in, int factor,
            int (*progress)(void *ctx, int tile, int tiles), void *ctx, struct image *out,
            struct err *e);

#endif
