/*
 * The CLIP text encoder. Knows ids, not words. Read next: tokenizer.c.
 */
#include "render/model/clip_text.h"

#include <string.h>

#include "common/err.h"
#include "common/json.h"
#include "render/engine/attention.h"
#include "render/model/model_config.h"
#include "render/weights/weight_store.h"

static void
read_config(struct loader *l, const struct json *json, struct clip_text *to)
{
    static const char *const ACTS[] = {"quick_gelu", "gelu", NULL};
    struct config c = {.json = json, .part = "text_encoder", .e = l->e, .rc = l->rc};

    to->vocabulary = config_size(&c, "vocab_size", 49408, 1, 1 << 20);
    to->width = config_size(&c, "hidden_size", 512, 1, 65536);
    to->hidden = config_size(&c, "intermediate_size", 2048, 1, 1 << 20);
    to->layers = config_size(&c, "num_hidden_layers", 12, 1, 256);
    to->heads = config_size(&c, "num_attention_heads", 8, 1, 1024);
    to->positions = config_size(&c, "max_position_embeddings", 77, 3, 4096);
    to->projection.out = config_size(&c, "projection_dim", 512, 1, 65536);
    to->end = (int32_t)config_size(&c, "eos_token_id", 49407, 0, INT32_MAX);
    to->eps = config_real(&c, "layer_norm_eps", 1e-5);
    to->act = config_choice(&c, "hidden_act", ACTS, 0) == 0 ? ACT_QUICK_GELU : ACT_GELU;
    if (c.rc == ST_OK && to->width % to->heads != 0)
        c.rc =
            err_setf(l->e, ST_INVALID, "The model's text_encoder has %zu heads for a width of %zu.",
                     to->heads, to->width);
    l->rc = c.rc;
}

static void
load_layer(struct loader *l, const struct clip_text *c, const char *prefix, struct clip_layer *to)
{
    static const char *const QKV[] = {"self_attn.q_proj", "self_attn.k_proj", "self_attn.v_proj"};

    norm_load(l, prefix, "layer_norm1", c->width, 0, c->eps, &to->norm1);
    linear_load_side_by_side(l, prefix, QKV, 3, c->width, c->width, true, &to->qkv);
    linear_load(l, prefix, "self_attn.out_proj", c->width, c->width, true, &to->out);
    norm_load(l, prefix, "layer_norm2", c->width, 0, c->eps, &to->norm2);
    linear_load(l, prefix, "mlp.fc1", c->width, c->hidden, true, &to->fc1);
    linear_load(l, prefix, "mlp.fc2", c->hidden, c->width, true, &to->fc2);
}

struct clip_text *
clip_text_load(struct loader *l, const struct json *config)
{
    struct clip_text *c = loader_alloc(l, 1, sizeof *c);
    char name[LAYER_NAME], layers[LAYER_NAME];
    const char *prefix;

    if (c == NULL)
        return NULL;
    read_config(l, config, c);
    if (l->rc != ST_OK)
        return NULL;
    prefix = weight_store_has(l->store, "final_layer_norm.weight") ? "" : "text_model";
    layer_name(name, prefix, "embeddings.token_embedding.weight");
    loader_weight(l, name, (const size_t[]){c->vocabulary, c->width}, 2, 1, &c->tokens);
    layer_name(name, prefix, "embeddings.position_embedding.weight");
    c->place = loader_tensor(l, name, (const size_t[]){c->positions, c->width}, 2);
    c->list = loader_alloc(l, c->layers, sizeof *c->list);
    layer_name(layers, prefix, "encoder.layers");
    for (size_t i = 0; i < c->layers && c->list != NULL; i++) {
        layer_name_at(name, "", layers, i);
        load_layer(l, c, name, &c->list[i]);
    }
    norm_load(l, prefix, "final_layer_norm", c->width, 0, c->eps, &c->final);
    if (weight_store_has(l->store, "text_projection.weight"))
        linear_load(l, "", "text_projection", c->width, c->projection.out, false, &c->projection);
    return l->rc == ST_OK ? c : NULL;
}

