/*
 * AutoencoderKL. Knows no prompt and no sampler. Read next: autoencoder_tiny.c.
 *
 * Easy to get wrong: all norms have eps 1e-6; the way down pads right and bottom only; quant_conv
 * and post_quant_conv belong to it; the decoder has one resnet more per level than the encoder.
 */
#include "render/model/autoencoder_kl.h"

#include <stdint.h>
#include <string.h>

#include "common/err.h"
#include "common/json.h"
#include "render/engine/attention.h"
#include "render/engine/packed.h"
#include "render/model/autoencoder_tiles.h"
#include "render/model/model_config.h"
#include "render/model/resnet.h"
#include "render/weights/weight_store.h"

#define EPS 1e-6
#define LAYERS_MAX 8

struct level {
    size_t count;
    struct resnet resnets[LAYERS_MAX + 1];
    bool has_sampler;
    struct conv_layer sampler;
};

struct mid {
    struct resnet first, second;
    bool has_attention;
    struct norm norm;
    struct linear qkv, out;
};

struct coder {
    struct conv_layer conv_in, conv_out;
    struct norm norm_out;
    struct mid mid;
    struct level levels[CONFIG_LEVELS];
};

struct autoencoder_kl {
    size_t levels, widths[CONFIG_LEVELS], layers, channels, groups;
    double scaling, shift;
    bool has_quant, has_post_quant, has_attention, has_encoder;
    struct linear quant, post_quant; /* 1×1 convolutions */
    struct coder decoder, encoder;
};

static const struct config_only RULES[] = {
    {"act_fn", "silu", 0},    {"latents_mean", NULL, -1}, {"latents_std", NULL, -1},
    {"in_channels", NULL, 3}, {"out_channels", NULL, 3},
};

static void
read_config(struct loader *l, const struct json *json, struct autoencoder_kl *a)
{
    static const size_t WIDTHS[] = {64};
    struct config c = {.json = json, .part = "vae", .e = l->e, .rc = l->rc};
    bool kinds[CONFIG_LEVELS];

    config_only(&c, RULES, sizeof RULES / sizeof *RULES);
    a->levels = config_list(&c, "block_out_channels", 0, WIDTHS, 1, a->widths);
    a->layers = config_size(&c, "layers_per_block", 1, 1, LAYERS_MAX);
    a->channels = config_size(&c, "latent_channels", 4, 1, 64);
    a->groups = config_size(&c, "norm_num_groups", 32, 1, 4096);
    a->scaling = config_real(&c, "scaling_factor", 0.18215);
    a->shift = config_real(&c, "shift_factor", 0.0);
    a->has_quant = config_bool(&c, "use_quant_conv", true);
    a->has_post_quant = config_bool(&c, "use_post_quant_conv", true);
    a->has_attention = config_bool(&c, "mid_block_add_attention", true);
    config_kinds(&c, "down_block_types", "DownEncoderBlock2D", "DownEncoderBlock2D", a->levels,
                 kinds);
    config_kinds(&c, "up_block_types", "UpDecoderBlock2D", "UpDecoderBlock2D", a->levels, kinds);
    if (c.rc == ST_OK && !(a->scaling > 0.0))
        c.rc =
            err_setf(l->e, ST_INVALID, "The model's vae has a scaling_factor that is not above 0.");
    l->rc = c.rc;
}

static void
load_mid(struct loader *l, const struct autoencoder_kl *a, const char *prefix, size_t width,
         struct mid *to)
{
    static const char *const NEW[] = {"to_q", "to_k", "to_v"};
    static const char *const OLD[] = {"query", "key", "value"};
    char name[LAYER_NAME], probe[LAYER_NAME];
    bool old;

    layer_name(name, prefix, "mid_block.resnets.0");
    resnet_load(l, name, width, width, 0, a->groups, EPS, &to->first);
    layer_name(name, prefix, "mid_block.resnets.1");
    resnet_load(l, name, width, width, 0, a->groups, EPS, &to->second);
    to->has_attention = a->has_attention;
    if (!a->has_attention)
        return;
    layer_name(name, prefix, "mid_block.attentions.0");
    layer_name(probe, name, "query.weight");
    old = weight_store_has(l->store, probe);
    norm_load(l, name, "group_norm", width, a->groups, EPS, &to->norm);
    linear_load_side_by_side(l, name, old ? OLD : NEW, 3, width, width, true, &to->qkv);
    linear_load(l, name, old ? "proj_attn" : "to_out.0", width, width, true, &to->out);
}

