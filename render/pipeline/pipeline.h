/*
 * A loaded model, from the inside. For the files of this folder; others see generate.h.
 */
#ifndef GEMPIX_RENDER_PIPELINE_PIPELINE_H
#define GEMPIX_RENDER_PIPELINE_PIPELINE_H

#include <stdbool.h>
#include <stdint.h>

#include "render/engine/engine.h"
#include "render/model/autoencoder.h"
#include "render/model/clip_text.h"
#include "render/model/tokenizer.h"
#include "render/model/unet.h"
#include "render/pipeline/generate.h"
#include "render/sampler/schedule.h"

struct arena;
struct embedding;
struct model_parts;
struct pipeline_motion;
struct prompt_cache;
struct weight_store;

#define PIPELINE_LATENT 16 /* channels of a latent, at most */

/* In the order of enum model_part. */
enum pipeline_part { PIPELINE_TEXT, PIPELINE_TEXT2, PIPELINE_UNET, PIPELINE_VAE, PIPELINE_PARTS };

/* The part is not needed for a while: its mapped weights need not stay in memory, if they are
 * large. */
void pipeline_rest(const struct pipeline *p, enum pipeline_part part);
/* Whether no weight file was cut short since the model was opened. 0 or ST_IO. */
int pipeline_intact(const struct pipeline *p, struct err *e);

struct pipeline {
    struct engine engine;
    struct arena *arena; /* weights that are not mapped */
    struct model_parts *parts;
    struct weight_store *stores[PIPELINE_PARTS]; /* of `parts`; NULL: the model has no such part */
    struct tokenizer *tokenizer, *tokenizer2;    /* the second of each is NULL but in SDXL */
    struct clip_text *text, *text2;
    size_t text_skip; /* layers at the end of the encoders that the U-Net does not see */
    bool text_normed; /* it sees the rest through the final norm */
    bool two_encoders;
    bool zero_negative;                 /* an empty negative prompt is all zeros */
    const struct embedding *embeddings; /* [embedding_count], textual inversions */
    size_t embedding_count;
    struct prompt_cache *prompts;
    struct unet *unet;
    struct pipeline_motion *motion; /* NULL = none */
    uint8_t extras[32];             /* digest of what was added to the model: state.c */
    struct autoencoder vae;
    struct schedule schedule;
    struct pipeline_info info;
    size_t limit;     /* bytes of workspace; 0 = any */
    bool has_colours; /* preview.c has fitted them */
    double colours[3][PIPELINE_LATENT +
                      1]; /* red, green, blue from a latent pixel; the last is constant */
};

#endif
