/*
 * Transformer2D. Channels-last pixels are the tokens as they lie, so nothing is transposed. Read
 * next: unet.c.
 */
#include "render/model/transformer.h"

#include <stdio.h>
#include <string.h>

#include "render/engine/attention.h"

#define NORM_EPS 1e-6 /* the GroupNorm here; the U-Net's others have 1e-5 */
#define LAYER_EPS 1e-5

static void
load_block(struct loader *l, const char *prefix, size_t d, size_t context_width,
           struct transformer_block *to)
{
    static const char *const QKV[] = {"attn1.to_q", "attn1.to_k", "attn1.to_v"};
    static const char *const KV[] = {"attn2.to_k", "attn2.to_v"};

    norm_load(l, prefix, "norm1", d, 0, LAYER_EPS, &to->norm1);
    linear_load_side_by_side(l, prefix, QKV, 3, d, d, false, &to->self_qkv);
    linear_load(l, prefix, "attn1.to_out.0", d, d, true, &to->self_out);
    norm_load(l, prefix, "norm2", d, 0, LAYER_EPS, &to->norm2);
    linear_load(l, prefix, "attn2.to_q", d, d, false, &to->cross_q);
    linear_load_side_by_side(l, prefix, KV, 2, context_width, d, false, &to->cross_kv);
    linear_load(l, prefix, "attn2.to_out.0", d, d, true, &to->cross_out);
    norm_load(l, prefix, "norm3", d, 0, LAYER_EPS, &to->norm3);
    linear_load(l, prefix, "ff.net.0.proj", d, 8 * d, true, &to->ff_in);
    linear_load(l, prefix, "ff.net.2", 4 * d, d, true, &to->ff_out);
}

void
transformer_load(struct loader *l, const char *prefix, size_t width, size_t heads, size_t depth,
                 size_t context_width, size_t groups, struct transformer *to)
{
    char name[LAYER_NAME];

    memset(to, 0, sizeof *to);
    (void)snprintf(to->name, sizeof to->name, "%s", prefix);
    to->width = width;
    to->heads = heads;
    to->depth = depth;
    norm_load(l, prefix, "norm", width, groups, NORM_EPS, &to->norm);
    linear_load(l, prefix, "proj_in", width, width, true, &to->proj_in);
    to->blocks = loader_alloc(l, depth, sizeof *to->blocks);
    for (size_t i = 0; i < depth && to->blocks != NULL; i++) {
        layer_name_at(name, prefix, "transformer_blocks", i);
        load_block(l, name, width, context_width, &to->blocks[i]);
    }
    linear_load(l, prefix, "proj_out", width, width, true, &to->proj_out);
}

void
transformer_context(struct engine *g, const struct transformer *t, const float *context, size_t n,
                    size_t tokens, float **kv)
{
    for (size_t i = 0; i < t->depth; i++) {
        kv[i] = engine_floats(g, n * tokens * 2 * t->width);
        linear_run_batch(g, &t->blocks[i].cross_kv, context, n, tokens, kv[i], NULL);
    }
}

static void
run_self(struct engine *g, const struct transformer *t, const struct transformer_block *b, float *x,
         size_t n, size_t tokens)
{
    size_t d = t->width, mark = engine_mark(g);
    float *normed = engine_floats(g, n * tokens * d);
    float *qkv = engine_floats(g, n * tokens * 3 * d);
    struct attention a = {
        .n = n, .heads = t->heads, .head_width = d / t->heads, .queries = tokens, .keys = tokens};

    norm_run_rows(g, &b->norm1, x, n * tokens, normed);
    linear_run_batch(g, &b->self_qkv, normed, n, tokens, qkv, NULL);
    a.q = qkv;
    a.k = qkv + d;
    a.v = qkv + 2 * d;
    a.ldq = a.ldk = a.ldv = 3 * d;
    a.out = normed;
    a.ldo = d;
    attend(g, &a);
    linear_run_batch(g, &b->self_out, normed, n, tokens, x, x);
    engine_rewind(g, mark);
}

static void
run_cross(struct engine *g, const struct transformer *t, const struct transformer_block *b,
          float *x, size_t n, size_t tokens, const float *kv, size_t contexts, size_t keys)
{
    size_t d = t->width, mark = engine_mark(g);
    float *normed = engine_floats(g, n * tokens * d);
    float *q = engine_floats(g, n * tokens * d);
    /* Images that share a prompt are as one with more queries. */
    struct attention a = {.n = contexts,
                          .heads = t->heads,
                          .head_width = d / t->heads,
                          .queries = n / contexts * tokens,
                          .keys = keys};

    norm_run_rows(g, &b->norm2, x, n * tokens, normed);
    linear_run_batch(g, &b->cross_q, normed, n, tokens, q, NULL);
    a.q = q;
    a.k = kv;
    a.v = kv + d;
    a.ldq = a.ldo = d;
    a.ldk = a.ldv = 2 * d;
    a.out = normed;
    attend(g, &a);
    linear_run_batch(g, &b->cross_out, normed, n, tokens, x, x);
    engine_rewind(g, mark);
}

static void
run_ff(struct engine *g, const struct transformer_block *b, float *x, size_t n, size_t tokens,
       size_t d)
{
    size_t mark = engine_mark(g), rows = n * tokens;
    float *normed = engine_floats(g, rows * d);
    float *gated = engine_floats(g, rows * 4 * d);

    norm_run_rows(g, &b->norm3, x, rows, normed);
    linear_run_gated(g, &b->ff_in, normed, n, tokens, gated);
    linear_run_batch(g, &b->ff_out, gated, n, tokens, x, x);
    engine_rewind(g, mark);
}

void
transformer_run(struct engine *g, const struct transformer *t, struct tensor *x, float *const *kv,
                size_t contexts, size_t tokens)
{
    size_t mark = engine_mark(g), pixels = x->h * x->w, rows = x->n * pixels;
    struct tensor normed = tensor_new(g, x->n, x->h, x->w, x->c);
    float *stream = engine_floats(g, rows * t->width);

    norm_run(g, &t->norm, x, false, &normed);
    linear_run_batch(g, &t->proj_in, normed.data, x->n, pixels, stream, NULL);
    for (size_t i = 0; i < t->depth; i++) {
        const struct transformer_block *b = &t->blocks[i];

        run_self(g, t, b, stream, x->n, pixels);
        run_cross(g, t, b, stream, x->n, pixels, kv[i], contexts, tokens);
        run_ff(g, b, stream, x->n, pixels, t->width);
    }
    linear_run_batch(g, &t->proj_out, stream, x->n, pixels, x->data, x->data);
    engine_rewind(g, mark);
    engine_check(g, t->name, x);
}
