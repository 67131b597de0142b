/*
 * The autoencoder between pixels and latents, of either class: AutoencoderKL or AutoencoderTiny.
 */
#ifndef GEMPIX_RENDER_MODEL_AUTOENCODER_H
#define GEMPIX_RENDER_MODEL_AUTOENCODER_H

#include "render/model/layers.h"

struct json;
struct autoencoder_kl;
struct autoencoder_tiny;

struct autoencoder {
    struct autoencoder_kl *kl; /* one of the two */
    struct autoencoder_tiny *tiny;
    size_t channels; /* of a latent */
    size_t factor;   /* pixels per latent pixel on a side */
    double scaling;  /* what encoding multiplies by */
    size_t limit;    /* bytes; 0 = none. What needs more, decoding or encoding, goes one picture
                        at a time, and a picture that needs more in bands, with the same result */
};

/* Chooses the class by _class_name, loads the decoder, and the encoder where the weights have one
   and the class offers it. l->rc says how it went. */
void autoencoder_load(struct loader *l, const struct json *config, struct autoencoder *out);

/* image [n, h·factor, w·factor, 3] given, values around [-1, 1]; latent [n, h, w, channels] as the
   U-Net makes it (the scaling factor is taken out here). */
void autoencoder_decode(struct engine *g, const struct autoencoder *a, const struct tensor *latent,
                        struct tensor *image);

bool autoencoder_can_encode(const struct autoencoder *a);
/* The most likely latent of an image [n, h, w, 3] in [-1, 1], scaled for the U-Net; sides must be
 * multiples of factor. */
void autoencoder_encode(struct engine *g, const struct autoencoder *a, const struct tensor *image,
                        struct tensor *latent);

#endif
