/*
 * Choosing a model's files by name. See model_files.h.
 */
#include "app/ctl/model_files.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "common/err.h"
#include "common/json.h"
#include "common/manifest.h"

#define FILES_MAX 10000

/* Parts that a model may have, and how their weights are called; NULL = the part has none. */
static const struct part {
    const char *name, *stem;
} PARTS[] = {
    {"unet", "diffusion_pytorch_model"},
    {"vae", "diffusion_pytorch_model"},
    {"motion_adapter", "diffusion_pytorch_model"},
    {"text_encoder", "model"},
    {"text_encoder_2", "model"},
    {"image_encoder", "model"},
    {"safety_checker", "model"},
    {"tokenizer", NULL},
    {"tokenizer_2", NULL},
    {"scheduler", NULL},
    {"feature_extractor", NULL},
};
#define PART_COUNT (sizeof PARTS / sizeof PARTS[0])

static const char *const SMALL[] = {
    "config.json",    "scheduler_config.json", "preprocessor_config.json",
    "vocab.json",     "tokenizer_config.json", "special_tokens_map.json",
    "tokenizer.json", "added_tokens.json",     "merges.txt",
};

static bool
ends_with(const char *s, const char *end)
{
    size_t len = strlen(s), n = strlen(end);

    return len >= n && strcmp(s + len - n, end) == 0;
}

int
model_files_add(struct model_files *f, const char *name, int64_t size, const char *sha256,
                struct err *e)
{
    struct model_file *more;

    /* .gitattributes and their like are of no interest; a name that climbs out is an attack. */
    if (!manifest_is_safe(name)) {
        if (strstr(name, "..") == NULL && name[0] == '.')
            return ST_OK;
        return err_setf(e, ST_INVALID, "The source names a file that may not be: %.120s", name);
    }
    if (f->count == FILES_MAX)
        return err_setf(e, ST_TOOBIG, "The source has more than %d files.", FILES_MAX);
    if ((more = realloc(f->list, (f->count + 1) * sizeof *more)) == NULL)
        return err_set(e, ST_NOMEM, "Out of memory.", "list of files");
    f->list = more;
    more += f->count++;
    *more = (struct model_file){.size = size};
    snprintf(more->name, sizeof more->name, "%s", name);
    if (sha256 != NULL && strlen(sha256) == 64)
        snprintf(more->sha256, sizeof more->sha256, "%s", sha256);
    return ST_OK;
}

void
model_files_release(struct model_files *f)
{
    free(f->list);
    *f = (struct model_files){0};
}

struct model_file *
model_files_find(const struct model_files *f, const char *name)
{
    for (size_t i = 0; i < f->count; i++)
        if (strcmp(f->list[i].name, name) == 0)
            return &f->list[i];
    return NULL;
}

bool
model_files_is_pickle(const char *name)
{
    static const char *const ENDS[] = {".bin", ".ckpt", ".pt", ".pth", ".pkl"};

    for (size_t i = 0; i < sizeof ENDS / sizeof *ENDS; i++)
        if (ends_with(name, ENDS[i]))
            return true;
    return false;
}

/* The name inside the part's folder, or NULL when it lies elsewhere or deeper. */
static const char *
inside(const char *name, const char *part)
{
    size_t len = strlen(part);

    if (strncmp(name, part, len) != 0 || name[len] != '/' || strchr(name + len + 1, '/') != NULL)
        return NULL;
    return name + len + 1;
}

/* "-00001-of-00003" at s; *after points behind it. */
static bool
is_shard(const char *s, const char **after)
{
    static const char FORM[] = "-00000-of-00000";

    for (size_t i = 0; i < sizeof FORM - 1; i++)
        if (FORM[i] == '0' ? s[i] < '0' || s[i] > '9' : s[i] != FORM[i])
            return false;
    *after = s + sizeof FORM - 1;
    return true;
}

enum weights { NONE, WHOLE, WHOLE_HALF, SHARD, SHARD_HALF };

/* What a file is to the part: STEM.safetensors, STEM.fp16.safetensors, one of their shards in both
 * spellings, or the shards' index. */
static enum weights
weights_of(const char *name, const char *stem)
{
    static const struct {
        const char *tail;
        enum weights is;
    } TAILS[] = {
        {".safetensors", WHOLE},
        {".fp16.safetensors", WHOLE_HALF},
        {".safetensors.index.json", SHARD},
        {".safetensors.index.fp16.json", SHARD_HALF},
        {".fp16.safetensors.index.json", SHARD_HALF},
    };
    size_t len = strlen(stem);
    const char *tail = name + len, *after;

    if (strncmp(name, stem, len) != 0)
        return NONE;
    for (size_t i = 0; i < sizeof TAILS / sizeof *TAILS; i++)
        if (strcmp(tail, TAILS[i].tail) == 0)
            return TAILS[i].is;
    if (strncmp(tail, ".fp16", 5) == 0 && is_shard(tail + 5, &after))
        return strcmp(after, ".safetensors") == 0 ? SHARD_HALF : NONE;
    if (!is_shard(tail, &after))
        return NONE;
    if (strcmp(after, ".fp16.safetensors") == 0)
        return SHARD_HALF;
    return strcmp(after, ".safetensors") == 0 ? SHARD : NONE;
}

