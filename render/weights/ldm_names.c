/*
 * Names of single-file models. Knows no shapes and no files. Read next: weight_open.c,
 * render/pipeline/model_single.c.
 *
 * A pattern is text in which # stands for a number. What begins with a pattern and goes on with a
 * dot or ends is meant.
 */
#include "render/weights/ldm_names.h"

#include <stdio.h>
#include <string.h>

#define NUMBERS 2

struct pair {
    const char *theirs, *ours;
};

static const char *const PREFIXES[LDM_PARTS][3] = {
    [LDM_TEXT] = {"cond_stage_model.transformer.", "conditioner.embedders.0.transformer.",
                  "cond_stage_model.model."},
    [LDM_TEXT_2] = {"conditioner.embedders.1.model."},
    [LDM_UNET] = {"model.diffusion_model."},
    [LDM_VAE] = {"first_stage_model.", "vae."},
};

/* Parts of a U-Net outside its blocks. */
static const struct pair UNET_ENDS[] = {
    {"time_embed.0", "time_embedding.linear_1"},
    {"time_embed.2", "time_embedding.linear_2"},
    {"time_embed.cond_proj", "time_embedding.cond_proj"},
    {"label_emb.0.0", "add_embedding.linear_1"},
    {"label_emb.0.2", "add_embedding.linear_2"},
    {"input_blocks.0.0", "conv_in"},
    {"out.0", "conv_norm_out"},
    {"out.2", "conv_out"},
    {"middle_block.1", "mid_block.attentions.0"},
    {NULL, NULL},
};
static const struct pair UNET_RESNET[] = {
    {"in_layers.0", "norm1"},
    {"in_layers.2", "conv1"},
    {"emb_layers.1", "time_emb_proj"},
    {"out_layers.0", "norm2"},
    {"out_layers.3", "conv2"},
    {"skip_connection", "conv_shortcut"},
    {NULL, NULL},
};
static const struct pair VAE_ENDS[] = {
    {"quant_conv", "quant_conv"},
    {"post_quant_conv", "post_quant_conv"},
    {"encoder.conv_in", "encoder.conv_in"},
    {"encoder.norm_out", "encoder.conv_norm_out"},
    {"encoder.conv_out", "encoder.conv_out"},
    {"decoder.conv_in", "decoder.conv_in"},
    {"decoder.norm_out", "decoder.conv_norm_out"},
    {"decoder.conv_out", "decoder.conv_out"},
    {"encoder.down.#.downsample.conv", "encoder.down_blocks.#.downsamplers.0.conv"},
    {"decoder.up.#.upsample.conv", "decoder.up_blocks.#.upsamplers.0.conv"},
    {NULL, NULL},
};
static const struct pair VAE_RESNETS[] = {
    {"encoder.down.#.block.#", "encoder.down_blocks.#.resnets.#"},
    {"decoder.up.#.block.#", "decoder.up_blocks.#.resnets.#"},
    {"encoder.mid.block_1", "encoder.mid_block.resnets.0"},
    {"encoder.mid.block_2", "encoder.mid_block.resnets.1"},
    {"decoder.mid.block_1", "decoder.mid_block.resnets.0"},
    {"decoder.mid.block_2", "decoder.mid_block.resnets.1"},
    {NULL, NULL},
};
static const struct pair VAE_RESNET[] = {
    {"norm1", "norm1"},
    {"conv1", "conv1"},
    {"norm2", "norm2"},
    {"conv2", "conv2"},
    {"nin_shortcut", "conv_shortcut"},
    {"conv_shortcut", "conv_shortcut"},
    {NULL, NULL},
};
static const struct pair VAE_ATTENTIONS[] = {
    {"encoder.mid.attn_1", "encoder.mid_block.attentions.0"},
    {"decoder.mid.attn_1", "decoder.mid_block.attentions.0"},
    {NULL, NULL},
};
static const struct pair VAE_ATTENTION[] = {
    {"norm", "group_norm"},   {"q", "to_q"}, {"k", "to_k"}, {"v", "to_v"},
    {"proj_out", "to_out.0"}, {NULL, NULL},
};
static const struct pair OPENCLIP[] = {
    {"token_embedding", "embeddings.token_embedding"},
    {"positional_embedding", "embeddings.position_embedding.weight"},
    {"ln_final", "final_layer_norm"},
    {"transformer.resblocks.#.ln_1", "encoder.layers.#.layer_norm1"},
    {"transformer.resblocks.#.ln_2", "encoder.layers.#.layer_norm2"},
    {"transformer.resblocks.#.attn.out_proj", "encoder.layers.#.self_attn.out_proj"},
    {"transformer.resblocks.#.mlp.c_fc", "encoder.layers.#.mlp.fc1"},
    {"transformer.resblocks.#.mlp.c_proj", "encoder.layers.#.mlp.fc2"},
    {NULL, NULL},
};

