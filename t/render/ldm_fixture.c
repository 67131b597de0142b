/*
 * The list behind ldm_fixture.h, written without a look at the engine's table.
 */
#include "t/render/ldm_fixture.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static struct fix_tensor *
fix_put(struct fix_list *l, const char *ours, const char *theirs, const size_t *shape, size_t rank)
{
    struct fix_tensor *t = &l->at[l->count++];

    if (l->count > FIX_NAMES)
        abort();
    memset(t, 0, sizeof *t);
    t->part = l->part;
    (void)snprintf(t->ours, sizeof t->ours, "%s", ours);
    (void)snprintf(t->theirs, sizeof t->theirs, "%s%s", l->prefix, theirs);
    memcpy(t->shape, shape, rank * sizeof *shape);
    t->rank = rank;
    return t;
}

/* A weight and its bias. kernel 0 = a matrix; in 0 = a vector, as norms have. */
static void
fix_layer(struct fix_list *l, const char *ours, const char *theirs, size_t out, size_t in,
          size_t kernel, bool bias)
{
    const size_t shape[4] = {out, in, kernel, kernel};
    char a[320], b[320];

    (void)snprintf(a, sizeof a, "%s.weight", ours);
    (void)snprintf(b, sizeof b, "%s.weight", theirs);
    fix_put(l, a, b, shape, in == 0 ? 1 : kernel == 0 ? 2 : 4);
    (void)snprintf(a, sizeof a, "%s.bias", ours);
    (void)snprintf(b, sizeof b, "%s.bias", theirs);
    if (bias)
        fix_put(l, a, b, shape, 1);
}

/* The same under two prefixes. */
static void
fix_part(struct fix_list *l, const char *ours, const char *mine, const char *theirs,
         const char *yours, size_t out, size_t in, size_t kernel)
{
    char a[300], b[300];

    (void)snprintf(a, sizeof a, "%s.%s", ours, mine);
    (void)snprintf(b, sizeof b, "%s.%s", theirs, yours);
    fix_layer(l, a, b, out, in, kernel, true);
}

static void
fix_resnet(struct fix_list *l, const char *ours, const char *theirs, size_t in, size_t out,
           size_t time)
{
    bool unet = time > 0;

    fix_part(l, ours, "norm1", theirs, unet ? "in_layers.0" : "norm1", in, 0, 0);
    fix_part(l, ours, "conv1", theirs, unet ? "in_layers.2" : "conv1", out, in, 3);
    if (unet)
        fix_part(l, ours, "time_emb_proj", theirs, "emb_layers.1", out, time, 0);
    fix_part(l, ours, "norm2", theirs, unet ? "out_layers.0" : "norm2", out, 0, 0);
    fix_part(l, ours, "conv2", theirs, unet ? "out_layers.3" : "conv2", out, out, 3);
    if (in != out)
        fix_part(l, ours, "conv_shortcut", theirs, unet ? "skip_connection" : "nin_shortcut", out,
                 in, 1);
}

static void
fix_attention(struct fix_list *l, const struct fix_model *m, const char *ours, const char *theirs,
              size_t c, size_t depth)
{
    static const char *const HEADS[] = {"attn1", "attn2"}, *const QKV[] = {"to_q", "to_k", "to_v"};
    size_t kernel = m->openclip || m->text2_width > 0 ? 0 : 1;
    char a[100], b[100], x[140], y[140];

    fix_part(l, ours, "norm", theirs, "norm", c, 0, 0);
    fix_part(l, ours, "proj_in", theirs, "proj_in", c, c, kernel);
    fix_part(l, ours, "proj_out", theirs, "proj_out", c, c, kernel);
    for (size_t k = 0; k < depth; k++) {
        (void)snprintf(a, sizeof a, "%s.transformer_blocks.%zu", ours, k);
        (void)snprintf(b, sizeof b, "%s.transformer_blocks.%zu", theirs, k);
        fix_part(l, a, "norm1", b, "norm1", c, 0, 0);
        fix_part(l, a, "norm2", b, "norm2", c, 0, 0);
        fix_part(l, a, "norm3", b, "norm3", c, 0, 0);
        for (int h = 0; h < 2; h++) {
            for (int q = 0; q < 3; q++) {
                (void)snprintf(x, sizeof x, "%s.%s.%s", a, HEADS[h], QKV[q]);
                (void)snprintf(y, sizeof y, "%s.%s.%s", b, HEADS[h], QKV[q]);
                fix_layer(l, x, y, c, h == 1 && q > 0 ? m->context : c, 0, false);
            }
            (void)snprintf(x, sizeof x, "%s.to_out.0", HEADS[h]);
            fix_part(l, a, x, b, x, c, c, 0);
        }
        fix_part(l, a, "ff.net.0.proj", b, "ff.net.0.proj", 8 * c, c, 0);
        fix_part(l, a, "ff.net.2", b, "ff.net.2", c, 4 * c, 0);
    }
}