/* One side. `down`: the encoder, whose levels shrink and have one resnet less. */
static void
load_coder(struct loader *l, const struct autoencoder_kl *a, bool down, struct coder *to)
{
    const char *prefix = down ? "encoder" : "decoder";
    size_t n = a->levels, first = a->widths[0], deep = a->widths[n - 1];
    size_t width = down ? first : deep;
    char list[LAYER_NAME], block[LAYER_NAME], name[LAYER_NAME];

    conv_load(l, prefix, "conv_in", down ? 3 : a->channels, width, 3, true, &to->conv_in);
    load_mid(l, a, prefix, deep, &to->mid);
    layer_name(list, prefix, down ? "down_blocks" : "up_blocks");
    for (size_t i = 0; i < n; i++) {
        struct level *level = &to->levels[i];
        size_t out = a->widths[down ? i : n - 1 - i];

        layer_name_at(block, "", list, i);
        level->count = a->layers + (down ? 0 : 1);
        level->has_sampler = i + 1 < n;
        for (size_t j = 0; j < level->count; j++) {
            layer_name_at(name, block, "resnets", j);
            resnet_load(l, name, width, out, 0, a->groups, EPS, &level->resnets[j]);
            width = out;
        }
        if (!level->has_sampler)
            continue;
        conv_load(l, block, down ? "downsamplers.0.conv" : "upsamplers.0.conv", out, out, 3, true,
                  &level->sampler);
        if (down) {
            level->sampler.shape.stride = 2;
            level->sampler.shape.before = 0;
        }
    }
    norm_load(l, prefix, "conv_norm_out", width, a->groups, EPS, &to->norm_out);
    conv_load(l, prefix, "conv_out", width, down ? 2 * a->channels : 3, 3, true, &to->conv_out);
}

struct autoencoder_kl *
autoencoder_kl_load(struct loader *l, const struct json *config, size_t *channels, size_t *factor)
{
    struct autoencoder_kl *a = loader_alloc(l, 1, sizeof *a);

    if (a == NULL)
        return NULL;
    read_config(l, config, a);
    if (l->rc != ST_OK)
        return NULL;
    if (a->has_post_quant)
        linear_load(l, "", "post_quant_conv", a->channels, a->channels, true, &a->post_quant);
    load_coder(l, a, false, &a->decoder);
    a->has_encoder = weight_store_has(l->store, "encoder.conv_in.weight");
    if (a->has_encoder) {
        load_coder(l, a, true, &a->encoder);
        if (a->has_quant)
            linear_load(l, "", "quant_conv", 2 * a->channels, 2 * a->channels, true, &a->quant);
    }
    *channels = a->channels;
    *factor = (size_t)1 << (a->levels - 1);
    return l->rc == ST_OK ? a : NULL;
}

/* Two buffers written in turn. */
struct turns {
    float *buffers[2];
    size_t next;
};

static struct tensor
turn(struct turns *t, size_t n, size_t h, size_t w, size_t c)
{
    struct tensor out = {t->buffers[t->next], n, h, w, c};

    t->next = 1 - t->next;
    return out;
}

static struct tensor
run_mid(struct engine *g, const struct mid *m, struct turns *t, struct tensor x)
{
    size_t rows = x.n * x.h * x.w, mark = engine_mark(g);
    struct tensor out = turn(t, x.n, x.h, x.w, x.c);

    resnet_run(g, &m->first, &x, NULL, &out);
    x = out;
    if (m->has_attention) {
        struct tensor normed = tensor_new(g, x.n, x.h, x.w, x.c);
        float *qkv = engine_floats(g, rows * 3 * x.c);
        struct attention a = {
            .n = x.n, .heads = 1, .head_width = x.c, .queries = x.h * x.w, .keys = x.h * x.w};

        norm_run(g, &m->norm, &x, false, &normed);
        linear_run_batch(g, &m->qkv, normed.data, x.n, x.h * x.w, qkv, NULL);
        a.q = qkv;
        a.k = qkv + x.c;
        a.v = qkv + 2 * x.c;
        a.ldq = a.ldk = a.ldv = 3 * x.c;
        a.out = normed.data;
        a.ldo = x.c;
        attend(g, &a);
        linear_run_batch(g, &m->out, normed.data, x.n, x.h * x.w, x.data, x.data);
        engine_rewind(g, mark);
    }
    out = turn(t, x.n, x.h, x.w, x.c);
    resnet_run(g, &m->second, &x, NULL, &out);
    return out;
}

