/*
 * The pipeline from words (and pictures) to pixels: tokenizer -> text encoder -> U-Net under a
 * sampler -> autoencoder. Knows nothing of jobs, files of pictures, or databases; the daemon and
 * gempix-image sit on top of it.
 */
#ifndef GEMPIX_RENDER_PIPELINE_GENERATE_H
#define GEMPIX_RENDER_PIPELINE_GENERATE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/err.h"

struct pipeline; /* a loaded model with its thread pool and arena */

/* 8-bit RGB, rows top to bottom, no padding: pixels has 3 × width × height bytes. Released with
 * image_release. */
struct image {
    int width, height;
    uint8_t *pixels;
};
void image_release(struct image *image); /* zeroed struct is legal */

/* What to repaint: 255 = all, 0 = nothing; width × height bytes, borrowed. */
struct mask {
    int width, height;
    const uint8_t *values;
};

enum generate_kind {
    GENERATE_TEXT,    /* from the prompt alone */
    GENERATE_IMAGE,   /* a variation of `source` */
    GENERATE_INPAINT, /* `source` anew where `mask` says so */
    GENERATE_EDIT,    /* the prompt is an instruction for `source`; models with 8 channels */
    GENERATE_ANIMATE, /* `frames` pictures that follow each other; models with motion modules */
};

enum generate_sampler {
    SAMPLER_DDIM,
    SAMPLER_EULER,
    SAMPLER_EULER_ANCESTRAL,
    SAMPLER_DPM, /* DPM-Solver++ 2M */
    SAMPLER_DPM_KARRAS,
    SAMPLER_LCM,
};
#define GENERATE_SAMPLERS 6
/* "ddim", "euler", "euler-a", "dpm", "dpm-karras", "lcm"; NULL when there is no such sampler. */
const char *generate_sampler_name(enum generate_sampler sampler);
bool generate_sampler_find(const char *name, enum generate_sampler *out);

#define GENERATE_FRAMES 1024 /* of a clip, at most */

/* Zeroed fields mean what is said in brackets. Everything is borrowed. */
struct generate_params {
    enum generate_kind kind;
    const char *prompt;          /* UTF-8 */
    const char *negative_prompt; /* (the empty prompt) */
    int width, height;           /* pixels; multiples of pipeline_info.multiple */
    int steps;                   /* >= 1 */
    double guidance;             /* classifier-free guidance scale; <= 1 means one pass per step */
    double image_guidance;       /* EDIT: how closely to keep to the source (1.5) */
    double rescale;              /* share of guidance rescale, at most 1 (0) */
    double strength;             /* IMAGE, INPAINT: share of the steps that is run (0.75; 1);
                                    ANIMATE: how far from the source the clip may go (0.5) */
    uint32_t seed;
    enum generate_sampler sampler;
    int clip_skip;              /* layers of the text encoder left out (0) */
    const struct image *source; /* width × height; ANIMATE: where the modules continue one */
    const struct mask *mask;    /* INPAINT: width × height */
    int frames;                 /* ANIMATE: 2 to GENERATE_FRAMES; the modules see windows of more
                                   than they know (windows.h) */
    const void *resume;         /* what a state hook gave for the same picture; NULL = begin */
    size_t resume_size;
};

/* Called by the pipeline from the calling thread, for each member of a batch. */
struct generate_hooks {
    void *ctx;
    /* After `step` of `steps` (1-based; 0 = prompt encoded). Nonzero asks to stop: this member then
     * ends with ST_CANCELLED before the next step. NULL is legal. */
    int (*progress)(void *ctx, int member, int step, int steps);
    /* A small picture of the state after `step`; borrowed during the call. NULL = no previews. */
    void (*preview)(void *ctx, int member, int step, const struct image *image);
    int preview_every; /* steps; 0 = none */
    /* Bytes that generate_params.resume takes to go on after `step`; borrowed during the call. */
    void (*state)(void *ctx, int member, int step, const void *data, size_t size);
    int state_every; /* steps; 0 = none */
    /* ANIMATE: a frame (from 0) as soon as it is a picture; borrowed during the call. Nonzero asks
       to stop: ST_CANCELLED. The member's image then stays empty, so that no clip has to be in
       memory as a whole. NULL: it holds all frames. */
    int (*frame)(void *ctx, int member, int frame, const struct image *image);
};