static void
run_layer(struct engine *g, const struct clip_text *c, const struct clip_layer *l, float *x,
          size_t count)
{
    size_t d = c->width, mark = engine_mark(g);
    float *normed = engine_floats(g, count * d);
    float *qkv = engine_floats(g, count * 3 * d);
    float *wide = engine_floats(g, count * c->hidden);
    struct attention a = {.n = 1,
                          .heads = c->heads,
                          .head_width = d / c->heads,
                          .queries = count,
                          .keys = count,
                          .q = qkv,
                          .k = qkv + d,
                          .v = qkv + 2 * d,
                          .out = normed,
                          .ldq = 3 * d,
                          .ldk = 3 * d,
                          .ldv = 3 * d,
                          .ldo = d,
                          .causal = true};

    norm_run_rows(g, &l->norm1, x, count, normed);
    linear_run(g, &l->qkv, normed, count, qkv, NULL);
    attend(g, &a);
    linear_run(g, &l->out, normed, count, x, x);
    norm_run_rows(g, &l->norm2, x, count, normed);
    linear_run(g, &l->fc1, normed, count, wide, NULL);
    act_apply(g, c->act, wide, wide, count * c->hidden);
    linear_run(g, &l->fc2, wide, count, x, x);
    engine_rewind(g, mark);
}

/* Where the whole text is read off. A published file says 2 whatever its tokenizer's end token is;
 * that token has the largest id. */
static size_t
pooled_at(const struct clip_text *c, const int32_t *ids, size_t count)
{
    size_t best = 0;

    for (size_t i = 0; i < count && c->end != 2; i++) {
        if (ids[i] == c->end)
            return i;
    }
    for (size_t i = 1; i < count; i++) {
        if (ids[i] > ids[best])
            best = i;
    }
    return best;
}

static void
pool(struct engine *g, const struct clip_text *c, const struct clip_input *in, const float *x,
     float *out)
{
    size_t d = c->width, mark = engine_mark(g),
           at = g->planning ? 0 : pooled_at(c, in->ids, in->count);
    float *normed = c->projection.in != 0 ? engine_floats(g, d) : out;

    norm_run_rows(g, &c->final, x + at * d, 1, normed);
    if (c->projection.in != 0)
        linear_run(g, &c->projection, normed, 1, out, NULL);
    engine_rewind(g, mark);
}

static void
embed(const struct clip_text *c, const struct clip_input *in, float *x)
{
    size_t d = c->width;

    for (size_t i = 0; i < in->count; i++) {
        if (in->vectors != NULL && in->vectors[i] != NULL)
            memcpy(x + i * d, in->vectors[i], d * sizeof *x);
        else
            weight_row_part(&c->tokens, (size_t)in->ids[i], 0, d, x + i * d);
        for (size_t k = 0; k < d; k++)
            x[i * d + k] += c->place[i * d + k];
    }
}

void
clip_text_run(struct engine *g, const struct clip_text *c, const struct clip_input *in,
              const struct clip_output *out)
{
    size_t d = c->width, mark = engine_mark(g), last = c->layers - out->skip;
    struct tensor x = tensor_new(g, 1, 1, in->count, d);

    if (!g->planning)
        embed(c, in, x.data);
    for (size_t i = 0; i < c->layers && (i < last || out->pooled != NULL); i++) {
        run_layer(g, c, &c->list[i], x.data, in->count);
        engine_check(g, "text_model.encoder.layers", &x);
        engine_relieve(g);
        if (i + 1 != last || out->states == NULL)
            continue;
        if (out->normed)
            norm_run_rows(g, &c->final, x.data, in->count, out->states);
        else if (!g->planning)
            memcpy(out->states, x.data, in->count * d * sizeof *x.data);
    }
    if (out->pooled != NULL)
        pool(g, c, in, x.data, out->pooled);
    engine_rewind(g, mark);
}

size_t
clip_text_pooled(const struct clip_text *c)
{
    return c->projection.in != 0 ? c->projection.out : c->width;
}
