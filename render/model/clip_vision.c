/*
 * The CLIP image encoder. Knows no concepts and no picture files. Read next: safety.c.
 */
#include "render/model/clip_vision.h"

#include <string.h>

#include "common/err.h"
#include "common/json.h"
#include "render/engine/attention.h"
#include "render/model/model_config.h"
#include "render/weights/weight_store.h"

#define WIDTH_MAX 65536
#define LAYERS_MAX 256
#define HEAD_WIDTH 64 /* of all published ones but a few */
#define EPS 1e-5

struct vision_layer {
    struct norm norm1, norm2;
    struct linear qkv, out, fc1, fc2;
};

static size_t
shape_of(const struct loader *l, const char *prefix, const char *name, size_t shape[8])
{
    char full[LAYER_NAME];

    layer_name(full, prefix, name);
    return weight_store_shape(l->store, full, shape);
}

/* Sizes by the shapes; false after a refusal. */
static bool
measure(struct loader *l, const char *prefix, struct clip_vision *c)
{
    char layers[LAYER_NAME], name[LAYER_NAME];
    size_t shape[8];

    if (shape_of(l, prefix, "embeddings.patch_embedding.weight", shape) != 0) {
        c->width = shape[0];
        c->patch = shape[2];
    }
    if (shape_of(l, prefix, "embeddings.position_embedding.weight", shape) != 0)
        c->tokens = shape[0];
    while (c->tokens <= WIDTH_MAX && (c->grid + 1) * (c->grid + 1) < c->tokens)
        c->grid++;
    if (c->width == 0 || c->width > WIDTH_MAX || c->patch == 0 || c->patch > 1024 || c->grid == 0 ||
        c->grid * c->grid + 1 != c->tokens) {
        if (l->rc == ST_OK)
            l->rc =
                err_setf(l->e, ST_INVALID,
                         "%.60s.embeddings.patch_embedding.weight and position_embedding.weight "
                         "should be those of a CLIP image encoder.",
                         prefix);
        return false;
    }
    layer_name(layers, prefix, "encoder.layers");
    for (; c->layers < LAYERS_MAX; c->layers++) {
        layer_name_at(name, "", layers, c->layers);
        if (shape_of(l, name, "mlp.fc1.weight", shape) == 0)
            break;
        c->hidden = c->layers == 0 ? shape[0] : c->hidden;
    }
    if (c->layers != 0 && (c->hidden == 0 || c->hidden > WIDTH_MAX) && l->rc == ST_OK)
        l->rc =
            err_setf(l->e, ST_INVALID, "%.100s.0.mlp.fc1.weight has %zu rows.", layers, c->hidden);
    return l->rc == ST_OK;
}

static void
read_config(struct loader *l, const struct json *json, struct clip_vision *c)
{
    static const char *const ACTS[] = {"quick_gelu", "gelu", NULL};
    struct config config = {.json = json, .part = "image encoder", .e = l->e, .rc = l->rc};
    size_t heads = c->width >= HEAD_WIDTH ? c->width / HEAD_WIDTH : 1;

    c->heads = config_size(&config, "num_attention_heads", heads, 1, 1024);
    c->act = config_choice(&config, "hidden_act", ACTS, 0) == 0 ? ACT_QUICK_GELU : ACT_GELU;
    if (config.rc == ST_OK && c->width % c->heads != 0)
        config.rc =
            err_setf(l->e, ST_INVALID, "The image encoder has %zu heads for a width of %zu.",
                     c->heads, c->width);
    l->rc = config.rc;
}

static void
load_layer(struct loader *l, const struct clip_vision *c, const char *prefix,
           struct vision_layer *to)
{
    static const char *const QKV[] = {"self_attn.q_proj", "self_attn.k_proj", "self_attn.v_proj"};

    norm_load(l, prefix, "layer_norm1", c->width, 0, EPS, &to->norm1);
    linear_load_side_by_side(l, prefix, QKV, 3, c->width, c->width, true, &to->qkv);
    linear_load(l, prefix, "self_attn.out_proj", c->width, c->width, true, &to->out);
    norm_load(l, prefix, "layer_norm2", c->width, 0, EPS, &to->norm2);
    linear_load(l, prefix, "mlp.fc1", c->width, c->hidden, true, &to->fc1);
    linear_load(l, prefix, "mlp.fc2", c->hidden, c->width, true, &to->fc2);
}

