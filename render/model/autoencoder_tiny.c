/*
 * AutoencoderTiny. Knows no prompt and no sampler. Read next: clip_text.c.
 *
 * Its layers are numbered through; in the decoder ReLU and enlargement have numbers too, without
 * tensors, and there is a ReLU after the first layer, which the encoder lacks. Its own pixels lie
 * in [0, 1]; here they are [-1, 1] like those of the other autoencoder.
 */
#include "render/model/autoencoder_tiny.h"

#include <string.h>

#include "common/err.h"
#include "common/json.h"
#include "render/engine/act.h"
#include "render/model/layers.h"
#include "render/model/model_config.h"
#include "render/weights/weight_store.h"

#define BLOCKS_MAX 8

struct block {
    struct conv_layer conv[3];
};

struct level {
    size_t count;
    struct block blocks[BLOCKS_MAX];
    struct conv_layer
        out; /* decoder: after the blocks; encoder: before them, its first reads pixels */
};

struct autoencoder_tiny {
    size_t levels, width, channels;
    double scaling, magnitude;
    bool can_encode;
    struct conv_layer conv_in; /* of the decoder */
    struct level decoder[CONFIG_LEVELS];
    struct level encoder[CONFIG_LEVELS];
    struct conv_layer encoder_out;
};

static const struct config_only RULES[] = {
    {"act_fn", "relu", 0},    {"upsample_fn", "nearest", 0}, {"upsampling_scaling_factor", NULL, 2},
    {"in_channels", NULL, 3}, {"out_channels", NULL, 3},     {"shift_factor", NULL, 0},
};

/* The lists of one half: equal widths, as many as there are counts. Returns the number of levels.
 */
static size_t
read_half(struct config *c, const char *widths_key, const char *counts_key, const size_t *missing,
          size_t *width, size_t counts[CONFIG_LEVELS])
{
    static const size_t WIDTHS[] = {64, 64, 64, 64};
    size_t widths[CONFIG_LEVELS], levels;

    levels = config_list(c, widths_key, 0, WIDTHS, 4, widths);
    if (config_list(c, counts_key, 0, missing, 4, counts) != levels && c->rc == ST_OK)
        c->rc = err_setf(c->e, ST_INVALID, "The model's vae has lists of different lengths.");
    *width = widths[0];
    for (size_t i = 0; i < levels && c->rc == ST_OK; i++) {
        if (widths[i] != *width)
            c->rc =
                err_setf(c->e, ST_UNSUPPORTED, "The model's vae has levels of different widths.");
        else if (counts[i] > BLOCKS_MAX)
            c->rc = err_setf(c->e, ST_UNSUPPORTED,
                             "The model's vae has more than %d blocks on a level.", BLOCKS_MAX);
    }
    return levels;
}

static void
read_config(struct loader *l, const struct json *json, struct autoencoder_tiny *a)
{
    static const size_t DOWN[] = {1, 3, 3, 3}, UP[] = {3, 3, 3, 1};
    struct config c = {.json = json, .part = "vae", .e = l->e, .rc = l->rc};
    size_t counts[CONFIG_LEVELS] = {0}, width;

    config_only(&c, RULES, sizeof RULES / sizeof *RULES);
    a->levels =
        read_half(&c, "decoder_block_out_channels", "num_decoder_blocks", UP, &a->width, counts);
    for (size_t i = 0; i < a->levels; i++)
        a->decoder[i].count = counts[i];
    if (a->can_encode) {
        if (read_half(&c, "encoder_block_out_channels", "num_encoder_blocks", DOWN, &width,
                      counts) != a->levels ||
            width != a->width) {
            if (c.rc == ST_OK)
                c.rc = err_setf(l->e, ST_UNSUPPORTED,
                                "The model's vae has an encoder and a decoder of different sizes.");
        }
        for (size_t i = 0; i < a->levels; i++)
            a->encoder[i].count = counts[i];
    }
    a->channels = config_size(&c, "latent_channels", 4, 1, 64);
    a->scaling = config_real(&c, "scaling_factor", 1.0);
    a->magnitude = config_real(&c, "latent_magnitude", 3.0);
    if (c.rc == ST_OK && !(a->scaling > 0.0 && a->magnitude > 0.0))
        c.rc = err_setf(l->e, ST_INVALID, "The model's vae has a scale that is not above 0.");
    l->rc = c.rc;
}

/* A convolution and its ReLU. */
static void
load_rectified(struct loader *l, const char *prefix, const char *name, size_t in, size_t out,
               struct conv_layer *to)
{
    conv_load(l, prefix, name, in, out, 3, true, to);
    to->rectify = true;
}

