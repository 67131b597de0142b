/*
 * The names of a Stable Diffusion model in a single file, as the original training code wrote them,
 * in the names of diffusers folders. Everything is a table of pairs; the numbers of blocks are
 * worked out from how many resnets a level has.
 */
#ifndef GEMPIX_RENDER_WEIGHTS_LDM_NAMES_H
#define GEMPIX_RENDER_WEIGHTS_LDM_NAMES_H

#include <stdbool.h>
#include <stddef.h>

#include "render/weights/weight_store.h"

enum ldm_part { LDM_TEXT, LDM_TEXT_2, LDM_UNET, LDM_VAE, LDM_PARTS };

/* What must be known about a file before its names can be translated. */
struct ldm_layout {
    enum ldm_part part;
    size_t unet_layers; /* resnets of a level on the way down */
    size_t vae_levels;
    size_t text_layers; /* of OpenCLIP; blocks from here on are left out */
    bool projection;    /* the text encoder's is wanted */
};

/* Our names of a tensor of the file; returns how many, 0 = not of layout->part, or of no use.
   Fits struct weight_names. */
size_t ldm_translate(const void *layout, const char *name,
                     struct weight_target out[WEIGHT_TARGETS]);

/* The other way round, for LoRAs that name the U-Net's modules so: the module `name` without
   ".weight" in a U-Net with `layers` resnets per level whose level `attention[i]` has attention
   on the way up. False if there is no such name. */
bool ldm_unet_module(const char *name, size_t layers, const bool *attention, char out[WEIGHT_NAME]);

#endif
