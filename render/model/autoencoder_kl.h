/*
 * AutoencoderKL: the decoder from latents to pixels, and the encoder where the file has it.
 */
#ifndef GEMPIX_RENDER_MODEL_AUTOENCODER_KL_H
#define GEMPIX_RENDER_MODEL_AUTOENCODER_KL_H

#include <stdbool.h>
#include <stddef.h>

struct autoencoder_kl;
struct engine;
struct json;
struct loader;
struct tensor;

/* Memory belongs to the loader's arena; NULL on failure (l->rc). */
struct autoencoder_kl *autoencoder_kl_load(struct loader *l, const struct json *config,
                                           size_t *channels, size_t *factor);
/* Shapes as in autoencoder.h. Where more than `limit` bytes were needed (0 = any), in bands: one
   picture then, latent->n is 1. */
void autoencoder_kl_decode(struct engine *g, const struct autoencoder_kl *a, size_t limit,
                           const struct tensor *latent, struct tensor *image);
bool autoencoder_kl_can_encode(const struct autoencoder_kl *a);
/* In bands as the decode; image->n is 1 then. */
void autoencoder_kl_encode(struct engine *g, const struct autoencoder_kl *a, size_t limit,
                           const struct tensor *image, struct tensor *latent);

#endif