/* Reads a number of at most six digits without a leading zero; NULL if there is none. */
static const char *
number(const char *s, size_t *out)
{
    size_t digits = strspn(s, "0123456789");

    if (digits == 0 || digits > 6 || (digits > 1 && s[0] == '0'))
        return NULL;
    *out = 0;
    for (size_t i = 0; i < digits; i++)
        *out = 10 * *out + (size_t)(s[i] - '0');
    return s + digits;
}

/* What follows the pattern in `name`: "" or ".rest". NULL = it does not fit. */
static const char *
match(const char *pattern, const char *name, size_t numbers[NUMBERS])
{
    size_t count = 0;

    for (; *pattern != '\0'; pattern++) {
        if (*pattern != '#') {
            if (*pattern != *name++)
                return NULL;
        } else if ((name = number(name, &numbers[count++])) == NULL) {
            return NULL;
        }
    }
    return *name == '\0' || *name == '.' ? name : NULL;
}

/* Writes the pattern with its numbers, then `rest`. False if it does not fit. */
static bool
fill(char out[WEIGHT_NAME], const char *pattern, const size_t numbers[NUMBERS], const char *rest)
{
    size_t at = 0, count = 0;

    for (; *pattern != '\0' && at + 8 < WEIGHT_NAME; pattern++) {
        if (*pattern == '#')
            at += (size_t)snprintf(out + at, WEIGHT_NAME - at, "%zu", numbers[count++]);
        else
            out[at++] = *pattern;
    }
    if (*pattern != '\0' || at + strlen(rest) >= WEIGHT_NAME)
        return false;
    memcpy(out + at, rest, strlen(rest) + 1);
    return true;
}

/* The pair that fits, its numbers and what is left of the name. */
static const struct pair *
look(const struct pair *table, const char *name, size_t numbers[NUMBERS], const char **rest)
{
    for (; table->theirs != NULL; table++) {
        if ((*rest = match(table->theirs, name, numbers)) != NULL)
            return table;
    }
    return NULL;
}

/* "block" and the translation of ".part.rest" by `table`. */
static bool
inside(const struct pair *table, const char *block, const char *part, char out[WEIGHT_NAME])
{
    size_t numbers[NUMBERS] = {0};
    const struct pair *pair;
    const char *rest;
    int len;

    if (part[0] != '.' || (pair = look(table, part + 1, numbers, &rest)) == NULL)
        return false;
    len = snprintf(out, WEIGHT_NAME, "%s.%s%s", block, pair->ours, rest);
    return len > 0 && len < WEIGHT_NAME;
}

/* input_blocks.N.S, middle_block.S or output_blocks.N.S */
static bool
unet_block(const char *name, size_t layers, char out[WEIGHT_NAME])
{
    size_t n[NUMBERS] = {0}, both[NUMBERS];
    char block[WEIGHT_NAME];
    const char *rest;
    bool down = true;

    if ((rest = match("middle_block.#", name, n)) != NULL) {
        both[0] = n[0] / 2;
        return n[0] <= 2 && n[0] != 1 && fill(block, "mid_block.resnets.#", both, "") &&
               inside(UNET_RESNET, block, rest, out);
    }
    if ((rest = match("input_blocks.#.#", name, n)) == NULL) {
        down = false;
        if ((rest = match("output_blocks.#.#", name, n)) == NULL)
            return false;
    }
    if (down && n[0] == 0)
        return false;
    both[0] = (n[0] - down) / (layers + 1);
    both[1] = (n[0] - down) % (layers + 1);
    if (down && both[1] == layers) /* after the last resnet of a level */
        return n[1] == 0 && strncmp(rest, ".op.", 4) == 0 &&
               fill(out, "down_blocks.#.downsamplers.0.conv", both, rest + 3);
    if (n[1] == 0)
        return fill(block, down ? "down_blocks.#.resnets.#" : "up_blocks.#.resnets.#", both, "") &&
               inside(UNET_RESNET, block, rest, out);
    if (!down && both[1] == layers && (n[1] == 1 || n[1] == 2) && strncmp(rest, ".conv.", 6) == 0)
        return fill(out, "up_blocks.#.upsamplers.0.conv", both, rest + 5);
    return n[1] == 1 &&
           fill(out, down ? "down_blocks.#.attentions.#" : "up_blocks.#.attentions.#", both, rest);
}

