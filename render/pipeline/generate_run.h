/*
 * A batch on its way through the model, from the inside. For generate*.c, latents.c, guidance.c and
 * state.c; others see generate.h.
 *
 * Rows of the U-Net's batch: member by member, within it pass by pass (without the prompt, with
 * it), within it frame by frame of a window.
 */
#ifndef GEMPIX_RENDER_PIPELINE_GENERATE_RUN_H
#define GEMPIX_RENDER_PIPELINE_GENERATE_RUN_H

#include <stdbool.h>
#include <stddef.h>

#include "render/engine/engine.h"
#include "render/model/unet.h"
#include "render/pipeline/generate.h"
#include "render/pipeline/windows.h"
#include "render/sampler/sampler.h"

struct err;
struct pipeline;

struct member {
    const struct generate_params *params;
    int index; /* in the caller's arrays */
    int *status;
    struct err *e;
    struct image *out;
    size_t chunks;  /* of its prompts */
    bool going;     /* neither finished nor failed */
    size_t first;   /* the step it begins with */
    float *context; /* [passes][tokens][width] */
    float *pooled;  /* [passes][prompt_pooled] */
    struct tensor x;
    float *memory;        /* of the sampler: as large as x; NULL = it keeps nothing */
    struct tensor origin; /* the source's latent, where x begins or returns to it */
    /* [h][w][more], of ANIMATE [frames][h][w][more]: what the U-Net gets behind the latent's
       channels; or NULL */
    float *extra;
    float *hole; /* [h][w], 1 = repaint: the rest returns to the source after each step */
};

struct run {
    struct pipeline *p;
    const struct generate_hooks *hooks; /* never NULL */
    struct member *members;
    size_t count;
    const struct generate_params *params; /* of the first: what all have in common */
    struct sampler sampler;
    size_t passes, frames, chunks;
    struct windows windows;   /* over the frames; one of them for pictures */
    size_t h, w;              /* of a latent */
    bool starts_at_noise;     /* though there is a source */
    float *noise;             /* scratch, as large as a member's x */
    double ids[UNET_IDS];     /* sizes in pixels, which SDXL is told */
    double flops, step_flops; /* of the whole run; of one step of the whole batch */
    bool decoded_previews;    /* preview_plan's word */
};

/* The member leaves the batch with this status. */
void member_end(struct member *m, int status);

/* What holds for all steps of these parameters (generate_check.c). */
/* A model that is told the guidance needs one pass; p may be NULL: then it is not looked at. */
size_t generate_passes(const struct pipeline *p, const struct generate_params *params);
size_t generate_frames(const struct generate_params *params);
const char *generate_negative(const struct generate_params *params); /* never NULL */
/* Kinds that take a source; runs whose latent begins at the source's, or returns to it. */
bool generate_wants_source(enum generate_kind kind);
/* The same, and modules that continue a picture. */
bool generate_takes_source(const struct pipeline *p, const struct generate_params *params);
bool generate_begins_at_source(const struct pipeline *p, const struct generate_params *params);
void generate_choice(const struct pipeline *p, const struct generate_params *params,
                     struct sampler_choice *out);
/* Chunks that both prompts take. 0, ST_INVALID or ST_NOMEM. */
int generate_chunks(const struct pipeline *p, const struct generate_params *params, size_t *chunks,
                    struct err *e);

/* Between pictures and latents (latents.c), walked while planning too. latents_take: source and
   mask into origin, extra and hole, which stay in the workspace. latents_decode: x into *m->out. 0
   or a status with m->e. */
int latents_take(struct run *r, struct member *m);
int latents_decode(struct run *r, struct member *m);

#endif