static void
fix_unet(struct fix_list *l, const struct fix_model *m)
{
    size_t first = m->widths[0], e = 4 * first, n = 1, now = first, skips[32], top = 0;
    char a[100], b[100];

    l->part = FIX_UNET;
    l->prefix = "model.diffusion_model.";
    fix_layer(l, "conv_in", "input_blocks.0.0", first, m->in, 3, true);
    fix_layer(l, "time_embedding.linear_1", "time_embed.0", e, first, 0, true);
    fix_layer(l, "time_embedding.linear_2", "time_embed.2", e, e, 0, true);
    if (m->guidance > 0)
        fix_layer(l, "time_embedding.cond_proj", "time_embed.cond_proj", first, m->guidance, 0,
                  false);
    if (m->added > 0) {
        fix_layer(l, "add_embedding.linear_1", "label_emb.0.0", e, m->added, 0, true);
        fix_layer(l, "add_embedding.linear_2", "label_emb.0.2", e, e, 0, true);
    }
    skips[top++] = now;
    for (size_t i = 0; i < m->levels; i++) {
        for (size_t j = 0; j < m->layers; j++, n++) {
            (void)snprintf(a, sizeof a, "down_blocks.%zu.resnets.%zu", i, j);
            (void)snprintf(b, sizeof b, "input_blocks.%zu.0", n);
            fix_resnet(l, a, b, now, m->widths[i], e);
            skips[top++] = now = m->widths[i];
            (void)snprintf(a, sizeof a, "down_blocks.%zu.attentions.%zu", i, j);
            (void)snprintf(b, sizeof b, "input_blocks.%zu.1", n);
            if (m->depth[i] > 0)
                fix_attention(l, m, a, b, now, m->depth[i]);
        }
        if (i + 1 == m->levels)
            break;
        (void)snprintf(a, sizeof a, "down_blocks.%zu.downsamplers.0.conv", i);
        (void)snprintf(b, sizeof b, "input_blocks.%zu.0.op", n++);
        fix_layer(l, a, b, now, now, 3, true);
        skips[top++] = now;
    }
    fix_resnet(l, "mid_block.resnets.0", "middle_block.0", now, now, e);
    fix_attention(l, m, "mid_block.attentions.0", "middle_block.1", now,
                  m->depth[m->levels - 1] > 0 ? m->depth[m->levels - 1] : 1);
    fix_resnet(l, "mid_block.resnets.1", "middle_block.2", now, now, e);
    n = 0;
    for (size_t i = 0; i < m->levels; i++) {
        size_t level = m->levels - 1 - i;

        for (size_t j = 0; j <= m->layers; j++, n++) {
            (void)snprintf(a, sizeof a, "up_blocks.%zu.resnets.%zu", i, j);
            (void)snprintf(b, sizeof b, "output_blocks.%zu.0", n);
            fix_resnet(l, a, b, now + skips[--top], m->widths[level], e);
            now = m->widths[level];
            (void)snprintf(a, sizeof a, "up_blocks.%zu.attentions.%zu", i, j);
            (void)snprintf(b, sizeof b, "output_blocks.%zu.1", n);
            if (m->depth[level] > 0)
                fix_attention(l, m, a, b, now, m->depth[level]);
        }
        (void)snprintf(a, sizeof a, "up_blocks.%zu.upsamplers.0.conv", i);
        (void)snprintf(b, sizeof b, "output_blocks.%zu.%d.conv", n - 1,
                       m->depth[level] > 0 ? 2 : 1);
        if (level > 0)
            fix_layer(l, a, b, now, now, 3, true);
    }
    fix_layer(l, "conv_norm_out", "out.0", first, 0, 0, true);
    fix_layer(l, "conv_out", "out.2", 4, first, 3, true);
}

