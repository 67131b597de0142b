/*
 * Kinds of networks by their tensors' names. See network.h.
 */
#include "common/network.h"

#include <stdbool.h>
#include <string.h>

static const struct {
    const char *name, *what;
    unsigned marks; /* all of which must be seen */
} KINDS[NETWORKS] = {
    [NETWORK_NONE] = {"", "a model", 0},
    [NETWORK_COMPACT] = {"compact", "an upscaler (compact)", 3},
    [NETWORK_RRDB] = {"rrdb", "an upscaler (RRDB)", 3},
    [NETWORK_LAMA] = {"lama", "a LaMa, which fills holes", 1},
    [NETWORK_SAFETY] = {"safety", "a safety checker", 3},
    [NETWORK_MOTION] = {"motion", "motion modules", 1},
    [NETWORK_LORA] = {"lora", "a LoRA", 3},
    [NETWORK_EMBEDDING] = {"embedding", "a textual inversion", 1},
};

/* In this order: the first whose marks are all there. */
static const enum network ORDER[] = {
    NETWORK_SAFETY, NETWORK_LAMA, NETWORK_RRDB,      NETWORK_COMPACT,
    NETWORK_MOTION, NETWORK_LORA, NETWORK_EMBEDDING,
};

/* What published files were stored under. */
static const char *const PREFIXES[] = {"", "params_ema.", "params.", "generator."};

static const struct {
    enum network kind;
    unsigned mark;
    const char *name; /* whole, behind a prefix */
} NAMES[] = {
    {NETWORK_COMPACT, 1, "body.0.weight"},
    {NETWORK_COMPACT, 2, "body.1.weight"},
    {NETWORK_RRDB, 1, "conv_first.weight"},
    {NETWORK_RRDB, 2, "body.0.rdb1.conv1.weight"},
    {NETWORK_LAMA, 1, "model.1.ffc.convl2l.weight"},
    {NETWORK_SAFETY, 1, "concept_embeds"},
    {NETWORK_SAFETY, 2, "visual_projection.weight"},
    {NETWORK_MOTION, 1, "down_blocks.0.motion_modules.0.temporal_transformer.norm.weight"},
    {NETWORK_MOTION, 1, "down_blocks.0.motion_modules.0.norm.weight"},
    {NETWORK_EMBEDDING, 1, "emb_params"},
};

static const struct {
    unsigned mark;
    const char *end;
} LORA_ENDS[] = {
    {1, ".lora_down.weight"}, {2, ".lora_up.weight"},        {1, ".lora_A.weight"},
    {2, ".lora_B.weight"},    {1, ".lora_A.default.weight"}, {2, ".lora_B.default.weight"},
    {1, "lora.down.weight"},  {2, "lora.up.weight"},         {1, "_layer.down.weight"},
    {2, "_layer.up.weight"},
};

static const char *const WHOLE[] = {"model.diffusion_model.", "first_stage_model."};

const char *
network_name(enum network n)
{
    return KINDS[n].name;
}

enum network
network_find(const char *name)
{
    for (int n = NETWORK_NONE + 1; n < NETWORKS; n++) {
        if (strcmp(KINDS[n].name, name) == 0)
            return (enum network)n;
    }
    return NETWORK_NONE;
}

const char *
network_what(enum network n)
{
    return KINDS[n].what;
}

static bool
is_called(const char *tensor, const char *name)
{
    for (size_t i = 0; i < sizeof PREFIXES / sizeof *PREFIXES; i++) {
        size_t len = strlen(PREFIXES[i]);

        if (strncmp(tensor, PREFIXES[i], len) == 0 && strcmp(tensor + len, name) == 0)
            return true;
    }
    return false;
}

static bool
ends_with(const char *s, const char *end)
{
    size_t len = strlen(s), n = strlen(end);

    return len >= n && strcmp(s + len - n, end) == 0;
}

void
network_see(struct network_look *l, const char *tensor, size_t rank)
{
    l->tensors++;
    l->flat += rank == 1 || rank == 2;
    for (size_t i = 0; i < sizeof WHOLE / sizeof *WHOLE; i++)
        l->whole |= strncmp(tensor, WHOLE[i], strlen(WHOLE[i])) == 0;
    for (size_t i = 0; i < sizeof NAMES / sizeof *NAMES; i++) {
        if (is_called(tensor, NAMES[i].name))
            l->marks[NAMES[i].kind] |= NAMES[i].mark;
    }
    for (size_t i = 0; i < sizeof LORA_ENDS / sizeof *LORA_ENDS; i++) {
        if (ends_with(tensor, LORA_ENDS[i].end))
            l->marks[NETWORK_LORA] |= LORA_ENDS[i].mark;
    }
}

enum network
network_judge(const struct network_look *l)
{
    if (l->whole != 0)
        return NETWORK_NONE;
    for (size_t i = 0; i < sizeof ORDER / sizeof *ORDER; i++) {
        if (l->marks[ORDER[i]] == KINDS[ORDER[i]].marks)
            return ORDER[i];
    }
    /* A word's vectors may be called like the word itself; those for SDXL are two. */
    return l->tensors >= 1 && l->tensors <= 2 && l->flat == l->tensors ? NETWORK_EMBEDDING
                                                                       : NETWORK_NONE;
}
