/*
 * The residual block of the U-Net and of the autoencoder.
 */
#ifndef GEMPIX_RENDER_MODEL_RESNET_H
#define GEMPIX_RENDER_MODEL_RESNET_H

#include "render/model/layers.h"

struct resnet {
    char name[LAYER_NAME];
    struct norm norm1, norm2;
    struct conv_layer conv1, conv2;
    struct conv_layer shortcut; /* w NULL: the input itself */
    struct linear time;         /* w NULL: the block knows no time */
};

/* `time_width` 0 = without time. */
void resnet_load(struct loader *l, const char *prefix, size_t in, size_t out, size_t time_width,
                 size_t groups, double eps, struct resnet *to);
/* out [n, h, w, out] given; must not be x. `time` = SiLU(time embedding) [time_width], or NULL. */
void resnet_run(struct engine *g, const struct resnet *r, const struct tensor *x, const float *time,
                struct tensor *out);
/* The same with `times` embeddings, one or one for each image: time [times][time_width]; and norms
   over `shared` images at a time, which divides x->n: 1 = each alone. */
void resnet_run_each(struct engine *g, const struct resnet *r, const struct tensor *x,
                     const float *time, size_t times, size_t shared, struct tensor *out);

#endif
