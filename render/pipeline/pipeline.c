/*
 * From a model's files to its networks. Knows nothing of sampling. Read next: model_parts.c,
 * generate.c.
 */
#include "render/pipeline/pipeline.h"

#include <stdlib.h>
#include <string.h>

#include "common/arena.h"
#include "common/crypto.h"
#include "common/err.h"
#include "render/pipeline/beside.h"
#include "render/pipeline/model_parts.h"
#include "render/pipeline/pipeline_motion.h"
#include "render/pipeline/prompt.h"
#include "render/pipeline/prompt_cache.h"
#include "render/weights/embedding.h"
#include "render/weights/lora.h"
#include "render/weights/quantize.h"
#include "render/weights/weight_store.h"

#define PROMPTS_KEPT 48
#define PROMPT_BYTES ((size_t)32 << 20)
/* An autoencoder that needs more decodes in bands: about 1300 pixels squared with that of SD. */
#define VAE_LIMIT ((size_t)5 << 29)
#define REST_BYTES ((uint64_t)128 << 20) /* mapping smaller parts again is not worth it */

/* The loader of a part; what the part is made of is counted. */
static struct loader
part_loader(struct pipeline *p, enum pipeline_part part, struct err *e)
{
    p->stores[part] = p->parts->stores[part];
    p->info.weight_bytes += weight_store_bytes(p->stores[part]);
    return (struct loader){.store = p->stores[part], .arena = p->arena, .e = e};
}

static int
open_encoder(struct pipeline *p, bool second, struct clip_text **text, struct tokenizer **tokenizer,
             struct err *e)
{
    enum pipeline_part part = second ? PIPELINE_TEXT2 : PIPELINE_TEXT;
    struct loader l = part_loader(p, part, e);
    int rc;

    *text = clip_text_load(&l, p->parts->configs[part]);
    if ((rc = l.rc) != ST_OK ||
        (rc = tokenizer_open_padded(p->parts->tokenizer[second], p->parts->pad[second], tokenizer,
                                    e)) != ST_OK)
        return rc;
    if (tokenizer_size(*tokenizer) > (*text)->vocabulary)
        return err_setf(e, ST_INVALID,
                        "The model's tokenizer%s knows %zu words, its text_encoder%s only %zu.",
                        second ? "_2" : "", tokenizer_size(*tokenizer), second ? "_2" : "",
                        (*text)->vocabulary);
    return ST_OK;
}

