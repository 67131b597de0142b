/*
 * Makes what the command line asks for: pictures in batches, their files, and states to go on from.
 */
#ifndef GEMPIX_RENDER_CLI_IMAGE_MAKE_H
#define GEMPIX_RENDER_CLI_IMAGE_MAKE_H

#include <signal.h>
#include <stdbool.h>

#include "render/media/picture.h"
#include "render/pipeline/closeup.h"
#include "render/pipeline/generate.h"

struct image_order {
    struct generate_params params; /* of the first picture; the seed counts up */
    const char *output;            /* NAME.png; NAME-1.png and so on if there are several */
    const char *checkpoint;        /* where the state is kept after each step; NULL = nowhere */
    const char *resume;            /* a state's file to go on from; NULL = begin */
    int count, batch;              /* pictures; so many of them in one pass */
    bool quiet;
    const volatile sig_atomic_t *interrupted;
    /* Not NULL: params->source is this part of a larger picture, into which the result is put. */
    const struct closeup *closeup;
    const struct image *whole;
    const struct mask *whole_mask;
};

/* Makes and writes all pictures. 0, or what went wrong; ST_CANCELLED after an interrupt. */
int image_make(struct pipeline *p, const struct image_order *o, struct err *e);

#endif