/* The blocks of a level; returns the number of the layer after them. */
static size_t
load_blocks(struct loader *l, const char *half, size_t slot, size_t width, struct level *to)
{
    static const char *const PARTS[] = {"conv.0", "conv.2", "conv.4"};
    char name[LAYER_NAME];

    for (size_t j = 0; j < to->count; j++, slot++) {
        layer_name_at(name, half, "layers", slot);
        for (size_t k = 0; k < 3; k++)
            load_rectified(l, name, PARTS[k], width, width, &to->blocks[j].conv[k]);
    }
    return slot;
}

static void
load_decoder(struct loader *l, struct autoencoder_tiny *a)
{
    char name[LAYER_NAME];
    size_t slot = 2;

    load_rectified(l, "decoder", "layers.0", a->channels, a->width, &a->conv_in);
    for (size_t i = 0; i < a->levels; i++) {
        bool last = i + 1 == a->levels;

        slot = load_blocks(l, "decoder", slot, a->width, &a->decoder[i]);
        slot += last ? 0 : 1; /* the enlargement */
        layer_name_at(name, "decoder", "layers", slot++);
        conv_load(l, name, "", a->width, last ? 3 : a->width, 3, last, &a->decoder[i].out);
    }
}

static void
load_encoder(struct loader *l, struct autoencoder_tiny *a)
{
    char name[LAYER_NAME];
    size_t slot = 0;

    for (size_t i = 0; i < a->levels; i++) {
        struct level *level = &a->encoder[i];

        layer_name_at(name, "encoder", "layers", slot++);
        conv_load(l, name, "", i == 0 ? 3 : a->width, a->width, 3, i == 0, &level->out);
        level->out.shape.stride = i == 0 ? 1 : 2;
        slot = load_blocks(l, "encoder", slot, a->width, level);
    }
    layer_name_at(name, "encoder", "layers", slot);
    conv_load(l, name, "", a->width, a->channels, 3, true, &a->encoder_out);
}

struct autoencoder_tiny *
autoencoder_tiny_load(struct loader *l, const struct json *config, size_t *channels, size_t *factor)
{
    struct autoencoder_tiny *a = loader_alloc(l, 1, sizeof *a);

    if (a == NULL)
        return NULL;
    a->can_encode = weight_store_has(l->store, "encoder.layers.0.weight");
    read_config(l, config, a);
    if (l->rc != ST_OK)
        return NULL;
    load_decoder(l, a);
    if (a->can_encode)
        load_encoder(l, a);
    *channels = a->channels;
    *factor = (size_t)1 << (a->levels - 1);
    return l->rc == ST_OK ? a : NULL;
}

/* x = ReLU(x + conv(ReLU(conv(ReLU(conv x))))), with two buffers of x's size. */
static void
run_block(struct engine *g, const struct block *b, struct tensor *x, float *one, float *two)
{
    struct tensor p = *x, q = *x;

    p.data = one;
    q.data = two;
    conv_run(g, &b->conv[0], x, NULL, NULL, &p);
    conv_run(g, &b->conv[1], &p, NULL, NULL, &q);
    conv_run(g, &b->conv[2], &q, NULL, x->data, x);
}

static void
decode(struct engine *g, const struct autoencoder_tiny *a, const struct tensor *latent,
       struct tensor *image)
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
}

/* How many latent rows a row of the picture sees on each side: every convolution sees one more. */
static size_t
reach(const struct autoencoder_tiny *a)
{
    size_t rows = 0;

    for (size_t i = a->levels; i-- > 0;) {
        rows += 1;
        if (i + 1 < a->levels)
            rows = (rows + 1) / 2;
        rows += 3 * a->decoder[i].count;
    }
    return rows + 1;
}

/* In `bands` bands of rows, each with all that it sees around it. */
static void
decode_bands(struct engine *g, const struct autoencoder_tiny *a, size_t bands,
             const struct tensor *latent, struct tensor *image)
{
    size_t rows = (latent->h + bands - 1) / bands, halo = reach(a), mark = engine_mark(g);
    size_t factor = image->h / latent->h, line = image->w * image->c;

    for (size_t first = 0; first < latent->h; first += rows) {
        size_t end = first + rows < latent->h ? first + rows : latent->h;
        size_t from = first > halo ? first - halo : 0;
        size_t to = end + halo < latent->h ? end + halo : latent->h;
        struct tensor z = *latent, out = tensor_new(g, 1, (to - from) * factor, image->w, image->c);

        z.data += from * z.w * z.c;
        z.h = to - from;
        decode(g, a, &z, &out);
        if (!g->planning)
            memcpy(image->data + first * factor * line, out.data + (first - from) * factor * line,
                   (end - first) * factor * line * sizeof(float));
        engine_rewind(g, mark);
    }
}

