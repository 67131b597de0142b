/*
 * Opening a diffusers folder. Knows nothing of sampling. Read next: generate.c.
 */
#include "render/pipeline/pipeline.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/arena.h"
#include "common/err.h"
#include "common/json.h"
#include "render/pipeline/prompt.h"
#include "render/pipeline/prompt_cache.h"
#include "render/weights/weight_store.h"

#define PATH_SIZE 4096
#define PROMPTS_KEPT 48
#define PROMPT_BYTES ((size_t)32 << 20)
#define REST_BYTES ((uint64_t)128 << 20) /* mapping smaller parts again is not worth it */

/* Components and the class each must be of; NULL = the part decides. */
static const struct {
    const char *part, *class;
} PARTS[] = {
    {"text_encoder", "CLIPTextModel"},
    {"unet", "UNet2DConditionModel"},
    {"vae", NULL},
    {"tokenizer", NULL},
    {"scheduler", NULL},
};

static int
part_path(char out[PATH_SIZE], const char *path, const char *part, struct err *e)
{
    int len = snprintf(out, PATH_SIZE, "%s/%s", path, part);

    if (len < 0 || len >= PATH_SIZE)
        return err_setf(e, ST_INVALID, "The path of the model is too long.");
    return ST_OK;
}

static bool
has_part(const struct json *index, const char *part)
{
    return json_kind(json_at(json_get(index, part), 1)) == JSON_KIND_STRING;
}

/* Looks whether model_index.json describes a pipeline of the kind that is implemented. */
static int
read_index(struct pipeline *p, const char *path, struct err *e)
{
    static const char *const ABSENT[] = {"image_encoder", "transformer", "unet_2", "prior",
                                         "text_encoder_3"};
    struct json *index = NULL;
    int rc = config_read(path, "model_index.json", &index, e);

    if (rc == ST_IO)
        return err_setf(e, ST_IO, "There is no model in %.160s: model_index.json cannot be read.",
                        path);
    for (size_t i = 0; rc == ST_OK && i < sizeof ABSENT / sizeof *ABSENT; i++) {
        if (has_part(index, ABSENT[i]))
            rc = err_setf(e, ST_UNSUPPORTED,
                          "The model has a part \"%s\", which this engine cannot do.", ABSENT[i]);
    }
    for (size_t i = 0; rc == ST_OK && i < sizeof PARTS / sizeof *PARTS; i++) {
        const char *class = json_value_text(json_at(json_get(index, PARTS[i].part), 1), NULL);

        if (class == NULL)
            rc = err_setf(e, ST_INVALID, "The model's model_index.json names no \"%s\".",
                          PARTS[i].part);
        else if (PARTS[i].class != NULL && strcmp(class, PARTS[i].class) != 0)
            rc = err_setf(e, ST_UNSUPPORTED,
                          "The model's %s is a \"%.60s\", which this engine cannot do.",
                          PARTS[i].part, class);
    }
    if (rc == ST_OK) {
        p->two_encoders = has_part(index, "text_encoder_2");
        p->zero_negative = json_bool(index, "force_zeros_for_empty_prompt", p->two_encoders);
    }
    json_free(index);
    return rc;
}

/* Opens a part's weights and configuration; the loader is ready after 0. */
static int
open_part(struct pipeline *p, size_t slot, const char *path, const char *part, const char *stem,
          struct loader *l, struct json **config, struct err *e)
{
    char folder[PATH_SIZE];
    int rc;

    *config = NULL;
    if ((rc = part_path(folder, path, part, e)) != ST_OK ||
        (rc = config_read(folder, "config.json", config, e)) != ST_OK ||
        (rc = weight_store_open(folder, stem, &p->stores[slot], e)) != ST_OK)
        return rc;
    p->info.weight_bytes += weight_store_bytes(p->stores[slot]);
    *l = (struct loader){.store = p->stores[slot], .arena = p->arena, .e = e};
    return ST_OK;
}

static int
open_encoder(struct pipeline *p, enum pipeline_part slot, const char *path, const char *part,
             const char *words, struct clip_text **text, struct tokenizer **tokenizer,
             struct err *e)
{
    char folder[PATH_SIZE];
    struct json *config = NULL;
    struct loader l;
    int rc;

    if ((rc = open_part(p, slot, path, part, "model", &l, &config, e)) != ST_OK)
        goto out;
    *text = clip_text_load(&l, config);
    if ((rc = l.rc) != ST_OK)
        goto out;
    if ((rc = part_path(folder, path, words, e)) != ST_OK ||
        (rc = tokenizer_open(folder, tokenizer, e)) != ST_OK)
        goto out;
    if (tokenizer_size(*tokenizer) > (*text)->vocabulary)
        rc = err_setf(e, ST_INVALID, "The model's %s knows %zu words, its %s only %zu.", words,
                      tokenizer_size(*tokenizer), part, (*text)->vocabulary);
out:
    json_free(config);
    return rc;
}

static int
open_text(struct pipeline *p, const char *path, struct err *e)
{
    int rc;

    p->text_normed = true;
    if ((p->prompts = prompt_cache_new(PROMPTS_KEPT, PROMPT_BYTES)) == NULL)
        return err_set(e, ST_NOMEM, "Out of memory.", "prompts");
    if ((rc = open_encoder(p, PIPELINE_TEXT, path, "text_encoder", "tokenizer", &p->text,
                           &p->tokenizer, e)) != ST_OK ||
        !p->two_encoders)
        return rc;
    /* SDXL reads both encoders before their last layer, and without the final norm. */
    p->text_skip = 1;
    p->text_normed = false;
    rc = open_encoder(p, PIPELINE_TEXT2, path, "text_encoder_2", "tokenizer_2", &p->text2,
                      &p->tokenizer2, e);
    if (rc != ST_OK)
        return rc;
    if (p->text2->positions != p->text->positions)
        return err_setf(e, ST_INVALID,
                        "The model's text_encoder has %zu positions, its text_encoder_2 %zu.",
                        p->text->positions, p->text2->positions);
    if (p->text->layers < 2 || p->text2->layers < 2)
        return err_setf(e, ST_INVALID, "The model's text encoders need two layers or more.");
    return ST_OK;
}

