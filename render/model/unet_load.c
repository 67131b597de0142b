/*
 * The U-Net's tensors by name. Read next: unet.c.
 */
#include <stdio.h>
#include <string.h>

#include "common/err.h"
#include "render/model/unet.h"

static void
load_attention(struct loader *l, struct unet *u, const char *prefix, size_t level,
               struct transformer *to)
{
    const struct unet_config *c = &u->config;

    transformer_load(l, prefix, c->widths[level], c->heads[level], c->depth[level],
                     c->context_width, c->groups, to);
    u->blocks += c->depth[level];
}

static void
load_down(struct loader *l, struct unet *u, size_t level)
{
    const struct unet_config *c = &u->config;
    struct unet_level *to = &u->down[level];
    char block[LAYER_NAME], name[LAYER_NAME];
    size_t in = c->widths[level > 0 ? level - 1 : 0], width = c->widths[level];

    layer_name_at(block, "", "down_blocks", level);
    to->count = c->layers;
    to->has_attention = c->attention[level];
    to->has_sampler = level + 1 < c->levels;
    for (size_t j = 0; j < to->count; j++) {
        layer_name_at(name, block, "resnets", j);
        resnet_load(l, name, j == 0 ? in : width, width, 4 * c->widths[0], c->groups, c->norm_eps,
                    &to->resnets[j]);
        layer_name_at(name, block, "attentions", j);
        if (to->has_attention)
            load_attention(l, u, name, level, &to->attentions[j]);
    }
    if (to->has_sampler) {
        conv_load(l, block, "downsamplers.0.conv", width, width, 3, true, &to->sampler);
        to->sampler.shape.stride = 2;
    }
}

static void
load_up(struct loader *l, struct unet *u, size_t index)
{
    const struct unet_config *c = &u->config;
    struct unet_level *to = &u->up[index];
    char block[LAYER_NAME], name[LAYER_NAME];
    size_t level = c->levels - 1 - index, width = c->widths[level];
    size_t before = c->widths[index == 0 ? level : level + 1]; /* width of what comes from below */
    size_t last_skip =
        c->widths[level > 0 ? level - 1 : 0]; /* that skip was made one level higher */

    layer_name_at(block, "", "up_blocks", index);
    to->count = c->layers + 1;
    to->has_attention = c->attention[level];
    to->has_sampler = level > 0;
    for (size_t j = 0; j < to->count; j++) {
        size_t current = j == 0 ? before : width, skip = j < c->layers ? width : last_skip;

        layer_name_at(name, block, "resnets", j);
        resnet_load(l, name, current + skip, width, 4 * c->widths[0], c->groups, c->norm_eps,
                    &to->resnets[j]);
        layer_name_at(name, block, "attentions", j);
        if (to->has_attention)
            load_attention(l, u, name, level, &to->attentions[j]);
    }
    if (to->has_sampler)
        conv_load(l, block, "upsamplers.0.conv", width, width, 3, true, &to->sampler);
}

struct unet *
unet_load(struct loader *l, const struct unet_config *config)
{
    struct unet *u = loader_alloc(l, 1, sizeof *u);
    size_t last = config->levels - 1, first = config->widths[0], mid = config->widths[last];

    if (u == NULL)
        return NULL;
    u->config = *config;
    u->down = loader_alloc(l, config->levels, sizeof *u->down);
    u->up = loader_alloc(l, config->levels, sizeof *u->up);
    if (u->up == NULL || u->down == NULL)
        return NULL;
    conv_load(l, "", "conv_in", config->in_channels, first, 3, true, &u->conv_in);
    linear_load(l, "", "time_embedding.linear_1", first, 4 * first, true, &u->time1);
    linear_load(l, "", "time_embedding.linear_2", 4 * first, 4 * first, true, &u->time2);
    if (config->guidance_width != 0)
        linear_load(l, "", "time_embedding.cond_proj", config->guidance_width, first, false,
                    &u->guidance);
    if (config->pooled_width != 0) {
        linear_load(l, "", "add_embedding.linear_1",
                    config->pooled_width + config->ids * config->id_width, 4 * first, true,
                    &u->add1);
        linear_load(l, "", "add_embedding.linear_2", 4 * first, 4 * first, true, &u->add2);
    }
    for (size_t i = 0; i < config->levels; i++)
        load_down(l, u, i);
    resnet_load(l, "mid_block.resnets.0", mid, mid, 4 * first, config->groups, config->norm_eps,
                &u->mid1);
    load_attention(l, u, "mid_block.attentions.0", last, &u->mid_attention);
    resnet_load(l, "mid_block.resnets.1", mid, mid, 4 * first, config->groups, config->norm_eps,
                &u->mid2);
    for (size_t i = 0; i < config->levels; i++)
        load_up(l, u, i);
    norm_load(l, "", "conv_norm_out", first, config->groups, config->norm_eps, &u->norm_out);
    conv_load(l, "", "conv_out", first, config->out_channels, 3, true, &u->conv_out);
    u->kv = loader_alloc(l, u->blocks, sizeof *u->kv);
    return l->rc == ST_OK ? u : NULL;
}
