/*
 * CLIPTextModel: token ids to one vector per token.
 */
#ifndef GEMPIX_RENDER_MODEL_CLIP_TEXT_H
#define GEMPIX_RENDER_MODEL_CLIP_TEXT_H

#include <stdint.h>

#include "render/engine/act.h"
#include "render/model/layers.h"

struct json;

struct clip_layer {
    struct norm norm1, norm2;
    struct linear qkv, out, fc1, fc2;
};

struct clip_text {
    size_t vocabulary, width, hidden, layers, heads, positions;
    double eps;
    enum act act;
    struct weight tokens;    /* [vocabulary][width] */
    const float *place;      /* [positions][width] */
    struct clip_layer *list; /* [layers] */
    struct norm final;
};

/* Memory belongs to the loader's arena; NULL on failure (l->rc). Names with and without
 * "text_model." are found. */
struct clip_text *clip_text_load(struct loader *l, const struct json *config);

/* out [count][width] = final norm of the last layer. 0 < count <= positions; ids below vocabulary.
 */
void clip_text_run(struct engine *g, const struct clip_text *c, const int32_t *ids, size_t count,
                   float *out);

#endif