static int
open_unet(struct pipeline *p, const char *path, struct err *e)
{
    struct unet_config config;
    struct json *json = NULL;
    struct loader l;
    int rc;

    if ((rc = open_part(p, PIPELINE_UNET, path, "unet", "diffusion_pytorch_model", &l, &json, e)) !=
            ST_OK ||
        (rc = unet_config_read(json, &config, e)) != ST_OK)
        goto out;
    p->unet = unet_load(&l, &config);
    rc = l.rc;
out:
    json_free(json);
    return rc;
}

static int
open_vae(struct pipeline *p, const char *path, struct err *e)
{
    struct json *json = NULL;
    struct loader l;
    int rc;

    if ((rc = open_part(p, PIPELINE_VAE, path, "vae", "diffusion_pytorch_model", &l, &json, e)) ==
        ST_OK) {
        autoencoder_load(&l, json, &p->vae);
        rc = l.rc;
    }
    json_free(json);
    return rc;
}

static int
open_schedule(struct pipeline *p, const char *path, struct err *e)
{
    struct json *json = NULL;
    char folder[PATH_SIZE];
    int rc;

    if ((rc = part_path(folder, path, "scheduler", e)) == ST_OK &&
        (rc = config_read(folder, "scheduler_config.json", &json, e)) == ST_OK)
        rc = schedule_read(json, &p->schedule, e);
    json_free(json);
    return rc;
}

/* Do the parts fit each other? */
static int
check_parts(const struct pipeline *p, struct err *e)
{
    const struct unet_config *u = &p->unet->config;

    if (u->context_width != prompt_width(p))
        return err_setf(
            e, ST_INVALID,
            "The model's unet expects prompts of width %zu, its text_encoder makes %zu.",
            u->context_width, prompt_width(p));
    if (u->in_channels != p->vae.channels || u->out_channels != p->vae.channels)
        return err_setf(e, ST_UNSUPPORTED,
                        "The model's unet has %zu channels in and %zu out, its vae %zu: only plain "
                        "text-to-image models can be used.",
                        u->in_channels, u->out_channels, p->vae.channels);
    if (p->vae.channels > PIPELINE_LATENT)
        return err_setf(e, ST_UNSUPPORTED, "The model's latents have more than %d channels.",
                        PIPELINE_LATENT);
    return ST_OK;
}

static void
describe(struct pipeline *p, const char *path)
{
    size_t len = strlen(path), start;

    while (len > 1 && path[len - 1] == '/')
        len--;
    for (start = len; start > 0 && path[start - 1] != '/'; start--)
        ;
    len -= start;
    if (len >= sizeof p->info.name)
        len = sizeof p->info.name - 1;
    memcpy(p->info.name, path + start, len);
    p->info.multiple = (int)p->vae.factor;
    p->info.native_size = (int)(p->unet->config.sample_size * p->vae.factor);
    p->info.max_tokens = (int)p->text->positions - 2;
}

int
pipeline_open(const char *path, int threads, struct pipeline **out, struct err *e)
{
    struct pipeline *p = NULL;
    int rc;

    *out = NULL;
    if ((p = calloc(1, sizeof *p)) == NULL || (p->arena = arena_new(SIZE_MAX / 2)) == NULL) {
        rc = err_set(e, ST_NOMEM, "Out of memory.", "pipeline");
        goto out;
    }
    if ((rc = read_index(p, path, e)) != ST_OK ||
        (rc = engine_open(threads, &p->engine, e)) != ST_OK ||
        (rc = open_schedule(p, path, e)) != ST_OK || (rc = open_text(p, path, e)) != ST_OK ||
        (rc = open_unet(p, path, e)) != ST_OK || (rc = open_vae(p, path, e)) != ST_OK ||
        (rc = check_parts(p, e)) != ST_OK)
        goto out;
    describe(p, path);
    *out = p;
    p = NULL; /* ownership moved to the caller */
out:
    pipeline_close(p);
    return rc;
}

void
pipeline_close(struct pipeline *p)
{
    if (p == NULL)
        return;
    prompt_cache_free(p->prompts);
    engine_release(&p->engine);
    tokenizer_free(p->tokenizer);
    tokenizer_free(p->tokenizer2);
    for (size_t i = 0; i < sizeof p->stores / sizeof *p->stores; i++)
        weight_store_close(p->stores[i]);
    if (p->arena != NULL)
        arena_free(p->arena);
    free(p);
}

static void
relieve(void *ctx)
{
    const struct pipeline *p = ctx;

    for (size_t i = 0; i < PIPELINE_PARTS; i++)
        weight_store_drop(p->stores[i]);
}

void
pipeline_low_memory(struct pipeline *p, bool on)
{
    p->engine.relieve = on ? relieve : NULL;
    p->engine.relieve_ctx = p;
}

void
pipeline_limit(struct pipeline *p, size_t bytes)
{
    p->limit = bytes;
}

void
pipeline_rest(const struct pipeline *p, enum pipeline_part part)
{
    if (!p->engine.planning && weight_store_bytes(p->stores[part]) >= REST_BYTES)
        weight_store_drop(p->stores[part]);
}

void
pipeline_describe(const struct pipeline *p, struct pipeline_info *out)
{
    *out = p->info;
}