static struct tensor
run_resnets(struct engine *g, const struct level *level, struct turns *t, struct tensor x)
{
    for (size_t j = 0; j < level->count; j++) {
        struct tensor out = turn(t, x.n, x.h, x.w, level->resnets[j].conv1.out);

        resnet_run(g, &level->resnets[j], &x, NULL, &out);
        x = out;
    }
    return x;
}

static struct tensor
run_level(struct engine *g, const struct level *level, struct turns *t, struct tensor x, bool down)
{
    x = run_resnets(g, level, t, x);
    if (level->has_sampler) {
        const struct conv_shape *s = &level->sampler.shape;
        struct tensor out = down ? turn(t, x.n, conv_out_side(s, x.h), conv_out_side(s, x.w), x.c)
                                 : turn(t, x.n, 2 * x.h, 2 * x.w, x.c);

        if (down)
            conv_run(g, &level->sampler, &x, NULL, NULL, &out);
        else
            conv_run_grown(g, &level->sampler, &x, &out);
        x = out;
    }
    return x;
}

/* Buffers for the widest state between a latent of h × w and its image. */
static void
new_turns(struct engine *g, const struct autoencoder_kl *a, size_t n, size_t h, size_t w,
          struct turns *t)
{
    size_t most = 0;

    for (size_t i = 0; i < a->levels; i++) {
        size_t side = (size_t)1 << (a->levels - 1 - i); /* level i by latent sides */
        size_t wide = a->widths[i + 1 < a->levels ? i + 1 : i];

        wide = wide > a->widths[i] ? wide : a->widths[i];
        if (i > 0 && a->widths[i - 1] > wide)
            wide = a->widths[i - 1];
        if (n * h * w * side * side * wide > most)
            most = n * h * w * side * side * wide;
    }
    t->buffers[0] = engine_floats(g, most);
    t->buffers[1] = engine_floats(g, most);
    t->next = 0;
}

/* What the decoder's first layer reads. */
static struct tensor
unscaled(struct engine *g, const struct autoencoder_kl *a, const struct tensor *latent)
{
    struct tensor z = tensor_new(g, latent->n, latent->h, latent->w, latent->c), mixed;
    size_t count = tensor_count(latent);

    for (size_t i = 0; i < count && !g->planning; i++)
        z.data[i] = (float)((double)latent->data[i] / a->scaling + a->shift);
    if (!a->has_post_quant)
        return z;
    mixed = tensor_new(g, z.n, z.h, z.w, z.c);
    linear_run_batch(g, &a->post_quant, z.data, z.n, z.h * z.w, mixed.data, NULL);
    return mixed;
}

static void
decode_whole(struct engine *g, const struct autoencoder_kl *a, const struct tensor *latent,
             struct tensor *image)
{
    size_t mark = engine_mark(g);
    struct tensor z = unscaled(g, a, latent), x, normed;
    const struct coder *d = &a->decoder;
    struct turns t;

    new_turns(g, a, z.n, z.h, z.w, &t);
    x = turn(&t, z.n, z.h, z.w, d->conv_in.out);
    conv_run(g, &d->conv_in, &z, NULL, NULL, &x);
    x = run_mid(g, &d->mid, &t, x);
    for (size_t i = 0; i < a->levels; i++)
        x = run_level(g, &d->levels[i], &t, x, false);
    normed = turn(&t, x.n, x.h, x.w, x.c);
    norm_run(g, &d->norm_out, &x, true, &normed);
    conv_run(g, &d->conv_out, &normed, NULL, NULL, image);
    engine_rewind(g, mark);
}

/* A decode of one picture in little memory: the first `whole` levels as ever, the rest in bands; or
 * an encode: the last `whole` levels as ever. */
struct way {
    size_t whole, stored, rows;
};