static bool
unet_name(const struct ldm_layout *l, const char *name, char out[WEIGHT_NAME])
{
    size_t numbers[NUMBERS] = {0};
    const struct pair *pair;
    const char *rest;

    if ((pair = look(UNET_ENDS, name, numbers, &rest)) != NULL)
        return fill(out, pair->ours, numbers, rest);
    return unet_block(name, l->unet_layers, out);
}

/* The decoder's levels are numbered from the picture, ours from the latents. */
static bool
turn_level(const struct ldm_layout *l, const struct pair *pair, size_t numbers[NUMBERS])
{
    if (strncmp(pair->theirs, "decoder.up.", 11) != 0)
        return true;
    if (numbers[0] >= l->vae_levels)
        return false;
    numbers[0] = l->vae_levels - 1 - numbers[0];
    return true;
}

static bool
vae_name(const struct ldm_layout *l, const char *name, char out[WEIGHT_NAME])
{
    size_t numbers[NUMBERS] = {0};
    const struct pair *pair;
    char block[WEIGHT_NAME];
    const char *rest;

    if ((pair = look(VAE_ENDS, name, numbers, &rest)) != NULL)
        return turn_level(l, pair, numbers) && fill(out, pair->ours, numbers, rest);
    if ((pair = look(VAE_RESNETS, name, numbers, &rest)) != NULL)
        return turn_level(l, pair, numbers) && fill(block, pair->ours, numbers, "") &&
               inside(VAE_RESNET, block, rest, out);
    if ((pair = look(VAE_ATTENTIONS, name, numbers, &rest)) != NULL)
        return inside(VAE_ATTENTION, pair->ours, rest, out);
    return false;
}

/* in_proj_weight and in_proj_bias hold the rows of three layers. */
static size_t
split(const char *name, size_t layer, struct weight_target out[WEIGHT_TARGETS])
{
    static const char *const THREE[] = {"q_proj", "k_proj", "v_proj"};
    const char *what = name[0] == 'w' ? "weight" : "bias";

    for (size_t i = 0; i < 3; i++) {
        out[i] = (struct weight_target){.part = i, .parts = 3};
        (void)snprintf(out[i].name, sizeof out[i].name,
                       "text_model.encoder.layers.%zu.self_attn.%s.%s", layer, THREE[i], what);
    }
    return 3;
}

static size_t
openclip_name(const struct ldm_layout *l, const char *name,
              struct weight_target out[WEIGHT_TARGETS])
{
    static const char IN[] = "attn.in_proj_";
    size_t numbers[NUMBERS] = {0};
    const struct pair *pair;
    char ours[WEIGHT_NAME];
    const char *rest;
    int len;

    if (strcmp(name, "text_projection") == 0) {
        out[0] = (struct weight_target){.parts = 1, .transposed = true};
        (void)snprintf(out[0].name, WEIGHT_NAME, "text_projection.weight");
        return l->projection;
    }
    if ((rest = match("transformer.resblocks.#", name, numbers)) != NULL) {
        if (numbers[0] >= l->text_layers)
            return 0;
        if (strncmp(rest + 1, IN, sizeof IN - 1) == 0 &&
            (strcmp(rest + sizeof IN, "weight") == 0 || strcmp(rest + sizeof IN, "bias") == 0))
            return split(rest + sizeof IN, numbers[0], out);
    }
    if ((pair = look(OPENCLIP, name, numbers, &rest)) == NULL ||
        !fill(ours, pair->ours, numbers, rest))
        return 0;
    out[0] = (struct weight_target){.parts = 1};
    len = snprintf(out[0].name, WEIGHT_NAME, "text_model.%s", ours);
    return len > 0 && len < WEIGHT_NAME;
}

