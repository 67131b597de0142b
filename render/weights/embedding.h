/*
 * A textual inversion: a word that stands for vectors which were learned for one text encoder.
 */
#ifndef GEMPIX_RENDER_WEIGHTS_EMBEDDING_H
#define GEMPIX_RENDER_WEIGHTS_EMBEDDING_H

#include <stddef.h>

struct embedding {
    char token[64];      /* how a prompt names it */
    size_t count, width; /* vectors; width of the encoder they are for */
    const float *values; /* [count][width] */
};

#endif