/* The state after the levels that are decoded as ever, without the enlargement of the last. */
static struct packed
run_head(struct engine *g, const struct autoencoder_kl *a, size_t levels,
         const struct tensor *latent)
{
    size_t most = 0, h = latent->h, w = latent->w, mark;
    const struct coder *d = &a->decoder;
    struct packed out;
    struct tensor z, x;
    struct turns t = {.next = 0};

    for (size_t i = 0; i < levels; i++) {
        size_t wide = a->widths[a->levels - 1 - i];

        if (i > 0 && a->widths[a->levels - i] > wide)
            wide = a->widths[a->levels - i];
        if ((h << i) * (w << i) * wide > most)
            most = (h << i) * (w << i) * wide;
    }
    out.h = h << (levels - 1);
    out.w = w << (levels - 1);
    out.c = a->widths[a->levels - levels];
    out.data =
        (unsigned char *)engine_floats(g, out.h * packed_row(out.w, out.c) / sizeof(float) + 1);
    mark = engine_mark(g);
    z = unscaled(g, a, latent);
    t.buffers[0] = engine_floats(g, most);
    t.buffers[1] = engine_floats(g, most);
    x = turn(&t, 1, h, w, d->conv_in.out);
    conv_run(g, &d->conv_in, &z, NULL, NULL, &x);
    x = run_mid(g, &d->mid, &t, x);
    for (size_t i = 0; i + 1 < levels; i++)
        x = run_level(g, &d->levels[i], &t, x, false);
    x = run_resnets(g, &d->levels[levels - 1], &t, x);
    pack_rows(g, x.data, 0, x.h, &out);
    engine_rewind(g, mark);
    return out;
}

static void
decode_tiles(struct engine *g, const struct autoencoder_kl *a, const struct way *way,
             const struct tensor *latent, struct tensor *image)
{
    size_t mark = engine_mark(g);
    const struct coder *d = &a->decoder;
    struct packed x = run_head(g, a, way->whole, latent);
    struct tiles t = {.count = a->levels - way->whole,
                      .stored = way->stored,
                      .rows = way->rows,
                      .norm_out = &d->norm_out,
                      .conv_out = &d->conv_out};

    for (size_t i = 0; i < t.count; i++) {
        const struct level *level = &d->levels[way->whole + i];

        t.stages[i].grow = &d->levels[way->whole + i - 1].sampler;
        t.stages[i].resnets = level->resnets;
        t.stages[i].count = level->count;
    }
    tiles_run(g, &t, &x, image);
    engine_rewind(g, mark);
}

/* The bytes that a decode needs; `way` NULL: whole. */
static size_t
need(const struct engine *g, const struct autoencoder_kl *a, const struct way *way,
     const struct tensor *latent, struct tensor *image)
{
    struct engine plan = *g;

    plan.planning = true;
    plan.pool = NULL; /* for any number of threads the same way */
    plan.peak = plan.used;
    if (way == NULL)
        decode_whole(&plan, a, latent, image);
    else
        decode_tiles(&plan, a, way, latent, image);
    return plan.peak - plan.used;
}

static const size_t ROWS[] = {64, 32, 16}; /* of the picture in a band */

/* The fastest way that fits the limit, or the one that needs the least. */
static struct way
choose(const struct engine *g, const struct autoencoder_kl *a, size_t limit,
       const struct tensor *latent, struct tensor *image)
{
    struct way best = {0};
    size_t least = SIZE_MAX;

    for (size_t spare = 0; spare < a->levels; spare++) { /* so many of the last store less */
        for (size_t r = 0; r < sizeof ROWS / sizeof *ROWS; r++) {
            for (size_t whole = a->levels - 1; whole > 0; whole--) {
                size_t stages = a->levels - whole;
                struct way way = {whole, stages > spare ? stages - spare : 0, ROWS[r]};
                size_t bytes = need(g, a, &way, latent, image);

                if (bytes < least) {
                    least = bytes;
                    best = way;
                }
                if (bytes <= limit)
                    return way;
            }
        }
    }
    return best;
}

void
autoencoder_kl_decode(struct engine *g, const struct autoencoder_kl *a, size_t limit,
                      const struct tensor *latent, struct tensor *image)
{
    if (limit == 0 || a->levels < 2 || need(g, a, NULL, latent, image) <= limit) {
        decode_whole(g, a, latent, image);
    } else {
        struct way way = choose(g, a, limit, latent, image);

        decode_tiles(g, a, &way, latent, image);
    }
    engine_check(g, "decoder.conv_out", image);
}

bool
autoencoder_kl_can_encode(const struct autoencoder_kl *a)
{
    return a->has_encoder;
}

/* From the state before level `first` to the latent. `t` has room for what follows. */
static void
encode_rest(struct engine *g, const struct autoencoder_kl *a, size_t first, struct turns *t,
            struct tensor x, struct tensor *latent)
{
    size_t rows = latent->n * latent->h * latent->w, z = a->channels;
    struct tensor moments = tensor_new(g, latent->n, latent->h, latent->w, 2 * z), normed;
    const struct coder *c = &a->encoder;

