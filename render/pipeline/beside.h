/*
 * Networks that stand beside a model, as `gempixctl model install` keeps them: where their weights
 * lie, what they are, and whether the engine can use them. What needs a picture to be tried is not
 * here: upscale.h, cleanup.h, safety_check.h.
 */
#ifndef GEMPIX_RENDER_PIPELINE_BESIDE_H
#define GEMPIX_RENDER_PIPELINE_BESIDE_H

#include <stdint.h>

#include "common/network.h"

struct err;

#define BESIDE_PATH 4096

/* The weight file that a network's path means: the one that the manifest of a folder names, else
   the path as it is. 0, ST_INVALID (a manifest that cannot be understood, or too long a path),
   ST_IO, ST_NOMEM. */
int beside_file(const char *path, char out[BESIDE_PATH], struct err *e);

/* What a weight file or a folder with a manifest holds; NETWORK_NONE: a model, or nothing known. A
   folder without a manifest is NONE. 0, ST_IO, ST_INVALID, ST_NOMEM. */
int beside_kind(const char *path, enum network *out, struct err *e);

struct beside_report {
    char says[200]; /* "for 128 modules, rank 16" */
    uint64_t weight_bytes;
};

/* Loads motion modules for a U-Net of their own widths and runs each on noise. 0, ST_IO,
   ST_INVALID, ST_UNSUPPORTED, ST_NOMEM, ST_INTERNAL (NaN or Inf). */
int beside_try_motion(const char *path, struct beside_report *out, struct err *e);
/* Are all parts of a LoRA there, do they fit each other, and are their numbers finite? */
int beside_try_lora(const char *path, struct beside_report *out, struct err *e);
int beside_try_embedding(const char *path, struct beside_report *out, struct err *e);

#endif
