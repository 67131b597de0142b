/*
 * Motion modules as AnimateDiff has them: after each block of the U-Net every pixel looks at itself
 * in the other frames of its clip. They come in a file of their own and fit any U-Net of the same
 * widths.
 *
 * The frames of a clip lie behind each other in the batch. The modules' GroupNorm is per frame;
 * that of the U-Net's resnets, too, but for the first published modules, which were trained with
 * norms over the whole clip. Positions are added to what queries, keys and values are made of.
 * Formulas: AnimateDiff, motion_module.py.
 */
#ifndef GEMPIX_RENDER_MODEL_MOTION_H
#define GEMPIX_RENDER_MODEL_MOTION_H

#include "render/model/layers.h"

struct json;
struct unet_config;
struct weight_store;

#define MOTION_ATTENTIONS 2

struct motion_block {
    struct norm norms[MOTION_ATTENTIONS], ff_norm;
    struct linear qkv[MOTION_ATTENTIONS]; /* [3C][C] */
    struct linear out[MOTION_ATTENTIONS];
    struct linear ff_in;  /* [8C][C]: value | gate */
    struct linear ff_out; /* [C][4C] */
};

struct motion_module {
    char name[LAYER_NAME];
    size_t width, heads, depth; /* width 0 = there is no such module */
    struct norm norm;
    struct linear proj_in, proj_out;
    struct motion_block *blocks; /* [depth] */
    const float *place;          /* [frames][width] of the owner */
};

struct motion {
    size_t levels, layers;            /* of the U-Net */
    size_t frames;                    /* of the longest clip */
    bool shares_norms;                /* the U-Net's resnets have theirs over all frames */
    struct motion_module *down, *up;  /* [levels][layers], [levels][layers + 1] */
    struct motion_module mid;         /* newer files have one */
    struct conv_layer conv_in;        /* in != 0: takes the place of the U-Net's (PIA) */
    const struct unet_config *config; /* of the U-Net, a copy */
};

/* Levels, layers and widths of the U-Net that the modules were made for, by their shapes; no levels
   when there are no modules. Other fields stay. */
void motion_measure(const struct weight_store *store, struct unet_config *out);

/* Loads the modules for a U-Net of this configuration, under the original names or those of
   diffusers. `json` = the adapter's config.json, NULL = as published. Memory belongs to the
   loader's arena; NULL on failure (l->rc). */
struct motion *motion_load(struct loader *l, const struct json *json,
                           const struct unet_config *unet);

/* x [clips · frames, h, w, width] is replaced by the result; frames <= motion->frames. */
void motion_run(struct engine *g, const struct motion_module *m, struct tensor *x, size_t frames);

#endif
