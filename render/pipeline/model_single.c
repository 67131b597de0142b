/*
 * Single-file models. Knows no network; sees what a model is by its tensors' names and shapes, and
 * takes from the manifest what cannot be seen. Read next: render/weights/ldm_names.c.
 */
#include "render/pipeline/model_single.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/err.h"
#include "common/json.h"
#include "common/text.h"
#include "render/model/model_config.h"
#include "render/pipeline/model_parts.h"
#include "render/weights/ldm_names.h"
#include "render/weights/safetensors.h"
#include "render/weights/weight_store.h"

#define CONFIG_TEXT 4096
#define LEVELS 8
#define BLOCKS 1000

/* Names that tell what a file is if it is nothing of ours; the first that fits. */
static const struct {
    const char *begin, *inside, *what;
} STRANGERS[] = {
    {"model.diffusion_model.joint_blocks.", "", "a Stable Diffusion 3 model"},
    {"joint_blocks.", "", "a Stable Diffusion 3 model"},
    {"model.diffusion_model.double_blocks.", "", "a Flux model"},
    {"double_blocks.", "", "a Flux model"},
    {"transformer_blocks.", "", "a transformer of diffusers without its folder"},
    {"model.diffusion_model.", ".time_stack.", "a Stable Video Diffusion model"},
    {"conditioner.embedders.0.open_clip.", "", "a Stable Video Diffusion model"},
    {"conditioner.embedders.0.model.", "", "an SDXL refiner"},
    {"down_blocks.", "effnet", "a Stable Cascade model"},
    {"clip_txt_mapper.", "", "a Stable Cascade model"},
    {"clip_mapper.", "", "a Stable Cascade model"},
    {"unclip", "", "a Kandinsky model"},
    {"encoder_hid_proj.", "", "a Kandinsky model"},
    {"adaln_single.", "", "a PixArt model"},
    {"control_model.", "", "a ControlNet"},
    {"controlnet_", "", "a ControlNet"},
    {"input_hint_block.", "", "a ControlNet"},
    {"lora_", "", "a LoRA (it is given beside a model)"},
    {"unet.", "lora", "a LoRA (it is given beside a model)"},
    {"emb_params", "", "a textual inversion (it is given beside a model)"},
    {"", "motion_modules.", "a motion module (it is given beside a model)"},
    {"model.diffusion_model.label_emb.weight", "", "an upscaler with noise levels"},
};

/* What a pass over the names found out. */
struct seen {
    bool unet, vae, clip, openclip, both; /* both: the two encoders of SDXL */
    size_t unet_layers, unet_blocks, vae_levels, text_layers;
};

static void
most(size_t *to, size_t value)
{
    if (value > *to && value <= BLOCKS)
        *to = value;
}

/* The number after `prefix`, plus one; 0 if the name does not begin so. */
static size_t
count_after(const char *name, const char *prefix, const char **rest)
{
    size_t len = strlen(prefix);
    char *end;
    unsigned long value;

    *rest = "";
    if (strncmp(name, prefix, len) != 0 || name[len] < '0' || name[len] > '9')
        return 0;
    value = strtoul(name + len, &end, 10);
    *rest = end;
    return value < BLOCKS ? (size_t)value + 1 : 0;
}

static void
see(struct seen *s, const char *name)
{
    const char *rest;
    size_t n;

    if ((n = count_after(name, "model.diffusion_model.input_blocks.", &rest)) > 0) {
        s->unet = true;
        most(&s->unet_blocks, n);
        if (strncmp(rest, ".0.op.", 6) == 0 && (s->unet_layers == 0 || n - 2 < s->unet_layers))
            s->unet_layers = n - 2;
    }
    most(&s->vae_levels, count_after(name, "first_stage_model.decoder.up.", &rest));
    most(&s->vae_levels, count_after(name, "vae.decoder.up.", &rest));
    most(&s->text_layers,
         count_after(name, "cond_stage_model.model.transformer.resblocks.", &rest));
    most(&s->text_layers,
         count_after(name, "conditioner.embedders.1.model.transformer.resblocks.", &rest));
    s->clip = s->clip || strncmp(name, "cond_stage_model.transformer.", 29) == 0 ||
              strncmp(name, "conditioner.embedders.0.transformer.", 36) == 0;
    s->openclip = s->openclip || strncmp(name, "cond_stage_model.model.", 23) == 0;
    s->both = s->both || strncmp(name, "conditioner.embedders.1.model.", 30) == 0;
}