static size_t
need(const struct engine *g, const struct autoencoder_tiny *a, size_t bands,
     const struct tensor *latent, struct tensor *image)
{
    struct engine plan = *g;

    plan.planning = true;
    plan.pool = NULL; /* for any number of threads the same way */
    plan.peak = plan.used;
    if (bands == 1)
        decode(&plan, a, latent, image);
    else
        decode_bands(&plan, a, bands, latent, image);
    return plan.peak - plan.used;
}

void
autoencoder_tiny_decode(struct engine *g, const struct autoencoder_tiny *a, size_t limit,
                        const struct tensor *latent, struct tensor *image)
{
    size_t bands = 1;

    while (limit != 0 && bands < latent->h && need(g, a, bands, latent, image) > limit)
        bands++;
    if (bands == 1)
        decode(g, a, latent, image);
    else
        decode_bands(g, a, bands, latent, image);
    engine_check(g, "decoder.layers", image);
}

bool
autoencoder_tiny_can_encode(const struct autoencoder_tiny *a)
{
    return a->can_encode;
}

static void
encode(struct engine *g, const struct autoencoder_tiny *a, const struct tensor *image,
       struct tensor *latent)
{
    size_t mark = engine_mark(g), count = tensor_count(image);
    size_t most = image->n * image->h * image->w * a->width;
    struct tensor pixels = tensor_new(g, image->n, image->h, image->w, 3), x = pixels, down;
    float *free_ones[3];

    for (size_t i = 0; i < count && !g->planning; i++)
        pixels.data[i] = 0.5f * image->data[i] + 0.5f;
    for (size_t i = 0; i < 3; i++)
        free_ones[i] = engine_floats(g, most);
    for (size_t i = 0; i < a->levels; i++) {
        const struct level *level = &a->encoder[i];

        down = x;
        down.data = free_ones[0];
        down.c = a->width;
        down.h = conv_out_side(&level->out.shape, x.h);
        down.w = conv_out_side(&level->out.shape, x.w);
        conv_run(g, &level->out, &x, NULL, NULL, &down);
        free_ones[0] = i == 0 ? free_ones[2] : x.data;
        x = down;
        for (size_t j = 0; j < level->count; j++)
            run_block(g, &level->blocks[j], &x, free_ones[0], free_ones[1]);
    }
    conv_run(g, &a->encoder_out, &x, NULL, NULL, latent);
    count = tensor_count(latent);
    for (size_t i = 0; i < count && !g->planning; i++)
        latent->data[i] = (float)(a->scaling * (double)latent->data[i]);
    engine_rewind(g, mark);
}

/* How many latent rows of pixels a latent row sees on each side. */
static size_t
encode_reach(const struct autoencoder_tiny *a)
{
    size_t rows = 1, factor = (size_t)1 << (a->levels - 1);

    for (size_t i = a->levels; i-- > 0;)
        rows = (rows + 3 * a->encoder[i].count) * (i > 0 ? 2 : 1) + 1;
    return (rows + factor - 1) / factor;
}

static void
encode_bands(struct engine *g, const struct autoencoder_tiny *a, size_t bands,
             const struct tensor *image, struct tensor *latent)
{
    size_t rows = (latent->h + bands - 1) / bands, halo = encode_reach(a), mark = engine_mark(g);
    size_t factor = image->h / latent->h, line = latent->w * latent->c;

    for (size_t first = 0; first < latent->h; first += rows) {
        size_t end = first + rows < latent->h ? first + rows : latent->h;
        size_t from = first > halo ? first - halo : 0;
        size_t to = end + halo < latent->h ? end + halo : latent->h;
        struct tensor x = *image, out = tensor_new(g, 1, to - from, latent->w, latent->c);

        x.data += from * factor * x.w * x.c;
        x.h = (to - from) * factor;
        encode(g, a, &x, &out);
        if (!g->planning)
            memcpy(latent->data + first * line, out.data + (first - from) * line,
                   (end - first) * line * sizeof(float));
        engine_rewind(g, mark);
    }
}

static size_t
encode_need(const struct engine *g, const struct autoencoder_tiny *a, size_t bands,
            const struct tensor *image, struct tensor *latent)
{
    struct engine plan = *g;

    plan.planning = true;
    plan.pool = NULL; /* for any number of threads the same way */
    plan.peak = plan.used;
    if (bands == 1)
        encode(&plan, a, image, latent);
    else
        encode_bands(&plan, a, bands, image, latent);
    return plan.peak - plan.used;
}

void
autoencoder_tiny_encode(struct engine *g, const struct autoencoder_tiny *a, size_t limit,
                        const struct tensor *image, struct tensor *latent)
{
    size_t bands = 1;

    while (limit != 0 && bands < latent->h && encode_need(g, a, bands, image, latent) > limit)
        bands++;
    if (bands == 1)
        encode(g, a, image, latent);
    else
        encode_bands(g, a, bands, image, latent);
    engine_check(g, "encoder.layers", latent);
}
