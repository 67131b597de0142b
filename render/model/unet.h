/*
 * UNet2DConditionModel: predicts noise (or velocity) from a noisy latent, a time and the prompt.
 */
#ifndef GEMPIX_RENDER_MODEL_UNET_H
#define GEMPIX_RENDER_MODEL_UNET_H

#include "render/model/model_config.h"
#include "render/model/resnet.h"
#include "render/model/transformer.h"

struct json;
struct motion;

#define UNET_LAYERS 8 /* resnets per level, at most */
#define UNET_IDS 6    /* height and width before scaling, crop's top and left, height and width */

struct unet_config {
    size_t in_channels, out_channels;
    size_t levels, widths[CONFIG_LEVELS];
    size_t layers; /* resnets per level on the way down; one more on the way up */
    size_t heads[CONFIG_LEVELS], depth[CONFIG_LEVELS];
    bool attention[CONFIG_LEVELS]; /* cross-attention on this level, from the highest resolution */
    size_t context_width, groups;
    size_t sample_size; /* native latent side */
    double norm_eps, freq_shift;
    bool cos_first;
    size_t guidance_width; /* time_cond_proj_dim: the guidance is an input; 0 = it is not */
    size_t pooled_width; /* of the text vector and ids that are an input (SDXL); 0 = they are not */
    size_t id_width;     /* of one id as a wave */
    size_t ids;          /* how many, at most UNET_IDS */
};

struct unet_level {
    size_t count; /* resnets */
    struct resnet resnets[UNET_LAYERS + 1];
    struct transformer attentions[UNET_LAYERS + 1];
    bool has_attention, has_sampler;
    struct conv_layer sampler; /* down or up */
};

struct unet {
    struct unet_config config;
    struct linear time1, time2;
    struct linear guidance;   /* added to the time's wave; in = 0: none */
    struct linear add1, add2; /* of [pooled | ids as waves], added to the time's embedding */
    struct conv_layer conv_in, conv_out;
    struct norm norm_out;
    struct unet_level *down, *up; /* [levels]; up[0] has the lowest resolution */
    struct resnet mid1, mid2;
    struct transformer mid_attention;
    size_t blocks;               /* transformer blocks in all: keys and values to keep */
    float **kv;                  /* [blocks], set by unet_context */
    size_t contexts, tokens;     /* of that context */
    const struct motion *motion; /* NULL = pictures that know nothing of each other */
    size_t frames;               /* of a clip */
};

/* 0, ST_INVALID or ST_UNSUPPORTED, with key and value. */
int unet_config_read(const struct json *json, struct unet_config *out, struct err *e);
/* Loads all tensors; l->rc says how it went. Memory belongs to the loader's arena. */
struct unet *unet_load(struct loader *l, const struct unet_config *config);

/* Keeps the prompts' keys and values in the workspace until the caller rewinds it. context
   [n][tokens][context_width]; n must divide the latents that it is used with: neighbours share a
   prompt, as the frames of a clip do. */
void unet_context(struct engine *g, struct unet *u, const float *context, size_t n, size_t tokens);

/* What a pass depends on beside the latent and the context. What the model has no input for is
   ignored; NULL stands for zeros. */
struct unet_input {
    double time;            /* in training steps, may be fractional */
    const float *pooled;    /* [n][pooled_width]: vectors of the whole texts */
    const double *ids;      /* [UNET_IDS], pixels: the same for all images */
    const double *guidance; /* [n]: guidance - 1 of each image */
};

/* From now on `frames` neighbours in the batch are a clip that goes through these modules too;
   motion NULL ends that. It is borrowed. 0; ST_INVALID when it was made for other widths, or knows
   no clip of that length. */
int unet_set_motion(struct unet *u, const struct motion *motion, size_t frames, struct err *e);
/* Channels of the latent that unet_run takes; modules can change them. */
size_t unet_channels(const struct unet *u);

/* SiLU(embedding of time, guidance, text and sizes), as every resnet wants it: out [n][4 · first
   width], for n images. */
void unet_embed(struct engine *g, const struct unet *u, const struct unet_input *input, size_t n,
                float *out);
/* out [n, h, w, out_channels] given; x [n, h, w, in_channels]. */
void unet_run(struct engine *g, const struct unet *u, const struct tensor *x,
              const struct unet_input *input, struct tensor *out);

/* [cos | sin] (or [sin | cos]) of time · exp(-ln 10000 · i / (width/2 - shift)), width floats. */
void time_sinusoid(double time, size_t width, double shift, bool cos_first, float *out);

#endif
