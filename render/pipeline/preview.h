/*
 * Small pictures of a latent while it denoises.
 */
#ifndef GEMPIX_RENDER_PIPELINE_PREVIEW_H
#define GEMPIX_RENDER_PIPELINE_PREVIEW_H

#include <stdbool.h>

struct err;
struct image;
struct pipeline;
struct tensor;

/* To be called while planning: decides how this run's previews are made. True = the latent at half
   its sides is decoded, because that costs at most `flops`; false = by a linear map from latent to
   colour. */
bool preview_plan(struct pipeline *p, const struct tensor *latent, double flops);

/* A picture of the latent [1, h, w, channels], about half as large as the final one, or four pixels
   per latent pixel. `decode` as preview_plan said. 0 or ST_NOMEM; image_release(out). */
int preview_make(struct pipeline *p, const struct tensor *latent, bool decode, struct image *out,
                 struct err *e);

#endif