size_t
ldm_translate(const void *layout, const char *name, struct weight_target out[WEIGHT_TARGETS])
{
    const struct ldm_layout *l = layout;
    size_t which, len = 0;
    bool found;

    for (which = 0; which < 3 && PREFIXES[l->part][which] != NULL; which++) {
        len = strlen(PREFIXES[l->part][which]);
        if (strncmp(name, PREFIXES[l->part][which], len) == 0)
            break;
    }
    if (which == 3 || PREFIXES[l->part][which] == NULL)
        return 0;
    name += len;
    if (l->part == LDM_TEXT_2 || (l->part == LDM_TEXT && which == 2))
        return openclip_name(l, name, out);
    out[0] = (struct weight_target){.parts = 1};
    if (l->part == LDM_TEXT) { /* these are diffusers names, but for what has no weights in it */
        size_t size = strlen(name);

        if (size >= WEIGHT_NAME || strstr(name, "position_ids") != NULL)
            return 0;
        memcpy(out[0].name, name, size + 1);
        return 1;
    }
    found = l->part == LDM_UNET ? unet_name(l, name, out[0].name) : vae_name(l, name, out[0].name);
    return found ? 1 : 0;
}

/* The name of resnet part ".conv1" in their words. */
static bool
resnet_back(const char *block, const char *rest, char out[WEIGHT_NAME])
{
    for (const struct pair *pair = UNET_RESNET; pair->theirs != NULL; pair++) {
        if (rest[0] == '.' && strcmp(rest + 1, pair->ours) == 0) {
            int len = snprintf(out, WEIGHT_NAME, "%s.%s", block, pair->theirs);

            return len > 0 && len < WEIGHT_NAME;
        }
    }
    return false;
}

bool
ldm_unet_module(const char *name, size_t layers, const bool *attention, char out[WEIGHT_NAME])
{
    size_t n[NUMBERS] = {0}, to[NUMBERS] = {0};
    char block[WEIGHT_NAME];
    const char *rest;

    for (const struct pair *pair = UNET_ENDS; pair->theirs != NULL; pair++) {
        if ((rest = match(pair->ours, name, n)) != NULL)
            return fill(out, pair->theirs, n, rest);
    }
    if ((rest = match("mid_block.resnets.#", name, n)) != NULL) {
        to[0] = 2 * n[0];
        return fill(block, "middle_block.#", to, "") && resnet_back(block, rest, out);
    }
    if (match("down_blocks.#.downsamplers.0.conv", name, n) != NULL) {
        to[0] = (n[0] + 1) * (layers + 1);
        return fill(out, "input_blocks.#.0.op", to, "");
    }
    if (match("up_blocks.#.upsamplers.0.conv", name, n) != NULL) {
        to[0] = n[0] * (layers + 1) + layers;
        to[1] = attention[n[0]] ? 2 : 1;
        return fill(out, "output_blocks.#.#.conv", to, "");
    }
    if ((rest = match("down_blocks.#.resnets.#", name, n)) != NULL) {
        to[0] = 1 + n[0] * (layers + 1) + n[1];
        return fill(block, "input_blocks.#.0", to, "") && resnet_back(block, rest, out);
    }
    if ((rest = match("down_blocks.#.attentions.#", name, n)) != NULL) {
        to[0] = 1 + n[0] * (layers + 1) + n[1];
        return fill(out, "input_blocks.#.1", to, rest);
    }
    to[0] = 0;
    if ((rest = match("up_blocks.#.resnets.#", name, n)) != NULL) {
        to[0] = n[0] * (layers + 1) + n[1];
        return fill(block, "output_blocks.#.0", to, "") && resnet_back(block, rest, out);
    }
    if ((rest = match("up_blocks.#.attentions.#", name, n)) != NULL) {
        to[0] = n[0] * (layers + 1) + n[1];
        return fill(out, "output_blocks.#.1", to, rest);
    }
    return false;
}
