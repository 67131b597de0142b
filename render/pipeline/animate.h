/*
 * A film of any length from words, or from a still and words: frames one after another, as soon as
 * they are there.
 *
 * Modules that begin with words alone see a long film in overlapping windows (windows.h). Modules
 * that continue a picture (PIA) make it link by link: each link begins with the last frame of the
 * one before, so that what moves goes on moving from where it is. The first frame of the film is
 * the still itself, byte for byte, and what rests stays as sharp as there (carry.h); without a
 * still, they are given one that the model draws.
 */
#ifndef GEMPIX_RENDER_PIPELINE_ANIMATE_H
#define GEMPIX_RENDER_PIPELINE_ANIMATE_H

#include "render/pipeline/generate.h"

struct animate_hooks {
    void *ctx;
    /* After `step` of `steps` in all: of the still that is drawn, and of each link. Nonzero asks to
       stop. NULL is legal. */
    int (*progress)(void *ctx, int step, int steps);
    /* Frame by frame from 0, never NULL; borrowed during the call. Nonzero asks to stop. */
    int (*frame)(void *ctx, int frame, const struct image *image);
};

/* Can these modules begin with a picture? */
bool animate_takes_still(const struct pipeline *p);

/* Makes params->frames frames. Of `params`: kind GENERATE_ANIMATE, resume NULL, source the still
   or NULL; the seeds of links follow each other. 0, or what generate says: ST_INVALID also when
   there is a still that the modules cannot begin with; ST_CANCELLED when a hook asked for it. The
   frames before that have been handed over. */
int animate(struct pipeline *p, const struct generate_params *params,
            const struct animate_hooks *hooks, struct err *e);

/* Working memory and work of the whole film, as generate_need. */
int animate_need(struct pipeline *p, const struct generate_params *params,
                 struct generate_need *out, struct err *e);

#endif