    for (size_t i = first; i < a->levels; i++)
        x = run_level(g, &c->levels[i], t, x, true);
    x = run_mid(g, &c->mid, t, x);
    normed = turn(t, x.n, x.h, x.w, x.c);
    norm_run(g, &c->norm_out, &x, true, &normed);
    conv_run(g, &c->conv_out, &normed, NULL, NULL, &moments);
    if (a->has_quant) {
        float *mixed = engine_floats(g, rows * 2 * z);

        linear_run(g, &a->quant, moments.data, rows, mixed, NULL);
        moments.data = mixed;
    }
    /* The first half is the mean, which is also the mode. */
    for (size_t i = 0; i < rows && !g->planning; i++) {
        for (size_t k = 0; k < z; k++)
            latent->data[i * z + k] =
                (float)(((double)moments.data[i * 2 * z + k] - a->shift) * a->scaling);
    }
}

/* Buffers for the levels from `first` on and what is behind them. */
static void
new_turns_down(struct engine *g, const struct autoencoder_kl *a, size_t first,
               const struct tensor *image, struct turns *t)
{
    size_t most = 0;

    for (size_t i = first; i < a->levels; i++) {
        size_t wide = a->widths[i], size = image->n * (image->h >> i) * (image->w >> i);

        if (i > 0 && a->widths[i - 1] > wide)
            wide = a->widths[i - 1];
        most = size * wide > most ? size * wide : most;
    }
    t->buffers[0] = engine_floats(g, most);
    t->buffers[1] = engine_floats(g, most);
    t->next = 0;
}

static void
encode_whole(struct engine *g, const struct autoencoder_kl *a, const struct tensor *image,
             struct tensor *latent)
{
    const struct coder *c = &a->encoder;
    size_t mark = engine_mark(g);
    struct tensor x;
    struct turns t;

    new_turns_down(g, a, 0, image, &t);
    x = turn(&t, image->n, image->h, image->w, c->conv_in.out);
    conv_run(g, &c->conv_in, image, NULL, NULL, &x);
    encode_rest(g, a, 0, &t, x, latent);
    engine_rewind(g, mark);
}

/* The first levels in bands, the others as ever. */
static void
encode_tiles(struct engine *g, const struct autoencoder_kl *a, const struct way *way,
             const struct tensor *image, struct tensor *latent)
{
    size_t mark = engine_mark(g), count = a->levels - way->whole;
    struct tiles_down down = {.conv_in = &a->encoder.conv_in, .count = count, .rows = way->rows};
    struct tensor x = tensor_new(g, 1, image->h >> count, image->w >> count, a->widths[count - 1]);
    struct turns t;

    for (size_t i = 0; i < count; i++) {
        const struct level *level = &a->encoder.levels[i];

        down.levels[i] = (struct tiles_level){level->resnets, level->count, &level->sampler};
    }
    tiles_run_down(g, &down, image, &x);
    new_turns_down(g, a, count, image, &t);
    encode_rest(g, a, count, &t, x, latent);
    engine_rewind(g, mark);
}

static size_t
encode_need(const struct engine *g, const struct autoencoder_kl *a, const struct way *way,
            const struct tensor *image, struct tensor *latent)
{
    struct engine plan = *g;

    plan.planning = true;
    plan.pool = NULL; /* for any number of threads the same way */
    plan.peak = plan.used;
    if (way == NULL)
        encode_whole(&plan, a, image, latent);
    else
        encode_tiles(&plan, a, way, image, latent);
    return plan.peak - plan.used;
}

/* As for a decode. */
static struct way
choose_down(const struct engine *g, const struct autoencoder_kl *a, size_t limit,
            const struct tensor *image, struct tensor *latent)
{
    struct way best = {0};
    size_t least = SIZE_MAX;

    for (size_t r = 0; r < sizeof ROWS / sizeof *ROWS; r++) {
        for (size_t whole = a->levels - 1; whole > 0; whole--) {
            struct way way = {.whole = whole, .rows = ROWS[r]};
            size_t bytes = encode_need(g, a, &way, image, latent);

            if (bytes < least) {
                least = bytes;
                best = way;
            }
            if (bytes <= limit)
                return way;
        }
    }
    return best;
}

void
autoencoder_kl_encode(struct engine *g, const struct autoencoder_kl *a, size_t limit,
                      const struct tensor *image, struct tensor *latent)
{
    if (limit == 0 || a->levels < 2 || encode_need(g, a, NULL, image, latent) <= limit) {
        encode_whole(g, a, image, latent);
    } else {
        struct way way = choose_down(g, a, limit, image, latent);

        encode_tiles(g, a, &way, image, latent);
    }
    engine_check(g, "encoder.conv_out", latent);
}