static void
fix_vae_mid(struct fix_list *l, const char *side, size_t c)
{
    static const char *const OURS[] = {"to_q", "to_k", "to_v", "to_out.0"};
    static const char *const THEIRS[] = {"q", "k", "v", "proj_out"};
    char a[100], b[100];

    (void)snprintf(a, sizeof a, "%s.mid_block.resnets.0", side);
    (void)snprintf(b, sizeof b, "%s.mid.block_1", side);
    fix_resnet(l, a, b, c, c, 0);
    (void)snprintf(a, sizeof a, "%s.mid_block.resnets.1", side);
    (void)snprintf(b, sizeof b, "%s.mid.block_2", side);
    fix_resnet(l, a, b, c, c, 0);
    (void)snprintf(a, sizeof a, "%s.mid_block.attentions.0", side);
    (void)snprintf(b, sizeof b, "%s.mid.attn_1", side);
    fix_part(l, a, "group_norm", b, "norm", c, 0, 0);
    for (int i = 0; i < 4; i++) {
        fix_part(l, a, OURS[i], b, THEIRS[i], c, c, 0);
        l->at[l->count - 2].flat = true;
    }
}

static void
fix_vae(struct fix_list *l, const struct fix_model *m)
{
    size_t first = m->vae_widths[0], last = m->vae_widths[m->vae_levels - 1], now = first;
    char a[100], b[100];

    l->part = FIX_VAE;
    l->prefix = "first_stage_model.";
    fix_layer(l, "encoder.conv_in", "encoder.conv_in", first, 3, 3, true);
    for (size_t i = 0; i < m->vae_levels; i++) {
        for (size_t j = 0; j < m->vae_layers; j++) {
            (void)snprintf(a, sizeof a, "encoder.down_blocks.%zu.resnets.%zu", i, j);
            (void)snprintf(b, sizeof b, "encoder.down.%zu.block.%zu", i, j);
            fix_resnet(l, a, b, now, m->vae_widths[i], 0);
            now = m->vae_widths[i];
        }
        (void)snprintf(a, sizeof a, "encoder.down_blocks.%zu.downsamplers.0.conv", i);
        (void)snprintf(b, sizeof b, "encoder.down.%zu.downsample.conv", i);
        if (i + 1 < m->vae_levels)
            fix_layer(l, a, b, now, now, 3, true);
    }
    fix_vae_mid(l, "encoder", last);
    fix_layer(l, "encoder.conv_norm_out", "encoder.norm_out", last, 0, 0, true);
    fix_layer(l, "encoder.conv_out", "encoder.conv_out", 8, last, 3, true);
    fix_layer(l, "quant_conv", "quant_conv", 8, 8, 1, true);
    fix_layer(l, "post_quant_conv", "post_quant_conv", 4, 4, 1, true);
    fix_layer(l, "decoder.conv_in", "decoder.conv_in", last, 4, 3, true);
    fix_vae_mid(l, "decoder", last);
    now = last;
    for (size_t i = 0; i < m->vae_levels; i++) {
        size_t level = m->vae_levels - 1 - i;

        for (size_t j = 0; j <= m->vae_layers; j++) {
            (void)snprintf(a, sizeof a, "decoder.up_blocks.%zu.resnets.%zu", i, j);
            (void)snprintf(b, sizeof b, "decoder.up.%zu.block.%zu", level, j);
            fix_resnet(l, a, b, now, m->vae_widths[level], 0);
            now = m->vae_widths[level];
        }
        (void)snprintf(a, sizeof a, "decoder.up_blocks.%zu.upsamplers.0.conv", i);
        (void)snprintf(b, sizeof b, "decoder.up.%zu.upsample.conv", level);
        if (level > 0)
            fix_layer(l, a, b, now, now, 3, true);
    }
    fix_layer(l, "decoder.conv_norm_out", "decoder.norm_out", now, 0, 0, true);
    fix_layer(l, "decoder.conv_out", "decoder.conv_out", 3, now, 3, true);
}

