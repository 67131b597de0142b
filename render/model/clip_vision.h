/*
 * The CLIP image encoder: a picture becomes one vector. Sizes are recognised by the tensors; the
 * number of heads comes from the configuration, or is one per 64 values.
 */
#ifndef GEMPIX_RENDER_MODEL_CLIP_VISION_H
#define GEMPIX_RENDER_MODEL_CLIP_VISION_H

#include "render/engine/act.h"
#include "render/model/layers.h"

struct json;
struct vision_layer;

struct clip_vision {
    size_t width, hidden, layers, heads;
    size_t patch, grid; /* pixels of a patch's side, patches of the picture's side */
    size_t tokens;      /* the class token and the patches */
    enum act act;
    struct linear patches; /* no bias; a patch is [channel][row][column] */
    const float *class;    /* [width] */
    const float *place;    /* [tokens][width] */
    struct norm before, after;
    struct vision_layer *list;
};

/* `prefix` is what stands before "embeddings". `config` may be NULL. Memory belongs to the loader's
   arena; NULL on failure (l->rc). */
struct clip_vision *clip_vision_load(struct loader *l, const char *prefix,
                                     const struct json *config);
/* Pixels of the pictures' side. */
size_t clip_vision_side(const struct clip_vision *c);
/* x [n, side, side, 3], normalised as in training; out [n][width]: the class token after the last
   norm. */
void clip_vision_run(struct engine *g, const struct clip_vision *c, const struct tensor *x,
                     float *out);

#endif