static int
refuse(const struct safetensors *file, const char *path, struct err *e)
{
    for (size_t k = 0; k < sizeof STRANGERS / sizeof *STRANGERS; k++) {
        for (size_t i = 0; i < safetensors_count(file); i++) {
            const char *name = safetensors_at(file, i)->name;

            if (strncmp(name, STRANGERS[k].begin, strlen(STRANGERS[k].begin)) == 0 &&
                strstr(name, STRANGERS[k].inside) != NULL)
                return err_setf(e, ST_UNSUPPORTED,
                                "%.120s is %s. This engine cannot open it as a model.", path,
                                STRANGERS[k].what);
        }
    }
    return ST_OK;
}

static int
look(const char *path, struct seen *s, struct err *e)
{
    struct safetensors *file = NULL;
    int rc;

    memset(s, 0, sizeof *s);
    if ((rc = safetensors_open(path, &file, e)) != ST_OK || (rc = refuse(file, path, e)) != ST_OK)
        goto out;
    for (size_t i = 0; i < safetensors_count(file); i++)
        see(s, safetensors_at(file, i)->name);
    s->vae = s->vae_levels > 0;
    if (s->unet_layers == 0 && s->unet_blocks > 0)
        s->unet_layers = s->unet_blocks - 1; /* one level has no downsampler */
    if (!s->unet || !s->vae || !(s->clip || s->openclip) || (s->both && !s->clip))
        rc = err_setf(e, ST_UNSUPPORTED,
                      "%.120s is no Stable Diffusion model in one file: it has no %s.", path,
                      !s->unet  ? "U-Net (model.diffusion_model.…)"
                      : !s->vae ? "autoencoder (first_stage_model.…)"
                                : "text encoder that is known");
out:
    safetensors_close(file);
    return rc;
}

/* A side of a tensor, 0 if there is no such tensor. */
static size_t
side(const struct weight_store *s, const char *name, size_t axis)
{
    size_t shape[8];

    return weight_store_shape(s, name, shape) > axis ? shape[axis] : 0;
}

/* The same with a number or two in the name. */
static size_t
side_at(const struct weight_store *s, const char *format_begin, size_t i, const char *middle,
        size_t j, const char *end, size_t axis)
{
    char name[WEIGHT_NAME];

    (void)snprintf(name, sizeof name, "%s%zu%s%zu%s", format_begin, i, middle, j, end);
    return side(s, name, axis);
}

static size_t
divided(size_t value, size_t by)
{
    return value / by > 0 ? value / by : 1;
}

/* "key": [a, b], */
static void
put_list(struct text *t, const char *key, const size_t *values, size_t count)
{
    text_printf(t, "\"%s\": [", key);
    for (size_t i = 0; i < count; i++)
        text_printf(t, "%s%zu", i > 0 ? ", " : "", values[i]);
    text_puts(t, "], ");
}

static void
put_blocks(struct text *t, const size_t *depth, size_t levels)
{
    text_puts(t, "\"down_block_types\": [");
    for (size_t i = 0; i < levels; i++)
        text_printf(t, "%s\"%s\"", i > 0 ? ", " : "",
                    depth[i] > 0 ? "CrossAttnDownBlock2D" : "DownBlock2D");
    text_puts(t, "], \"up_block_types\": [");
    for (size_t i = 0; i < levels; i++)
        text_printf(t, "%s\"%s\"", i > 0 ? ", " : "",
                    depth[levels - 1 - i] > 0 ? "CrossAttnUpBlock2D" : "UpBlock2D");
    text_puts(t, "], ");
}

/* The side of the latents the model was made for. */
static size_t
sample_size(const struct model_parts *m)
{
    if (m->manifest.defaults.width >= 8)
        return (size_t)m->manifest.defaults.width / 8;
    if (m->family == FAMILY_SDXL)
        return 128;
    return strcmp(m->manifest.prediction, "v_prediction") == 0 ? 96 : 64;
}