struct pipeline_info {
    char name[64];   /* folder name */
    int native_size; /* pixels */
    int multiple;    /* sizes must be multiples of this (8 × …) */
    int max_tokens;  /* of the prompt without start and end */
    uint64_t weight_bytes;
    const char *family; /* "sd1", "sd2", "sdxl", "sd" */
    bool inpaint, edit, lcm;
    /* What the manifest recommends; 0 and "" = nothing. */
    int steps, width, height;
    double guidance;
    const char *sampler; /* lives as long as the pipeline, as does `family` */
};

/* Loads a model: a diffusers folder, a folder with a manifest, or a single file (model_parts.h).
 * `threads` 0 = one per core. 0, ST_IO, ST_INVALID (hostile or wrong files, by name),
 * ST_UNSUPPORTED, ST_NOMEM. pipeline_close(*out). */
int pipeline_open(const char *path, int threads, struct pipeline **out, struct err *e);

/* What is added to a model when it is loaded. Files are mapped: opening the model again with other
 * extras costs little. */
struct pipeline_extras {
    const struct pipeline_lora {
        const char *path;
        double weight; /* 1 = as it was trained */
    } * loras;         /* merged in this order */
    size_t lora_count;
    const char *const *embeddings; /* files of textual inversions */
    size_t embedding_count;
    const char *motion; /* file or folder of motion modules, NULL = none: for ANIMATE */
    bool int8;          /* the U-Net's and text encoders' weights are rounded to 8 bits */
};
/* The same with extras; NULL = none. */
int pipeline_open_with(const char *path, int threads, const struct pipeline_extras *extras,
                       struct pipeline **out, struct err *e);
void pipeline_close(struct pipeline *p); /* NULL is legal */
/* In low-memory mode the weights pass through memory block by block, in every step again: slower
   when the system has no room to keep the files cached. Off at first. */
void pipeline_low_memory(struct pipeline *p, bool on);
/* Pictures that need more working memory are refused before they begin; 0 (at first) = no limit. */
void pipeline_limit(struct pipeline *p, size_t bytes);
/* Gives the model other motion modules; NULL takes them off. A folder may hold config.json and
   scheduler_config.json beside the weights. 0, ST_IO, ST_INVALID, ST_UNSUPPORTED, ST_NOMEM; then
   the old ones stay. */
int pipeline_set_motion(struct pipeline *p, const char *path, struct err *e);
void pipeline_describe(const struct pipeline *p, struct pipeline_info *out);

/* Checks the parameters against the model without running it: 0, ST_INVALID with a sentence for
 * the visitor, or ST_UNSUPPORTED when this model cannot do that kind. */
int generate_check(const struct pipeline *p, const struct generate_params *params, struct err *e);

/* May the two be members of one batch? Prompts, seeds, sources and scales of guidance may differ;
   kind, size, steps, sampler, strength, clip skip, and whether there is guidance, may not. */
bool generate_together(const struct generate_params *a, const struct generate_params *b);
#define GENERATE_MOST 64 /* members of a batch */

/* Renders `count` pictures, one pass of the U-Net per step for all of them. Each picture has the
   bytes that it would have alone, on one machine whatever the thread count. A member that fails or
   is stopped leaves the batch; the others go on. status[i]: 0, ST_INVALID, ST_UNSUPPORTED,
   ST_CANCELLED, ST_NOMEM, ST_INTERNAL (NaN or Inf, with the layer), with errors[i]; images of
   members with 0 belong to the caller, the others are empty. `hooks` may be NULL. Returns 0 when
   every member has 0, else the status of the first that has not. ANIMATE: out[i] holds its frames
   one below the other. */
int generate_many(struct pipeline *p, const struct generate_params *const params[], size_t count,
                  const struct generate_hooks *hooks, struct image out[], int status[],
                  struct err errors[]);
/* One picture: member 0. */
int generate(struct pipeline *p, const struct generate_params *params,
             const struct generate_hooks *hooks, struct image *out, struct err *e);

struct generate_need {
    size_t peak_bytes; /* working memory beside the weights */
    double flops;      /* of products, for all steps and pictures */
};
/* What generate_many would need. Draws nothing. 0, ST_INVALID, ST_UNSUPPORTED or ST_NOMEM. */
int generate_need(struct pipeline *p, const struct generate_params *const params[], size_t count,
                  struct generate_need *out, struct err *e);

#endif