static int
pick_weights(struct model_files *f, const struct part *part, bool half, struct err *e)
{
    static const enum weights ORDER[2][4] = {{WHOLE, SHARD, WHOLE_HALF, SHARD_HALF},
                                             {WHOLE_HALF, SHARD_HALF, WHOLE, SHARD}};
    const char *pickle = NULL;

    for (size_t o = 0; o < 4; o++) {
        bool found = false;
        for (size_t i = 0; i < f->count; i++) {
            const char *name = inside(f->list[i].name, part->name);
            if (name == NULL || weights_of(name, part->stem) != ORDER[half][o])
                continue;
            f->list[i].wanted = true;
            found = found || ends_with(name, ".safetensors");
        }
        if (found)
            return ST_OK;
    }
    for (size_t i = 0; pickle == NULL && i < f->count; i++)
        if (inside(f->list[i].name, part->name) != NULL && model_files_is_pickle(f->list[i].name))
            pickle = f->list[i].name;
    if (pickle != NULL)
        return err_setf(e, ST_UNSUPPORTED,
                        "The weights of \"%s\" exist as %.80s only. Such a file can run code when "
                        "it is opened and is refused: convert it to safetensors, or look for a "
                        "revision that has them.",
                        part->name, pickle);
    return err_setf(e, ST_INVALID, "The model has no %s/%s.safetensors.", part->name, part->stem);
}

static void
pick_small(struct model_files *f, const char *part)
{
    for (size_t i = 0; i < f->count; i++) {
        const char *name = inside(f->list[i].name, part);
        for (size_t s = 0; name != NULL && s < sizeof SMALL / sizeof *SMALL; s++)
            if (strcmp(name, SMALL[s]) == 0)
                f->list[i].wanted = true;
    }
}

static bool
is_licence(const char *name)
{
    return strncasecmp(name, "license", 7) == 0 || strncasecmp(name, "licence", 7) == 0 ||
           strncasecmp(name, "copying", 7) == 0;
}

/* Texts at the top that tell what may be done with the model. */
static void
pick_words(struct model_files *f)
{
    for (size_t i = 0; i < f->count; i++) {
        const char *name = f->list[i].name;
        if (strchr(name, '/') == NULL && (is_licence(name) || strcasecmp(name, "README.md") == 0))
            f->list[i].wanted = true;
    }
}

int
model_files_pick_folder(struct model_files *f, const struct json *index, bool half, struct err *e)
{
    struct model_file *file = model_files_find(f, "model_index.json");
    void *cursor = NULL;
    const char *key;
    const struct json *value;
    int rc = ST_OK;

    if (file == NULL)
        return err_setf(e, ST_INVALID, "The source has no model_index.json.");
    file->wanted = true;
    pick_words(f);
    while (rc == ST_OK && json_next(index, &cursor, &key, &value) == ST_OK) {
        size_t p = 0;
        if (json_kind(value) != JSON_KIND_ARRAY || json_kind(json_at(value, 1)) != JSON_KIND_STRING)
            continue; /* a plain value, or a part that is absent */
        while (p < PART_COUNT && strcmp(PARTS[p].name, key) != 0)
            p++;
        if (p == PART_COUNT)
            return err_setf(e, ST_UNSUPPORTED,
                            "The model has a part \"%.60s\" (%.60s), which this engine cannot do.",
                            key, json_value_text(json_at(value, 1), ""));
        pick_small(f, key);
        if (PARTS[p].stem != NULL)
            rc = pick_weights(f, &PARTS[p], half, e);
    }
    return rc;
}

int
model_files_pick_single(struct model_files *f, const char *name, const struct model_file **picked,
                        struct err *e)
{
    struct model_file *only = NULL;
    size_t many = 0;

    *picked = NULL;
    for (size_t i = 0; i < f->count; i++) {
        if (name != NULL ? strcmp(f->list[i].name, name) != 0
                         : strchr(f->list[i].name, '/') != NULL ||
                               !ends_with(f->list[i].name, ".safetensors"))
            continue;
        only = &f->list[i];
        many++;
    }
    if (name != NULL && model_files_is_pickle(name))
        return err_setf(e, ST_UNSUPPORTED,
                        "%.100s is a pickle, which can run code when it is opened. Convert it to "
                        "safetensors first.",
                        name);
    if (many == 0 && name != NULL)
        return err_setf(e, ST_INVALID, "The source has no file %.100s.", name);
    if (many == 0)
        return err_setf(e, ST_INVALID,
                        "The source has neither a model_index.json nor a file that "
                        "ends in .safetensors.");
    if (many > 1)
        return err_setf(
            e, ST_INVALID,
            "The source has %zu files that end in .safetensors; choose one with --file, "
            "for example %.80s.",
            many, only->name);
    pick_words(f);
    /* A safety checker's numbers of heads, motion modules' noise: small, and there or not. */
    for (size_t i = 0; i < f->count; i++)
        f->list[i].wanted = f->list[i].wanted || strcmp(f->list[i].name, "config.json") == 0 ||
                            strcmp(f->list[i].name, "scheduler_config.json") == 0;
    only->wanted = true;
    *picked = only;
    return ST_OK;
}

const struct model_file *
model_files_licence(const struct model_files *f)
{
    for (size_t i = 0; i < f->count; i++)
        if (f->list[i].wanted && strchr(f->list[i].name, '/') == NULL &&
            is_licence(f->list[i].name))
            return &f->list[i];
    return NULL;
}
