/*
 * What is added to a model on the command line: --lora FILE[:WEIGHT], --embedding FILE, --int8.
 */
#ifndef GEMPIX_RENDER_CLI_IMAGE_EXTRAS_H
#define GEMPIX_RENDER_CLI_IMAGE_EXTRAS_H

#include <stdbool.h>

#include "render/pipeline/generate.h"

#define EXTRAS_MOST 32

struct image_extras {
    struct pipeline_lora loras[EXTRAS_MOST];
    const char *embeddings[EXTRAS_MOST];
    struct pipeline_extras all; /* points to the lists once image_extras_get was called */
};

/* Takes an option's argument, which stays as long as the struct and may be written to. False and a
   sentence in `why`. */
bool image_extras_lora(struct image_extras *x, char *argument, char why[160]);
bool image_extras_embedding(struct image_extras *x, const char *argument, char why[160]);
const struct pipeline_extras *image_extras_get(struct image_extras *x);

#endif