/* One encoder; `open`: in OpenCLIP's words. */
static void
fix_text(struct fix_list *l, int part, const char *prefix, bool open, size_t projection, size_t d,
         size_t hidden, size_t layers, size_t words)
{
    static const char *const THREE[] = {"q_proj", "k_proj", "v_proj"};
    static const char E[] = "text_model.embeddings.token_embedding";
    char a[100], b[100], x[140], y[140];

    l->part = part;
    l->prefix = prefix;
    fix_layer(l, E, open ? "token_embedding" : E, words, d, 0, false);
    fix_put(l, "text_model.embeddings.position_embedding.weight",
            open ? "positional_embedding" : "text_model.embeddings.position_embedding.weight",
            (const size_t[]){77, d}, 2);
    for (size_t i = 0; i < layers; i++) {
        (void)snprintf(a, sizeof a, "text_model.encoder.layers.%zu", i);
        (void)snprintf(b, sizeof b, "%s.%zu",
                       open ? "transformer.resblocks" : "text_model.encoder.layers", i);
        fix_part(l, a, "layer_norm1", b, open ? "ln_1" : "layer_norm1", d, 0, 0);
        fix_part(l, a, "layer_norm2", b, open ? "ln_2" : "layer_norm2", d, 0, 0);
        for (int k = 0; k < 6; k++) {
            const char *end = k < 3 ? "weight" : "bias";
            const size_t shape[2] = {d, d};

            (void)snprintf(x, sizeof x, "%s.self_attn.%s.%s", a, THREE[k % 3], end);
            if (open)
                (void)snprintf(y, sizeof y, "%s.attn.in_proj_%s", b, end);
            else
                (void)snprintf(y, sizeof y, "%s", x);
            fix_put(l, x, y, shape, k < 3 ? 2 : 1)->third = open ? k % 3 + 1 : 0;
        }
        fix_part(l, a, "self_attn.out_proj", b, open ? "attn.out_proj" : "self_attn.out_proj", d, d,
                 0);
        fix_part(l, a, "mlp.fc1", b, open ? "mlp.c_fc" : "mlp.fc1", hidden, d, 0);
        fix_part(l, a, "mlp.fc2", b, open ? "mlp.c_proj" : "mlp.fc2", d, hidden, 0);
    }
    fix_layer(l, "text_model.final_layer_norm", open ? "ln_final" : "text_model.final_layer_norm",
              d, 0, 0, true);
    if (projection > 0)
        fix_put(l, "text_projection.weight", "text_projection", (const size_t[]){projection, d}, 2)
            ->turned = true;
}

/* All tensors of a model; free(list.at). */
struct fix_list
fix_all(const struct fix_model *m)
{
    struct fix_list l = {.at = calloc(FIX_NAMES, sizeof *l.at)};
    size_t hidden2 = m->text2_hidden > 0 ? m->text2_hidden : 4 * m->text2_width;
    size_t hidden = m->text_hidden > 0 ? m->text_hidden : 4 * m->text_width;

    if (l.at == NULL)
        abort();
    fix_unet(&l, m);
    fix_vae(&l, m);
    if (m->text2_width > 0) {
        fix_text(&l, FIX_TEXT, "conditioner.embedders.0.transformer.", false, 0, m->text_width,
                 hidden, m->text_layers, m->words);
        fix_text(&l, FIX_TEXT2, "conditioner.embedders.1.model.", true, m->projection,
                 m->text2_width, hidden2, m->text2_layers, m->words);
    } else {
        fix_text(&l, FIX_TEXT,
                 m->openclip ? "cond_stage_model.model." : "cond_stage_model.transformer.",
                 m->openclip, 0, m->text_width, hidden, m->text_layers, m->words);
    }
    return l;
}

size_t
fix_size(const struct fix_tensor *t)
{
    size_t count = 1;

    for (size_t i = 0; i < t->rank; i++)
        count *= t->shape[i];
    return count;
}
