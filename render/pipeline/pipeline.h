/*
 * A loaded model, from the inside. For the files of this folder; others see generate.h.
 */
#ifndef GEMPIX_RENDER_PIPELINE_PIPELINE_H
#define GEMPIX_RENDER_PIPELINE_PIPELINE_H

#include <stdbool.h>

#include "render/engine/engine.h"
#include "render/model/autoencoder.h"
#include "render/model/clip_text.h"
#include "render/model/tokenizer.h"
#include "render/model/unet.h"
#include "render/pipeline/generate.h"
#include "render/sampler/schedule.h"

struct arena;
struct weight_store;

#define PIPELINE_LATENT 16 /* channels of a latent, at most */

/* The vectors of the negative prompt that was used last: most pictures share the empty one. */
struct pipeline_cache {
    char *text;    /* NULL = nothing kept */
    float *values; /* [positions][width] */
};

enum pipeline_part { PIPELINE_TEXT, PIPELINE_UNET, PIPELINE_VAE, PIPELINE_PARTS };

/* The part is not needed for a while: its mapped weights need not stay in memory, if they are
 * large. */
void pipeline_rest(const struct pipeline *p, enum pipeline_part part);

struct pipeline {
    struct engine engine;
    struct arena *arena; /* weights that are not mapped */
    struct weight_store *stores[PIPELINE_PARTS];
    struct tokenizer *tokenizer;
    struct clip_text *text;
    struct unet *unet;
    struct autoencoder vae;
    struct schedule schedule;
    struct pipeline_info info;
    struct pipeline_cache negative;
    bool has_colours; /* preview.c has fitted them */
    double colours[3][PIPELINE_LATENT +
                      1]; /* red, green, blue from a latent pixel; the last is constant */
};

#endif
