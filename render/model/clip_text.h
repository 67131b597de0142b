/*
 * CLIPTextModel, with or without projection: token ids to one vector per token, and to one of the
 * whole text. OpenAI's and OpenCLIP's encoders differ only in their configuration.
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
    struct linear projection; /* of the pooled vector; in = 0: there is none */
    int32_t end;              /* the token that is pooled at, first of its kind; 2 = the largest */
};

struct clip_input {
    const int32_t *ids;          /* [count], below vocabulary */
    size_t count;                /* 0 < count <= positions */
    const float *const *vectors; /* NULL, or [count]: what replaces a token's own vector, or NULL */
};

struct clip_output {
    float *states; /* [count][width], or NULL */
    size_t skip;   /* layers at the end that `states` has not seen, below `layers` */
    bool normed;   /* the final norm after that */
    float *pooled; /* [clip_text_pooled], or NULL: all layers, final norm, projection if any */
};

/* Memory belongs to the loader's arena; NULL on failure (l->rc). Names with and without
 * "text_model." are found. */
struct clip_text *clip_text_load(struct loader *l, const struct json *config);

void clip_text_run(struct engine *g, const struct clip_text *c, const struct clip_input *in,
                   const struct clip_output *out);
/* The width of the pooled vector. */
size_t clip_text_pooled(const struct clip_text *c);

#endif