struct clip_vision *
clip_vision_load(struct loader *l, const char *prefix, const struct json *config)
{
    struct clip_vision *c = loader_alloc(l, 1, sizeof *c);
    char layers[LAYER_NAME], name[LAYER_NAME];

    if (c == NULL || !measure(l, prefix, c))
        return NULL;
    read_config(l, config, c);
    layer_name(name, prefix, "embeddings.patch_embedding.weight");
    loader_weight(l, name, (const size_t[]){c->width, 3, c->patch, c->patch}, 4, 1,
                  &c->patches.w[0]);
    c->patches.parts = 1;
    c->patches.in = 3 * c->patch * c->patch;
    c->patches.out = c->width;
    layer_name(name, prefix, "embeddings.class_embedding");
    c->class = loader_tensor(l, name, &c->width, 1);
    layer_name(name, prefix, "embeddings.position_embedding.weight");
    c->place = loader_tensor(l, name, (const size_t[]){c->tokens, c->width}, 2);
    norm_load(l, prefix, "pre_layrnorm", c->width, 0, EPS, &c->before); /* spelled so */
    c->list = loader_alloc(l, c->layers + 1, sizeof *c->list);
    layer_name(layers, prefix, "encoder.layers");
    for (size_t i = 0; i < c->layers && c->list != NULL && l->rc == ST_OK; i++) {
        layer_name_at(name, "", layers, i);
        load_layer(l, c, name, &c->list[i]);
    }
    norm_load(l, prefix, "post_layernorm", c->width, 0, EPS, &c->after);
    return l->rc == ST_OK ? c : NULL;
}

size_t
clip_vision_side(const struct clip_vision *c)
{
    return c->grid * c->patch;
}

/* [patch][channel][row][column] of one picture. */
static void
cut_patches(const struct clip_vision *c, const float *from, float *to)
{
    size_t p = c->patch, side = clip_vision_side(c);

    for (size_t i = 0; i < c->grid * c->grid; i++) {
        const float *corner = from + (i / c->grid * p * side + i % c->grid * p) * 3;

        for (size_t k = 0; k < 3 * p * p; k++)
            *to++ = corner[(k / p % p * side + k % p) * 3 + k / (p * p)];
    }
}

/* Tokens of one picture from its projected patches. */
static void
place_tokens(const struct clip_vision *c, const float *patches, float *to)
{
    size_t d = c->width;

    for (size_t i = 0; i < c->tokens * d; i++)
        to[i] = (i < d ? c->class[i] : patches[i - d]) + c->place[i];
}

static void
run_layer(struct engine *g, const struct clip_vision *c, const struct vision_layer *l,
          struct tensor *x)
{
    size_t d = c->width, n = x->n, t = c->tokens, mark = engine_mark(g);
    float *normed = engine_floats(g, n * t * d), *qkv = engine_floats(g, n * t * 3 * d);
    float *wide = engine_floats(g, n * t * c->hidden);
    struct attention a = {.n = n,
                          .heads = c->heads,
                          .head_width = d / c->heads,
                          .queries = t,
                          .keys = t,
                          .q = qkv,
                          .k = qkv + d,
                          .v = qkv + 2 * d,
                          .out = normed,
                          .ldq = 3 * d,
                          .ldk = 3 * d,
                          .ldv = 3 * d,
                          .ldo = d};

    norm_run_rows(g, &l->norm1, x->data, n * t, normed);
    linear_run_batch(g, &l->qkv, normed, n, t, qkv, NULL);
    attend(g, &a);
    linear_run_batch(g, &l->out, normed, n, t, x->data, x->data);
    norm_run_rows(g, &l->norm2, x->data, n * t, normed);
    linear_run_batch(g, &l->fc1, normed, n, t, wide, NULL);
    act_apply(g, c->act, wide, wide, n * t * c->hidden);
    linear_run_batch(g, &l->fc2, wide, n, t, x->data, x->data);
    engine_rewind(g, mark);
}

void
clip_vision_run(struct engine *g, const struct clip_vision *c, const struct tensor *x, float *out)
{
    size_t mark = engine_mark(g), d = c->width, count = c->grid * c->grid, n = x->n;
    size_t side = clip_vision_side(c);
    struct tensor t = tensor_new(g, n, 1, c->tokens, d);
    size_t inner = engine_mark(g);
    float *cut = engine_floats(g, n * count * c->patches.in);
    float *patches = engine_floats(g, n * count * d);

    for (size_t i = 0; i < n && !g->planning; i++)
        cut_patches(c, x->data + i * side * side * 3, cut + i * count * c->patches.in);
    linear_run_batch(g, &c->patches, cut, n, count, patches, NULL);
    for (size_t i = 0; i < n && !g->planning; i++)
        place_tokens(c, patches + i * count * d, t.data + i * c->tokens * d);
    engine_rewind(g, inner);
    norm_run_rows(g, &c->before, t.data, n * c->tokens, t.data);
    for (size_t i = 0; i < c->layers; i++) {
        run_layer(g, c, &c->list[i], &t);
        engine_check(g, "vision_model.encoder.layers", &t);
        engine_relieve(g);
    }
    for (size_t i = 0; i < n; i++)
        norm_run_rows(g, &c->after, t.data + i * c->tokens * d, 1, out + i * d);
    engine_rewind(g, mark);
}
