/*
 * Predictions with and without the prompt (and the source) into one.
 */
#ifndef GEMPIX_RENDER_PIPELINE_GUIDANCE_H
#define GEMPIX_RENDER_PIPELINE_GUIDANCE_H

#include <stddef.h>

struct guidance {
    double text;    /* scale of classifier-free guidance */
    double image;   /* of the source, with three passes */
    double rescale; /* share in which the deviation is brought back to the prompt's */
};

/* predictions [passes][count], the result in the first. One pass: nothing to do. Two, without and
   with the prompt: u + text (c - u). Three, without anything, with the source, with both:
   u + image (i - u) + text (c - i), as InstructPix2Pix has it. */
void guidance_mix(const struct guidance *g, size_t passes, float *predictions, size_t count);

#endif
