/*
 * AutoencoderTiny (TAESD): small convolutions without norms or attention.
 */
#ifndef GEMPIX_RENDER_MODEL_AUTOENCODER_TINY_H
#define GEMPIX_RENDER_MODEL_AUTOENCODER_TINY_H

#include <stdbool.h>
#include <stddef.h>

struct autoencoder_tiny;
struct engine;
struct json;
struct loader;
struct tensor;

/* Memory belongs to the loader's arena; NULL on failure (l->rc). */
struct autoencoder_tiny *autoencoder_tiny_load(struct loader *l, const struct json *config,
                                               size_t *channels, size_t *factor);
/* Shapes as in autoencoder.h. Where more than `limit` bytes were needed (0 = any), in bands: one
   picture then, latent->n is 1. */
void autoencoder_tiny_decode(struct engine *g, const struct autoencoder_tiny *a, size_t limit,
                             const struct tensor *latent, struct tensor *image);

/* The weights may lack the encoder. */
bool autoencoder_tiny_can_encode(const struct autoencoder_tiny *a);
/* In bands as the decode; image->n is 1 then. */
void autoencoder_tiny_encode(struct engine *g, const struct autoencoder_tiny *a, size_t limit,
                             const struct tensor *image, struct tensor *latent);

#endif
