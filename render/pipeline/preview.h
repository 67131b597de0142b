/*
 * Small pictures of a latent while it denoises.
 */
#ifndef GEMPIX_RENDER_PIPELINE_PREVIEW_H
#define GEMPIX_RENDER_PIPELINE_PREVIEW_H

struct err;
struct image;
struct pipeline;
struct tensor;

/* A picture of the latent [1, h, w, channels], at most four pixels per latent pixel. The first call
   for a model fits the colours by decoding a patch of made-up latents. 0 or ST_NOMEM;
   image_release(out). */
int preview_make(struct pipeline *p, const struct tensor *latent, struct image *out, struct err *e);

/* Fits the colours if that is still to be done; also part of planning. */
void preview_fit(struct pipeline *p);

#endif