static void
describe_unet(const struct model_parts *m, struct text *t)
{
    const struct weight_store *s = m->stores[MODEL_UNET];
    size_t widths[LEVELS], heads[LEVELS], depth[LEVELS], least[LEVELS], levels = 0, layers = 0;
    size_t context = 0, guidance = side(s, "time_embedding.cond_proj.weight", 1);

    while (side_at(s, "down_blocks.", 0, ".resnets.", layers, ".conv1.weight", 0) > 0)
        layers++;
    for (; levels < LEVELS; levels++) {
        size_t i = levels, *d = &depth[i], w;
        char block[64];

        if ((w = side_at(s, "down_blocks.", i, ".resnets.", 0, ".conv1.weight", 0)) == 0)
            break;
        widths[i] = w;
        heads[i] = m->family == FAMILY_SD1 ? 8 : divided(w, 64);
        (void)snprintf(block, sizeof block, "down_blocks.%zu.attentions.", i);
        for (*d = 0; side_at(s, block, 0, ".transformer_blocks.", *d, ".norm1.weight", 0) > 0;)
            ++*d;
        least[i] = *d > 0 ? *d : 1;
        if (context == 0)
            context = side_at(s, block, 0, ".transformer_blocks.", 0, ".attn2.to_k.weight", 1);
    }
    text_printf(t, "{\"in_channels\": %zu, \"out_channels\": %zu, \"layers_per_block\": %zu, ",
                side(s, "conv_in.weight", 1), side(s, "conv_out.weight", 0), layers);
    put_list(t, "block_out_channels", widths, levels);
    put_list(t, "attention_head_dim", heads, levels);
    put_list(t, "transformer_layers_per_block", least, levels);
    put_blocks(t, depth, levels);
    if (guidance > 0)
        text_printf(t, "\"time_cond_proj_dim\": %zu, ", guidance);
    if (m->family == FAMILY_SDXL)
        text_printf(t,
                    "\"addition_embed_type\": \"text_time\", \"addition_time_embed_dim\": 256, "
                    "\"projection_class_embeddings_input_dim\": %zu, ",
                    side(s, "add_embedding.linear_1.weight", 1));
    text_printf(t, "\"cross_attention_dim\": %zu, \"use_linear_projection\": %s, ", context,
                m->family == FAMILY_SD1 ? "false" : "true");
    text_printf(t, "\"sample_size\": %zu}", sample_size(m));
}

static void
describe_vae(const struct model_parts *m, struct text *t)
{
    const struct weight_store *s = m->stores[MODEL_VAE];
    size_t widths[LEVELS], levels = 0, layers = 0;
    size_t quant = side(s, "post_quant_conv.weight", 0);

    while (side_at(s, "decoder.up_blocks.", 0, ".resnets.", layers, ".conv1.weight", 0) > 0)
        layers++;
    while (levels < LEVELS && (widths[levels] = side_at(s, "decoder.up_blocks.", levels,
                                                        ".resnets.", 0, ".conv1.weight", 0)) > 0)
        levels++;
    for (size_t i = 0; 2 * i + 1 < levels; i++) { /* they are listed as the encoder has them */
        size_t other = widths[levels - 1 - i];

        widths[levels - 1 - i] = widths[i];
        widths[i] = other;
    }
    text_puts(t, "{\"_class_name\": \"AutoencoderKL\", ");
    put_list(t, "block_out_channels", widths, levels);
    text_printf(t, "\"layers_per_block\": %zu, \"latent_channels\": %zu, \"scaling_factor\": %s}",
                layers > 0 ? layers - 1 : 0,
                quant > 0 ? quant : side(s, "decoder.conv_in.weight", 1),
                m->family == FAMILY_SDXL ? "0.13025" : "0.18215");
}

static void
describe_text(const struct model_parts *m, enum model_part part, bool openclip, struct text *t)
{
    const struct weight_store *s = m->stores[part];
    const char *prefix = weight_store_has(s, "final_layer_norm.weight") ? "" : "text_model.";
    size_t layers = 0, width, projection = side(s, "text_projection.weight", 0);
    char name[WEIGHT_NAME], list[64];

    (void)snprintf(name, sizeof name, "%sembeddings.token_embedding.weight", prefix);
    width = side(s, name, 1);
    text_printf(t, "{\"vocab_size\": %zu, \"hidden_size\": %zu, ", side(s, name, 0), width);
    (void)snprintf(name, sizeof name, "%sembeddings.position_embedding.weight", prefix);
    text_printf(t, "\"max_position_embeddings\": %zu, ", side(s, name, 0));
    (void)snprintf(list, sizeof list, "%sencoder.layers.", prefix);
    while (side_at(s, list, layers, ".mlp.fc", 1, ".weight", 0) > 0)
        layers++;
    text_printf(t, "\"intermediate_size\": %zu, \"num_hidden_layers\": %zu, ",
                side_at(s, list, 0, ".mlp.fc", 1, ".weight", 0), layers);
    if (projection > 0)
        text_printf(t,
                    "\"architectures\": [\"CLIPTextModelWithProjection\"], "
                    "\"projection_dim\": %zu, ",
                    projection);
    text_printf(t, "\"num_attention_heads\": %zu, \"hidden_act\": \"%s\", \"eos_token_id\": 2}",
                divided(width, 64), openclip ? "gelu" : "quick_gelu");
}

