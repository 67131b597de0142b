/*
 * The end of AutoencoderKL's decoder, and the beginning of its encoder, for pictures that are too
 * large to be in memory as floats. The picture goes through a layer band by band; what must be kept
 * whole between two norms is kept packed (render/engine/packed.h). The norms see the whole picture,
 * so there are no seams.
 */
#ifndef GEMPIX_RENDER_MODEL_AUTOENCODER_TILES_H
#define GEMPIX_RENDER_MODEL_AUTOENCODER_TILES_H

#include <stdbool.h>
#include <stddef.h>

#include "render/model/resnet.h"

struct packed;

/* An enlargement to twice the sides and the resnets after it. Only the first of them may change the
   width. */
struct tiles_stage {
    const struct conv_layer *grow;
    const struct resnet *resnets;
    size_t count;
};

struct tiles {
    struct tiles_stage stages[8];
    size_t count;  /* at least 1 */
    size_t stored; /* the first `stored` stages keep the enlarged state; the others, if they change
                      the width, compute it twice instead, and need less memory */
    size_t rows;   /* of the picture in a band; even */
    const struct norm *norm_out;
    const struct conv_layer *conv_out;
};

/* From the state before the first stage to the picture [1, h, w, channels]. x keeps its memory. */
void tiles_run(struct engine *g, const struct tiles *t, const struct packed *x,
               struct tensor *image);

/* Resnets, of which only the first may change the width, and the halving after them. */
struct tiles_level {
    const struct resnet *resnets;
    size_t count;
    const struct conv_layer *shrink;
};

struct tiles_down {
    const struct conv_layer *conv_in;
    struct tiles_level levels[8];
    size_t count; /* at least 1 */
    size_t rows;  /* of the picture in a band; even */
};

/* From a picture [1, h, w, channels], whose sides are multiples of 2^count, to the state after the
   last level [1, h >> count, w >> count, width]; out->data given. */
void tiles_run_down(struct engine *g, const struct tiles_down *t, const struct tensor *image,
                    struct tensor *out);

#endif
