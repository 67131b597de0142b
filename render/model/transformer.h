/*
 * The U-Net's spatial transformer: self-attention, cross-attention to the prompt, gated
 * feed-forward.
 */
#ifndef GEMPIX_RENDER_MODEL_TRANSFORMER_H
#define GEMPIX_RENDER_MODEL_TRANSFORMER_H

#include "render/model/layers.h"

struct transformer_block {
    struct norm norm1, norm2, norm3;
    struct linear self_qkv; /* [3D][D] */
    struct linear self_out, cross_q, cross_out;
    struct linear cross_kv; /* [2D][context width] */
    struct linear ff_in;    /* [8D][D]: value | gate */
    struct linear ff_out;   /* [D][4D] */
};

struct transformer {
    char name[LAYER_NAME];
    size_t width, heads, depth;
    struct norm norm;
    struct linear proj_in, proj_out;  /* 1×1 convolutions or linear layers: the same product */
    struct transformer_block *blocks; /* [depth] */
};

void transformer_load(struct loader *l, const char *prefix, size_t width, size_t heads,
                      size_t depth, size_t context_width, size_t groups, struct transformer *to);

/* Keys and values of the prompt, which stay the same for all steps: kv[block] = [n][tokens][2D],
   allocated in the workspace. context [n][tokens][context width]. */
void transformer_context(struct engine *g, const struct transformer *t, const float *context,
                         size_t n, size_t tokens, float **kv);
/* x [n, h, w, width] is replaced by the result. kv is of `contexts` prompts, each of which belongs
   to n / contexts images that lie behind each other. */
void transformer_run(struct engine *g, const struct transformer *t, struct tensor *x,
                     float *const *kv, size_t contexts, size_t tokens);

#endif
