/*
 * The pipeline that turns a prompt into pixels: tokenizer -> text encoder -> U-Net under a sampler
 * -> autoencoder. Knows nothing of jobs, files of pictures, or databases; the daemon and
 * gempix-image sit on top of it.
 */
#ifndef GEMPIX_RENDER_PIPELINE_GENERATE_H
#define GEMPIX_RENDER_PIPELINE_GENERATE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct err;
struct pipeline; /* a loaded model with its thread pool and arena */

enum generate_sampler { SAMPLER_DDIM, SAMPLER_EULER };

struct generate_params {
    const char *prompt;          /* UTF-8 */
    const char *negative_prompt; /* "" = the empty prompt */
    int width, height;           /* pixels; multiples of pipeline_info.multiple */
    int steps;                   /* >= 1 */
    double guidance;             /* classifier-free guidance scale; <= 1 means one pass per step */
    uint32_t seed;
    enum generate_sampler sampler;
};

/* 8-bit RGB, rows top to bottom, no padding: pixels has 3 × width × height bytes. Released with
 * image_release. */
struct image {
    int width, height;
    uint8_t *pixels;
};
void image_release(struct image *image); /* zeroed struct is legal */

/* Called by the pipeline from the calling thread. */
struct generate_hooks {
    void *ctx;
    /* After `step` of `steps` (1-based; 0 = prompt encoded). Nonzero asks to stop: generate then
     * returns ST_CANCELLED within one step. NULL is legal. */
    int (*progress)(void *ctx, int step, int steps);
    /* A small picture of the state after `step`; borrowed during the call. NULL = no previews. */
    void (*preview)(void *ctx, int step, const struct image *image);
    int preview_every; /* steps; 0 = none */
};

struct pipeline_info {
    char name[64];   /* folder name */
    int native_size; /* pixels */
    int multiple;    /* sizes must be multiples of this (8 × …) */
    int max_tokens;  /* of the prompt without start and end */
    uint64_t weight_bytes;
};

/* Loads a diffusers folder. `threads` 0 = one per core. 0, ST_IO, ST_INVALID (hostile or wrong
 * files, by name), ST_UNSUPPORTED, ST_NOMEM. pipeline_close(*out). */
int pipeline_open(const char *path, int threads, struct pipeline **out, struct err *e);
void pipeline_close(struct pipeline *p); /* NULL is legal */
/* In low-memory mode the weights pass through memory block by block, in every step again: slower
   when the system has no room to keep the files cached. Off at first. */
void pipeline_low_memory(struct pipeline *p, bool on);
void pipeline_describe(const struct pipeline *p, struct pipeline_info *out);

/* Checks the parameters against the model without running it: 0 or ST_INVALID with a sentence for
 * the visitor. */
int generate_check(const struct pipeline *p, const struct generate_params *params, struct err *e);
/* Renders one picture. The same parameters give the same bytes on one machine whatever the thread
   count. 0, ST_INVALID, ST_CANCELLED, ST_NOMEM, ST_INTERNAL (NaN or Inf, with the layer). On
   success *out belongs to the caller. `hooks` may be NULL. */
int generate(struct pipeline *p, const struct generate_params *params,
             const struct generate_hooks *hooks, struct image *out, struct err *e);

/* Bytes of working memory that generate() would need beside the weights. Draws nothing. 0,
 * ST_INVALID or ST_NOMEM. */
int generate_memory(struct pipeline *p, const struct generate_params *params, size_t *bytes,
                    struct err *e);

#endif
