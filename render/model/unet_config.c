/*
 * The U-Net's config.json. Read next: unet.c.
 */
#include <string.h>

#include "common/err.h"
#include "common/json.h"
#include "render/model/unet.h"

static const struct config_only RULES[] = {
    {"class_embed_type", NULL, -1},
    {"num_class_embeds", NULL, -1},
    {"encoder_hid_dim", NULL, -1},
    {"encoder_hid_dim_type", NULL, -1},
    {"time_embedding_dim", NULL, -1},
    {"time_embedding_act_fn", NULL, -1},
    {"timestep_post_act", NULL, -1},
    {"time_embedding_type", "positional", 0},
    {"mid_block_type", "UNetMidBlock2DCrossAttn", 0},
    {"resnet_time_scale_shift", "default", 0},
    {"attention_type", "default", 0},
    {"only_cross_attention", NULL, 0},
    {"mid_block_only_cross_attention", NULL, 0},
    {"dual_cross_attention", NULL, 0},
    {"center_input_sample", NULL, 0},
    {"resnet_skip_time_act", NULL, 0},
    {"class_embeddings_concat", NULL, 0},
    {"cross_attention_norm", NULL, -1},
    {"reverse_transformer_layers_per_block", NULL, -1},
    {"num_attention_heads", NULL, -1},
    {"resnet_out_scale_factor", NULL, 1},
    {"mid_block_scale_factor", NULL, 1},
    {"downsample_padding", NULL, 1},
    {"conv_in_kernel", NULL, 3},
    {"conv_out_kernel", NULL, 3},
};

/* The up blocks repeat the down blocks backwards; anything else is another network. */
static void
check_up(struct config *c, const struct unet_config *u)
{
    bool up[CONFIG_LEVELS];

    for (size_t i = 0; i < u->levels; i++)
        up[i] = u->attention[u->levels - 1 - i];
    if (json_get(c->json, "up_block_types") == NULL) {
        for (size_t i = 0; i < u->levels; i++)
            up[i] = i != 0;
    }
    config_kinds(c, "up_block_types", "CrossAttnUpBlock2D", "UpBlock2D", u->levels, up);
    for (size_t i = 0; i < u->levels && c->rc == ST_OK; i++) {
        if (up[i] != u->attention[u->levels - 1 - i])
            c->rc = err_setf(c->e, ST_UNSUPPORTED,
                             "The model's unet has up_block_types that do not mirror its "
                             "down_block_types.");
    }
}

/* The inputs beside latent, time and context. */
static void
read_more(struct config *c, struct unet_config *u)
{
    static const char *const KINDS[] = {"text_time", NULL};
    bool text = config_choice(c, "addition_embed_type", KINDS, 1) == 0;
    size_t all;

    u->guidance_width = config_size(c, "time_cond_proj_dim", 0, 2, 65536);
    if (!text || c->rc != ST_OK)
        return;
    u->ids = UNET_IDS;
    u->id_width = config_size(c, "addition_time_embed_dim", 0, 2, 4096);
    all = config_size(c, "projection_class_embeddings_input_dim", 0, 1, 65536);
    if (c->rc == ST_OK && (u->id_width == 0 || all <= u->ids * u->id_width))
        c->rc = err_setf(c->e, ST_INVALID,
                         "The model's unet has \"addition_embed_type\" text_time; it then needs "
                         "\"addition_time_embed_dim\", and more than six of it as "
                         "\"projection_class_embeddings_input_dim\".");
    u->pooled_width = all - u->ids * u->id_width;
}

static void
check_numbers(struct config *c, const struct unet_config *u)
{
    for (size_t i = 0; i < u->levels && c->rc == ST_OK; i++) {
        if (u->widths[i] % u->heads[i] != 0)
            c->rc = err_setf(c->e, ST_INVALID,
                             "The model's unet has %zu heads for a width of %zu: "
                             "\"attention_head_dim\" and \"block_out_channels\" do not fit.",
                             u->heads[i], u->widths[i]);
        else if (u->widths[i] > 65536 || u->depth[i] > 64)
            c->rc = err_setf(c->e, ST_INVALID,
                             "The model's unet is too wide or too deep: \"block_out_channels\" "
                             "goes to 65536, \"transformer_layers_per_block\" to 64.");
    }
    if (c->rc == ST_OK && (u->widths[0] | u->guidance_width | u->id_width) % 2 != 0)
        c->rc = err_setf(c->e, ST_INVALID,
                         "The model's unet needs even numbers in \"block_out_channels\", "
                         "\"time_cond_proj_dim\" and \"addition_time_embed_dim\".");
}

int
unet_config_read(const struct json *json, struct unet_config *out, struct err *e)
{
    static const size_t WIDTHS[] = {320, 640, 1280, 1280};
    static const char *const ACTS[] = {"silu", "swish", NULL};
    static const size_t EIGHT[CONFIG_LEVELS] = {8, 8, 8, 8, 8, 8, 8, 8};
    static const size_t ONE[CONFIG_LEVELS] = {1, 1, 1, 1, 1, 1, 1, 1};
    struct config c = {.json = json, .part = "unet", .e = e};
    size_t n;

    memset(out, 0, sizeof *out);
    config_only(&c, RULES, sizeof RULES / sizeof *RULES);
    if (c.rc == ST_OK && json_get(json, "mid_block_type") != NULL &&
        json_kind(json_get(json, "mid_block_type")) == JSON_KIND_NULL)
        c.rc = err_setf(e, ST_UNSUPPORTED,
                        "The model's unet has no \"mid_block_type\", which this engine cannot do.");
    (void)config_choice(&c, "act_fn", ACTS, 0);
    out->in_channels = config_size(&c, "in_channels", 4, 1, 64);
    out->out_channels = config_size(&c, "out_channels", 4, 1, 64);
    out->levels = n = config_list(&c, "block_out_channels", 0, WIDTHS, 4, out->widths);
    out->layers = config_size(&c, "layers_per_block", 2, 1, UNET_LAYERS);
    if (config_list(&c, "attention_head_dim", n, EIGHT, n, out->heads) != n ||
        config_list(&c, "transformer_layers_per_block", n, ONE, n, out->depth) != n) {
        if (c.rc == ST_OK)
            c.rc = err_setf(e, ST_INVALID,
                            "The model's unet needs \"attention_head_dim\" and "
                            "\"transformer_layers_per_block\" as long as \"block_out_channels\".");
    }
    for (size_t i = 0; i < n; i++)
        out->attention[i] = i + 1 < n;
    config_kinds(&c, "down_block_types", "CrossAttnDownBlock2D", "DownBlock2D", n, out->attention);
    check_up(&c, out);
    out->context_width = config_size(&c, "cross_attention_dim", 1280, 1, 65536);
    out->groups = config_size(&c, "norm_num_groups", 32, 1, 4096);
    out->sample_size = config_size(&c, "sample_size", 64, 1, 1024);
    out->norm_eps = config_real(&c, "norm_eps", 1e-5);
    out->freq_shift = config_real(&c, "freq_shift", 0.0);
    out->cos_first = config_bool(&c, "flip_sin_to_cos", true);
    read_more(&c, out);
    check_numbers(&c, out);
    return c.rc;
}
