/*
 * AutoencoderTiny's decoder. Knows no prompt and no sampler. Read next: clip_text.c.
 *
 * Its layers are numbered through, and ReLU and enlargement have numbers too, without tensors. Its
 * own pixels lie in [0, 1]; they leave here as [-1, 1] like those of the other autoencoder.
 */
#include "render/model/autoencoder_tiny.h"

#include <string.h>

#include "common/err.h"
#include "common/json.h"
#include "render/engine/act.h"
#include "render/model/layers.h"
#include "render/model/model_config.h"

#define BLOCKS_MAX 8

struct block {
    struct conv_layer conv[3];
};

struct level {
    size_t count;
    struct block blocks[BLOCKS_MAX];
    struct conv_layer out;
};

struct autoencoder_tiny {
    size_t levels, width, channels;
    double scaling, magnitude;
    struct conv_layer conv_in;
    struct level decoder[CONFIG_LEVELS];
};

static const struct config_only RULES[] = {
    {"act_fn", "relu", 0},    {"upsample_fn", "nearest", 0}, {"upsampling_scaling_factor", NULL, 2},
    {"in_channels", NULL, 3}, {"out_channels", NULL, 3},     {"shift_factor", NULL, 0},
};

static void
read_config(struct loader *l, const struct json *json, struct autoencoder_tiny *a,
            size_t counts[CONFIG_LEVELS])
{
    static const size_t WIDTHS[] = {64, 64, 64, 64}, COUNTS[] = {3, 3, 3, 1};
    struct config c = {.json = json, .part = "vae", .e = l->e, .rc = l->rc};
    size_t widths[CONFIG_LEVELS];

    config_only(&c, RULES, sizeof RULES / sizeof *RULES);
    a->levels = config_list(&c, "decoder_block_out_channels", 0, WIDTHS, 4, widths);
    if (config_list(&c, "num_decoder_blocks", 0, COUNTS, 4, counts) != a->levels && c.rc == ST_OK)
        c.rc = err_setf(l->e, ST_INVALID, "The model's vae has lists of different lengths.");
    a->width = widths[0];
    for (size_t i = 0; i < a->levels && c.rc == ST_OK; i++) {
        if (widths[i] != a->width)
            c.rc =
                err_setf(l->e, ST_UNSUPPORTED, "The model's vae has levels of different widths.");
        else if (counts[i] > BLOCKS_MAX)
            c.rc = err_setf(l->e, ST_UNSUPPORTED,
                            "The model's vae has more than %d blocks on a level.", BLOCKS_MAX);
    }
    a->channels = config_size(&c, "latent_channels", 4, 1, 64);
    a->scaling = config_real(&c, "scaling_factor", 1.0);
    a->magnitude = config_real(&c, "latent_magnitude", 3.0);
    if (c.rc == ST_OK && !(a->scaling > 0.0 && a->magnitude > 0.0))
        c.rc = err_setf(l->e, ST_INVALID, "The model's vae has a scale that is not above 0.");
    l->rc = c.rc;
}

struct autoencoder_tiny *
autoencoder_tiny_load(struct loader *l, const struct json *config, size_t *channels, size_t *factor)
{
    static const char *const PARTS[] = {"conv.0", "conv.2", "conv.4"};
    struct autoencoder_tiny *a = loader_alloc(l, 1, sizeof *a);
    size_t counts[CONFIG_LEVELS] = {0}, slot = 2;
    char name[LAYER_NAME];

    if (a == NULL)
        return NULL;
    read_config(l, config, a, counts);
    if (l->rc != ST_OK)
        return NULL;
    conv_load(l, "decoder", "layers.0", a->channels, a->width, 3, true, &a->conv_in);
    for (size_t i = 0; i < a->levels; i++) {
        struct level *level = &a->decoder[i];
        bool last = i + 1 == a->levels;

        level->count = counts[i];
        for (size_t j = 0; j < level->count; j++, slot++) {
            layer_name_at(name, "decoder", "layers", slot);
            for (size_t k = 0; k < 3; k++)
                conv_load(l, name, PARTS[k], a->width, a->width, 3, true,
                          &level->blocks[j].conv[k]);
        }
        slot += last ? 0 : 1; /* the enlargement */
        layer_name_at(name, "decoder", "layers", slot++);
        conv_load(l, name, "", a->width, last ? 3 : a->width, 3, last, &level->out);
    }
    *channels = a->channels;
    *factor = (size_t)1 << (a->levels - 1);
    return l->rc == ST_OK ? a : NULL;
}

/* x = ReLU(x + conv(ReLU(conv(ReLU(conv x))))), with two buffers of x's size. */
static void
run_block(struct engine *g, const struct block *b, struct tensor *x, float *one, float *two)
{
    size_t count = tensor_count(x);
    struct tensor p = *x, q = *x;

    p.data = one;
    q.data = two;
    conv_run(g, &b->conv[0], x, NULL, NULL, &p);
    act_apply(g, ACT_RELU, p.data, p.data, count);
    conv_run(g, &b->conv[1], &p, NULL, NULL, &q);
    act_apply(g, ACT_RELU, q.data, q.data, count);
    conv_run(g, &b->conv[2], &q, NULL, x->data, x);
    act_apply(g, ACT_RELU, x->data, x->data, count);
}

void
autoencoder_tiny_decode(struct engine *g, const struct autoencoder_tiny *a,
                        const struct tensor *latent, struct tensor *image)
{
    size_t mark = engine_mark(g), count = tensor_count(latent);
    size_t most = latent->n * image->h * image->w * a->width;
    struct tensor z = tensor_new(g, latent->n, latent->h, latent->w, latent->c), x, grown;
    float *one, *two, *three;

    for (size_t i = 0; i < count && !g->planning; i++)
        z.data[i] = (float)((double)latent->data[i] / a->scaling);
    act_soft_clamp(g, z.data, z.data, count, (float)a->magnitude);
    one = engine_floats(g, most);
    two = engine_floats(g, most);
    three = engine_floats(g, most);
    x = z;
    x.data = one;
    x.c = a->width;
    conv_run(g, &a->conv_in, &z, NULL, NULL, &x);
    act_apply(g, ACT_RELU, x.data, x.data, tensor_count(&x));
    for (size_t i = 0; i < a->levels; i++) {
        const struct level *level = &a->decoder[i];

        for (size_t j = 0; j < level->count; j++)
            run_block(g, &level->blocks[j], &x, two, three);
        if (i + 1 == a->levels) {
            conv_run(g, &level->out, &x, NULL, NULL, image);
            break;
        }
        grown = x;
        grown.data = two;
        grown.h *= 2;
        grown.w *= 2;
        conv_run_grown(g, &level->out, &x, &grown);
        two = x.data;
        x = grown;
    }
    count = tensor_count(image);
    for (size_t i = 0; i < count && !g->planning; i++)
        image->data[i] = 2.0f * image->data[i] - 1.0f;
    engine_rewind(g, mark);
    engine_check(g, "decoder.layers", image);
}
