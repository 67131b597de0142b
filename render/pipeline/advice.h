/*
 * How a model is drawn with when nobody says: by its manifest, else by its scheduler and its kind,
 * else as is usual.
 */
#ifndef GEMPIX_RENDER_PIPELINE_ADVICE_H
#define GEMPIX_RENDER_PIPELINE_ADVICE_H

#include "render/pipeline/generate.h"

struct advice {
    enum generate_sampler sampler;
    int steps, width, height; /* pixels */
    double guidance;
    /* Where each is from: "the manifest", "the scheduler", "the model", "LCM", "usual"; static. */
    const char *sampler_from, *steps_from, *guidance_from, *size_from;
};

/* `chosen` is the sampler if that was said, else NULL. 0, or ST_INVALID for a sampler in the
 * manifest that there is not. */
int advice_get(const struct pipeline *p, const enum generate_sampler *chosen, struct advice *out,
               struct err *e);

#endif
