/*
 * How LoRA files call the modules of a model. Nothing is parsed, because underscores cannot be told
 * from dots: every module of the model is spelled in all ways, and what a file says is looked up.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/arena.h"
#include "common/err.h"
#include "render/weights/ldm_names.h"
#include "render/weights/lora.h"
#include "render/weights/weight_store.h"

#define SPELLINGS 8 /* of one module, at most */
#define SPELLING 320
#define LEVELS 8

struct spelling {
    const char *text;
    struct lora_module module;
};

struct lora_names {
    struct arena *arena;
    struct spelling *list; /* sorted by text */
    size_t count;
    bool failed;
};

static void
add(struct lora_names *n, const char *begin, const char *name, bool underscores,
    const struct lora_module *module)
{
    struct spelling *s = &n->list[n->count];
    char *text = arena_printf(n->arena, "%s%s", begin, name);

    if (text == NULL) {
        n->failed = true;
        return;
    }
    for (char *at = text + strlen(begin); *at != '\0' && underscores; at++) {
        if (*at == '.')
            *at = '_';
    }
    s->text = text;
    s->module = *module;
    n->count++;
}

/* Where `name` ends with `end`, its beginning and `instead`; else false. */
static bool
turn_end(const char *name, const char *end, const char *instead, char out[SPELLING])
{
    size_t len = strlen(name), cut = strlen(end);

    if (len < cut || strcmp(name + len - cut, end) != 0)
        return false;
    (void)snprintf(out, SPELLING, "%.*s%s", (int)(len - cut), name, instead);
    return true;
}

/* Old diffusers files name the processor of an attention instead of its layers. */
static bool
old_spelling(const char *name, char out[SPELLING])
{
    static const char *const ENDS[][2] = {
        {".to_q", ".processor.to_q_lora"}, {".to_k", ".processor.to_k_lora"},
        {".to_v", ".processor.to_v_lora"}, {".to_out.0", ".processor.to_out_lora"},
        {".q_proj", ".to_q_lora"},         {".k_proj", ".to_k_lora"},
        {".v_proj", ".to_v_lora"},         {".out_proj", ".to_out_lora"},
    };

    for (size_t i = 0; i < sizeof ENDS / sizeof *ENDS; i++) {
        if (turn_end(name, ENDS[i][0], ENDS[i][1], out))
            return true;
    }
    return false;
}

static void
spell_unet(struct lora_names *n, const char *name, size_t layers, const bool *attention,
           const struct lora_module *module)
{
    char other[SPELLING];

    add(n, "lora_unet_", name, true, module);
    add(n, "unet.", name, false, module);
    add(n, "", name, false, module);
    if (old_spelling(name, other)) {
        add(n, "unet.", other, false, module);
        add(n, "", other, false, module);
    }
    if (ldm_unet_module(name, layers, attention, other) && strcmp(other, name) != 0)
        add(n, "lora_unet_", other, true, module);
}

static void
spell_text(struct lora_names *n, const char *name, const struct lora_module *module)
{
    static const char PREFIX[] = "text_model.";
    const char *begin = module->part == LORA_TEXT ? "text_encoder." : "text_encoder_2.";
    char full[SPELLING + 16], other[SPELLING];

    if (strcmp(name, "text_projection") == 0) { /* stands beside the text model */
        add(n, module->part == LORA_TEXT ? "lora_te1_" : "lora_te2_", name, true, module);
        add(n, begin, name, false, module);
        return;
    }
    (void)snprintf(full, sizeof full, "%s%s",
                   strncmp(name, PREFIX, sizeof PREFIX - 1) == 0 ? "" : PREFIX, name);
    if (module->part == LORA_TEXT)
        add(n, "lora_te_", full, true, module);
    add(n, module->part == LORA_TEXT ? "lora_te1_" : "lora_te2_", full, true, module);
    add(n, begin, full, false, module);
    add(n, begin, full + sizeof PREFIX - 1, false, module);
    if (old_spelling(full, other))
        add(n, begin, other, false, module);
}

static void
spell_part(struct lora_names *n, enum lora_part part, const struct weight_store *s)
{
    bool attention[LEVELS];
    char name[WEIGHT_NAME], module[SPELLING];
    size_t layers = 0, shape[8];

    do
        (void)snprintf(name, sizeof name, "down_blocks.0.resnets.%zu.conv1.weight", layers);
    while (weight_store_has(s, name) && ++layers < 100);
    for (size_t i = 0; i < LEVELS; i++) {
        (void)snprintf(name, sizeof name, "up_blocks.%zu.attentions.0.norm.weight", i);
        attention[i] = weight_store_has(s, name);
    }
    for (size_t i = 0; i < weight_store_count(s); i++) {
        const char *tensor = weight_store_name(s, i);
        struct lora_module to = {.part = part, .tensor = tensor};

        if (weight_store_shape(s, tensor, shape) < 2 || !turn_end(tensor, ".weight", "", module))
            continue;
        if (part == LORA_UNET)
            spell_unet(n, module, layers, attention, &to);
        else
            spell_text(n, module, &to);
    }
}

static int
compare(const void *a, const void *b)
{
    return strcmp(((const struct spelling *)a)->text, ((const struct spelling *)b)->text);
}

static int
by_text(const void *key, const void *entry)
{
    return strcmp(key, ((const struct spelling *)entry)->text);
}

struct lora_names *
lora_names_new(struct arena *arena, struct weight_store *const stores[LORA_PARTS])
{
    struct lora_names *n = arena_alloc(arena, sizeof *n);
    size_t total = 0;

    for (int i = 0; i < LORA_PARTS; i++)
        total += stores[i] != NULL ? weight_store_count(stores[i]) : 0;
    if (n == NULL ||
        (n->list = arena_calloc(arena, SPELLINGS * total + 1, sizeof *n->list)) == NULL)
        return NULL;
    n->arena = arena;
    for (int i = 0; i < LORA_PARTS; i++) {
        if (stores[i] != NULL)
            spell_part(n, (enum lora_part)i, stores[i]);
    }
    qsort(n->list, n->count, sizeof *n->list, compare);
    return n->failed ? NULL : n;
}

bool
lora_names_find(const struct lora_names *names, const char *spelling, struct lora_module *out)
{
    const struct spelling *s, *end = names->list + names->count;

    if (names->count == 0)
        return false;
    s = bsearch(spelling, names->list, names->count, sizeof *s, by_text);
    if (s == NULL)
        return false;
    *out = s->module;
    while (s > names->list && strcmp(s[-1].text, spelling) == 0)
        s--;
    for (; s < end && strcmp(s->text, spelling) == 0; s++) {
        if (s->module.tensor != out->tensor)
            return false;
    }
    return true;
}