static int
open_text(struct pipeline *p, struct err *e)
{
    int rc;

    p->text_normed = true;
    if ((p->prompts = prompt_cache_new(PROMPTS_KEPT, PROMPT_BYTES)) == NULL)
        return err_set(e, ST_NOMEM, "Out of memory.", "prompts");
    if ((rc = open_encoder(p, false, &p->text, &p->tokenizer, e)) != ST_OK || !p->two_encoders)
        return rc;
    /* SDXL reads both encoders before their last layer, and without the final norm. */
    p->text_skip = 1;
    p->text_normed = false;
    rc = open_encoder(p, true, &p->text2, &p->tokenizer2, e);
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
open_unet(struct pipeline *p, struct err *e)
{
    struct loader l = part_loader(p, PIPELINE_UNET, e);
    struct unet_config config;
    int rc = unet_config_read(p->parts->configs[PIPELINE_UNET], &config, e);

    if (rc != ST_OK)
        return rc;
    p->unet = unet_load(&l, &config);
    return l.rc;
}

static int
open_vae(struct pipeline *p, struct err *e)
{
    struct loader l = part_loader(p, PIPELINE_VAE, e);

    autoencoder_load(&l, p->parts->configs[PIPELINE_VAE], &p->vae);
    p->vae.limit = VAE_LIMIT;
    return l.rc;
}

/* Do the parts fit each other? */
static int
check_parts(const struct pipeline *p, struct err *e)
{
    const struct unet_config *u = &p->unet->config;
    size_t c = p->vae.channels;

    if (u->context_width != prompt_width(p))
        return err_setf(
            e, ST_INVALID,
            "The model's unet expects prompts of width %zu, its text_encoder makes %zu.",
            u->context_width, prompt_width(p));
    if (u->pooled_width != prompt_pooled(p))
        return err_setf(e, ST_INVALID,
                        "The model's unet expects %zu numbers of the whole prompt, its "
                        "text_encoder_2 makes %zu.",
                        u->pooled_width, prompt_pooled(p));
    if (u->out_channels != c ||
        (u->in_channels != c && u->in_channels != 2 * c && u->in_channels != 2 * c + 1))
        return err_setf(e, ST_UNSUPPORTED,
                        "The model's unet has %zu channels in and %zu out, its vae %zu: this is "
                        "none of the kinds that are known.",
                        u->in_channels, u->out_channels, c);
    if (p->vae.channels > PIPELINE_LATENT)
        return err_setf(e, ST_UNSUPPORTED, "The model's latents have more than %d channels.",
                        PIPELINE_LATENT);
    return ST_OK;
}

/* A manifest's number; 0 if nobody can mean it. */
static int
small(int64_t v)
{
    return v > 0 && v <= 1 << 20 ? (int)v : 0;
}

static void
describe(struct pipeline *p)
{
    const struct manifest *told = &p->parts->manifest;

    memcpy(p->info.name, p->parts->name,
           sizeof p->info.name < sizeof p->parts->name ? sizeof p->info.name
                                                       : sizeof p->parts->name);
    p->info.name[sizeof p->info.name - 1] = '\0';
    p->info.multiple = (int)p->vae.factor;
    p->info.native_size = (int)(p->unet->config.sample_size * p->vae.factor);
    p->info.max_tokens = (int)p->text->positions - 2;
    p->info.family = model_family_name(p->parts->family);
    p->info.inpaint = p->parts->inpaint;
    p->info.edit = p->parts->edit;
    p->info.lcm = p->parts->lcm;
    p->info.steps = small(told->defaults.steps);
    p->info.width = small(told->defaults.width);
    p->info.height = small(told->defaults.height);
    p->info.guidance = told->defaults.guidance;
    p->info.sampler = told->defaults.sampler;
}

/* LoRAs, then rounding: before the networks see their weights. */
static int
change_weights(struct pipeline *p, const struct pipeline_extras *x, struct err *e)
{
    static const enum pipeline_part PARTS[LORA_PARTS] = {
        [LORA_TEXT] = PIPELINE_TEXT, [LORA_TEXT_2] = PIPELINE_TEXT2, [LORA_UNET] = PIPELINE_UNET};
    struct weight_store *stores[LORA_PARTS];
    char file[BESIDE_PATH];
    int rc = ST_OK;

    for (int i = 0; i < LORA_PARTS; i++)
        stores[i] = p->parts->stores[PARTS[i]];
    for (size_t i = 0; i < x->lora_count && rc == ST_OK; i++) {
        if ((rc = beside_file(x->loras[i].path, file, e)) == ST_OK)
            rc = lora_merge(file, x->loras[i].weight, stores, e);
    }
    for (int i = 0; i < LORA_PARTS && rc == ST_OK && x->int8; i++) {
        if (stores[i] != NULL)
            rc = quantize_store(stores[i], e);
    }
    return rc;
}

/* Textual inversions: each must be for an encoder of this model. */
static int
read_embeddings(struct pipeline *p, const struct pipeline_extras *x, struct err *e)
{
    struct embedding *list =
        arena_calloc(p->arena, EMBEDDING_FILE * x->embedding_count + 1, sizeof *list);
    int rc;

    if (list == NULL)
        return err_set(e, ST_NOMEM, "Out of memory.", "embeddings");
    for (size_t i = 0; i < x->embedding_count; i++) {
        struct embedding *to = list + p->embedding_count;
        char file[BESIDE_PATH];
        size_t count;

        if ((rc = beside_file(x->embeddings[i], file, e)) != ST_OK ||
            (rc = embedding_read(file, p->arena, to, &count, e)) != ST_OK)
            return rc;
        for (size_t k = 0; k < count; k++) {
            if (to[k].width != p->text->width &&
                (p->text2 == NULL || to[k].width != p->text2->width))
                return err_setf(e, ST_INVALID,
                                "The textual inversion %.60s has vectors of width %zu, the "
                                "model's text encoder of %zu.",
                                to[k].token, to[k].width, p->text->width);
        }
        p->embedding_count += count;
    }
    p->embeddings = list;
    return ST_OK;
}

static void
mix(struct crypto_sha256_state *s, const char *path, double weight)
{
    const char *slash = strrchr(path, '/'), *name = slash != NULL ? slash + 1 : path;

    crypto_sha256_update(s, name, strlen(name) + 1);
    crypto_sha256_update(s, &weight, sizeof weight);
}

/* By names and strengths: the same files may lie elsewhere on another host. */
static void
digest_extras(struct pipeline *p, const struct pipeline_extras *x)
{
    struct crypto_sha256_state s;

    crypto_sha256_init(&s);
    for (size_t i = 0; i < x->lora_count; i++)
        mix(&s, x->loras[i].path, x->loras[i].weight);
    mix(&s, x->int8 ? "int8" : "", 0.0);
    for (size_t i = 0; i < x->embedding_count; i++)
        mix(&s, x->embeddings[i], 0.0);
    crypto_sha256_final(&s, p->extras);
}

int
pipeline_open(const char *path, int threads, struct pipeline **out, struct err *e)
{
    return pipeline_open_with(path, threads, NULL, out, e);
}

int
pipeline_open_with(const char *path, int threads, const struct pipeline_extras *extras,
                   struct pipeline **out, struct err *e)
{
    static const struct pipeline_extras NONE;
    struct pipeline *p = NULL;
    int rc;

    *out = NULL;
    if ((p = calloc(1, sizeof *p)) == NULL || (p->arena = arena_new(SIZE_MAX / 2)) == NULL) {
        rc = err_set(e, ST_NOMEM, "Out of memory.", "pipeline");
        goto out;
    }
    if (extras == NULL)
        extras = &NONE;
    digest_extras(p, extras);
    if ((rc = model_parts_open(path, &p->parts, e)) != ST_OK ||
        (rc = change_weights(p, extras, e)) != ST_OK)
        goto out;
    p->two_encoders = p->parts->stores[MODEL_TEXT_2] != NULL;
    p->zero_negative = p->parts->zeros_for_empty;
    if ((rc = engine_open(threads, &p->engine, e)) != ST_OK ||
        (rc = schedule_read(p->parts->scheduler, &p->schedule, e)) != ST_OK ||
        (rc = open_text(p, e)) != ST_OK || (rc = open_unet(p, e)) != ST_OK ||
        (rc = open_vae(p, e)) != ST_OK || (rc = check_parts(p, e)) != ST_OK ||
        (rc = read_embeddings(p, extras, e)) != ST_OK ||
        (extras->motion != NULL && (rc = pipeline_set_motion(p, extras->motion, e)) != ST_OK))
        goto out;
    describe(p);
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
    pipeline_motion_free(p->motion);
    engine_release(&p->engine);
    tokenizer_free(p->tokenizer);
    tokenizer_free(p->tokenizer2);
    model_parts_close(p->parts);
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
    pipeline_motion_rest(p);
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
    if (!p->engine.planning && part == PIPELINE_UNET && pipeline_motion_bytes(p) >= REST_BYTES)
        pipeline_motion_rest(p);
}

int
pipeline_intact(const struct pipeline *p, struct err *e)
{
    for (size_t i = 0; i < PIPELINE_PARTS; i++) {
        if (weight_store_intact(p->stores[i], e) != ST_OK)
            return ST_IO;
    }
    return pipeline_motion_intact(p, e);
}

void
pipeline_describe(const struct pipeline *p, struct pipeline_info *out)
{
    *out = p->info;
}