/* Few steps are a distilled model's, which is sampled at the ends of its intervals. */
static int
describe_scheduler(const struct model_parts *m, struct text *t, struct err *e)
{
    const struct manifest *told = &m->manifest;
    bool few = told->defaults.steps > 0 && told->defaults.steps <= 4;
    const char *class = told->scheduler[0] != '\0' ? told->scheduler
                        : m->lcm                   ? "LCMScheduler"
                                                   : "EulerDiscreteScheduler";

    if (told->prediction[0] == '\0' && m->family == FAMILY_SD2)
        return err_setf(e, ST_INVALID,
                        "Whether this model predicts noise or velocity cannot be seen: put "
                        "\"prediction\": \"epsilon\" or \"v_prediction\" into " MANIFEST_FILE
                        " beside it.");
    text_puts(t, "{\"_class_name\": ");
    json_put_string(t, class);
    text_puts(t, ", \"prediction_type\": ");
    json_put_string(t, told->prediction[0] != '\0' ? told->prediction : "epsilon");
    text_printf(t,
                ", \"beta_start\": 0.00085, \"beta_end\": 0.012, \"beta_schedule\": "
                "\"scaled_linear\", \"num_train_timesteps\": 1000, \"steps_offset\": 1, "
                "\"clip_sample\": false, \"set_alpha_to_one\": %s, \"timestep_spacing\": \"%s\"}",
                m->lcm ? "true" : "false", few && !m->lcm ? "trailing" : "leading");
    return ST_OK;
}

/* FOLDER/PART/FILE if it is there, else what `made` says. */
static int
configure(const struct model_parts *m, const char *part, const char *file, const struct text *made,
          struct json **out, struct err *e)
{
    char folder[MODEL_PATH];
    int len = snprintf(folder, sizeof folder, "%s/%s", m->folder, part), rc;

    *out = NULL;
    if (len < 0 || len >= MODEL_PATH)
        return err_setf(e, ST_INVALID, "The path of the model is too long.");
    if ((rc = config_read(folder, file, out, e)) != ST_IO)
        return rc;
    if (made->failed)
        return err_set(e, ST_NOMEM, "Not enough memory for this model.", "configuration");
    return json_parse(made->data, made->len, 6, out, e);
}

static int
describe(struct model_parts *m, bool openclip, struct err *e)
{
    static const char *const NAMES[MODEL_PARTS] = {"text_encoder", "text_encoder_2", "unet", "vae"};
    struct text t;
    int rc = ST_OK;

    for (int i = 0; i < MODEL_PARTS && rc == ST_OK; i++) {
        if (m->stores[i] == NULL)
            continue;
        text_init(&t, CONFIG_TEXT);
        if (i == MODEL_UNET)
            describe_unet(m, &t);
        else if (i == MODEL_VAE)
            describe_vae(m, &t);
        else
            describe_text(m, (enum model_part)i, openclip || i == MODEL_TEXT_2, &t);
        rc = configure(m, NAMES[i], "config.json", &t, &m->configs[i], e);
        text_release(&t);
    }
    if (rc != ST_OK)
        return rc;
    m->lcm = weight_store_has(m->stores[MODEL_UNET], "time_embedding.cond_proj.weight");
    text_init(&t, CONFIG_TEXT);
    rc = describe_scheduler(m, &t, e);
    if (rc == ST_OK || rc == ST_INVALID) {
        int other = configure(m, "scheduler", "scheduler_config.json", &t, &m->scheduler,
                              rc == ST_OK ? e : NULL);

        rc = rc == ST_OK || m->scheduler != NULL ? other : rc;
    }
    text_release(&t);
    return rc;
}

int
model_single_open(struct model_parts *m, const char *path, struct err *e)
{
    static const enum ldm_part PARTS[MODEL_PARTS] = {LDM_TEXT, LDM_TEXT_2, LDM_UNET, LDM_VAE};
    struct seen seen;
    int rc;

    if ((rc = look(path, &seen, e)) != ST_OK)
        return rc;
    m->single = true;
    m->family = seen.both ? FAMILY_SDXL : seen.openclip ? FAMILY_SD2 : FAMILY_SD1;
    m->zeros_for_empty = seen.both;
    /* Both kinds of encoder use one vocabulary, whose files say only how one of them pads. */
    m->pad[0] = seen.openclip ? "!" : "<|endoftext|>";
    m->pad[1] = "!";
    for (int i = 0; i < MODEL_PARTS && rc == ST_OK; i++) {
        struct ldm_layout layout = {.part = PARTS[i],
                                    .unet_layers = seen.unet_layers,
                                    .vae_levels = seen.vae_levels,
                                    .text_layers = seen.text_layers,
                                    .projection = seen.both};
        struct weight_names names = {.translate = ldm_translate, .ctx = &layout};

        /* SD2 takes what the layer before the last says, which is all that others ship. */
        if (seen.openclip && layout.text_layers > 0)
            layout.text_layers--;
        if (i != MODEL_TEXT_2 || seen.both)
            rc = weight_store_open_file(path, &names, &m->stores[i], e);
    }
    return rc == ST_OK ? describe(m, seen.openclip, e) : rc;
}
