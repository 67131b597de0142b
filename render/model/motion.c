/*
 * Motion modules. Knows no sampler and no U-Net but its widths. Read next: unet.c.
 *
 * Behind the GroupNorm pixels know nothing of each other, so they are taken some at a time, with
 * all their frames: the memory does not grow with the picture.
 */
#include "render/model/motion.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "common/err.h"
#include "render/engine/attention.h"
#include "render/model/model_config.h"
#include "render/model/unet.h"
#include "render/weights/weight_store.h"

#define NORM_EPS 1e-6
#define LAYER_EPS 1e-5
#define DEPTH_MOST 8
#define FRAMES_MOST 1024
#define FRAMES_FIRST 24
#define ROWS 8192 /* of pixels and their frames that are worked on at a time */

struct source {
    struct loader *l;
    const struct unet_config *unet;
    size_t heads, groups, frames;
    bool original; /* its names */
};

static void
load_attention(struct source *s, const char *block, size_t i, size_t width, struct motion_block *to)
{
    static const char *const QKV[] = {"to_q", "to_k", "to_v"};
    char part[32], name[LAYER_NAME];

    (void)snprintf(part, sizeof part, s->original ? "norms.%zu" : "norm%zu",
                   s->original ? i : i + 1);
    norm_load(s->l, block, part, width, 0, LAYER_EPS, &to->norms[i]);
    (void)snprintf(part, sizeof part, s->original ? "attention_blocks.%zu" : "attn%zu",
                   s->original ? i : i + 1);
    layer_name(name, block, part);
    linear_load_side_by_side(s->l, name, QKV, 3, width, width, false, &to->qkv[i]);
    linear_load(s->l, name, "to_out.0", width, width, true, &to->out[i]);
}

static void
load_block(struct source *s, const char *block, size_t width, struct motion_block *to)
{
    for (size_t i = 0; i < MOTION_ATTENTIONS; i++)
        load_attention(s, block, i, width, to);
    norm_load(s->l, block, s->original ? "ff_norm" : "norm3", width, 0, LAYER_EPS, &to->ff_norm);
    linear_load(s->l, block, "ff.net.0.proj", width, 8 * width, true, &to->ff_in);
    linear_load(s->l, block, "ff.net.2", 4 * width, width, true, &to->ff_out);
}

/* [frames][width]: sine and cosine by turns, of frame · 10000^(-2i / width). */
static const float *
make_place(struct source *s, size_t width)
{
    float *out = loader_alloc(s->l, s->frames * width, sizeof *out);

    for (size_t f = 0; f < s->frames && out != NULL; f++) {
        for (size_t i = 0; i + 1 < width; i += 2) {
            double angle = (double)f * exp(-log(10000.0) * (double)i / (double)width);

            out[f * width + i] = (float)sin(angle);
            out[f * width + i + 1] = (float)cos(angle);
        }
    }
    return out;
}

/* The module `at` the end of a block's name; `must` = it is an error that there is none. */
static void
load_module(struct source *s, const char *at, size_t width, bool must, struct motion_module *to)
{
    char name[LAYER_NAME], block[LAYER_NAME], norm[LAYER_NAME];

    layer_name(name, at, s->original ? "temporal_transformer" : "");
    layer_name(norm, name, "norm.weight");
    if (s->l->rc != ST_OK || (!must && !weight_store_has(s->l->store, norm)))
        return;
    if (width % s->heads != 0 || width % 2 != 0) {
        s->l->rc = err_setf(s->l->e, ST_INVALID, "%.120s has %zu heads for a width of %zu.", at,
                            s->heads, width);
        return;
    }
    (void)snprintf(to->name, sizeof to->name, "%s", at);
    to->width = width;
    to->heads = s->heads;
    norm_load(s->l, name, "norm", width, s->groups, NORM_EPS, &to->norm);
    linear_load(s->l, name, "proj_in", width, width, true, &to->proj_in);
    linear_load(s->l, name, "proj_out", width, width, true, &to->proj_out);
    to->place = make_place(s, width);
    to->blocks = loader_alloc(s->l, DEPTH_MOST, sizeof *to->blocks);
    for (to->depth = 0; to->depth < DEPTH_MOST && to->blocks != NULL; to->depth++) {
        char first[LAYER_NAME];

        layer_name_at(block, name, "transformer_blocks", to->depth);
        layer_name(first, block, "ff.net.2.weight");
        if (to->depth > 0 && !weight_store_has(s->l->store, first))
            break;
        load_block(s, block, width, &to->blocks[to->depth]);
    }
}

/* What the file says of itself, and its configuration. */
static void
read_source(struct source *s, const struct json *json)
{
    static const char FIRST[] = "down_blocks.0.motion_modules.0.temporal_transformer.norm.weight";
    static const char PLACE[] = "down_blocks.0.motion_modules.0.temporal_transformer."
                                "transformer_blocks.0.attention_blocks.0.pos_encoder.pe";
    struct config c = {.json = json, .part = "motion", .e = s->l->e, .rc = s->l->rc};
    size_t shape[8];

    s->original = weight_store_has(s->l->store, FIRST);
    s->heads = config_size(&c, "motion_num_attention_heads", 8, 1, 1024);
    s->groups = config_size(&c, "motion_norm_num_groups", 32, 1, 4096);
    s->frames = config_size(&c, "motion_max_seq_length", 32, 2, FRAMES_MOST);
    if (weight_store_shape(s->l->store, PLACE, shape) == 3 && shape[1] <= FRAMES_MOST)
        s->frames = shape[1];
    s->l->rc = c.rc;
}

/* The width of module j of a block; 0 when there is none. */
static size_t
width_of(const struct weight_store *store, size_t block, size_t j)
{
    static const char *const NORMS[] = {"temporal_transformer.norm.weight", "norm.weight"};
    char name[LAYER_NAME];
    size_t shape[8];

    for (size_t i = 0; i < 2; i++) {
        (void)snprintf(name, sizeof name, "down_blocks.%zu.motion_modules.%zu.%s", block, j,
                       NORMS[i]);
        if (weight_store_shape(store, name, shape) != 0)
            return shape[0];
    }
    return 0;
}

void
motion_measure(const struct weight_store *store, struct unet_config *out)
{
    out->layers = 0;
    while (out->layers < UNET_LAYERS && width_of(store, 0, out->layers) != 0)
        out->layers++;
    for (out->levels = 0; out->levels < CONFIG_LEVELS; out->levels++) {
        if ((out->widths[out->levels] = width_of(store, out->levels, 0)) == 0)
            break;
    }
}

static void
load_all(struct source *s, struct motion *m)
{
    size_t layers = m->layers;
    char list[LAYER_NAME], name[LAYER_NAME];

    for (size_t i = 0; i < m->levels; i++) {
        layer_name_at(list, "", "down_blocks", i);
        for (size_t j = 0; j < layers; j++) {
            layer_name_at(name, list, "motion_modules", j);
            load_module(s, name, s->unet->widths[i], true, &m->down[i * layers + j]);
        }
        layer_name_at(list, "", "up_blocks", i);
        for (size_t j = 0; j < layers + 1; j++) {
            layer_name_at(name, list, "motion_modules", j);
            load_module(s, name, s->unet->widths[m->levels - 1 - i], true,
                        &m->up[i * (layers + 1) + j]);
        }
    }
    load_module(s, "mid_block.motion_modules.0", s->unet->widths[m->levels - 1], false, &m->mid);
}

struct motion *
motion_load(struct loader *l, const struct json *json, const struct unet_config *unet)
{
    struct motion *m = loader_alloc(l, 1, sizeof *m);
    struct unet_config *config = loader_alloc(l, 1, sizeof *config);
    struct source s = {.l = l, .unet = unet};
    size_t shape[8];

    if (m == NULL || config == NULL)
        return NULL;
    *config = *unet;
    m->config = config;
    m->levels = unet->levels;
    m->layers = unet->layers;
    m->down = loader_alloc(l, m->levels * m->layers, sizeof *m->down);
    m->up = loader_alloc(l, m->levels * (m->layers + 1), sizeof *m->up);
    read_source(&s, json);
    if (l->rc != ST_OK)
        return NULL;
    m->frames = s.frames;
    load_all(&s, m);
    /* The first version: 24 places, and no module in the middle, as only the second has. */
    m->shares_norms = s.original && s.frames == FRAMES_FIRST && m->mid.width == 0;
    if (l->rc == ST_OK && weight_store_shape(l->store, "conv_in.weight", shape) == 4)
        conv_load(l, "", "conv_in", shape[1], unet->widths[0], 3, true, &m->conv_in);
    return l->rc == ST_OK ? m : NULL;
}

/* --- running --- */

/* Pixels [first, first + count) of a clip, all frames. */
struct slab {
    size_t frames, pixels, width; /* of the clip */
    size_t first, count;
    float *clip;  /* [frames][pixels][width] */
    float *lines; /* [count][frames][width] */
    const float *place;
};

static void
gather_task(void *arg, int index, int thread)
{
    const struct slab *s = arg;
    size_t at = (size_t)index, w = s->width;

    (void)thread;
    for (size_t f = 0; f < s->frames; f++)
        memcpy(s->lines + (at * s->frames + f) * w, s->clip + (f * s->pixels + s->first + at) * w,
               w * sizeof *s->lines);
}

static void
scatter_task(void *arg, int index, int thread)
{
    const struct slab *s = arg;
    size_t at = (size_t)index, w = s->width;

    (void)thread;
    for (size_t f = 0; f < s->frames; f++) {
        const float *from = s->lines + (at * s->frames + f) * w;
        float *to = s->clip + (f * s->pixels + s->first + at) * w;

        for (size_t i = 0; i < w; i++)
            to[i] += from[i];
    }
}

static void
place_task(void *arg, int index, int thread)
{
    const struct slab *s = arg;
    size_t count = s->frames * s->width;
    float *line = s->lines + (size_t)index * count;

    (void)thread;
    for (size_t i = 0; i < count; i++)
        line[i] += s->place[i];
}

static void
run_slab(struct engine *g, struct slab *s, void (*task)(void *, int, int))
{
    engine_run(g, (int)s->count, s->count * s->frames * s->width / 4, task, s);
}

/* x [s->count][frames][width] += attention of the normed and placed x to itself. */
static void
run_attention(struct engine *g, const struct motion_module *m, const struct motion_block *b,
              size_t i, const struct slab *s, float *x)
{
    size_t d = m->width, rows = s->count * s->frames, mark = engine_mark(g);
    float *normed = engine_floats(g, rows * d), *qkv = engine_floats(g, rows * 3 * d);
    struct slab placed = *s;
    struct attention a = {.n = s->count,
                          .heads = m->heads,
                          .head_width = d / m->heads,
                          .queries = s->frames,
                          .keys = s->frames,
                          .q = qkv,
                          .k = qkv + d,
                          .v = qkv + 2 * d,
                          .out = normed,
                          .ldq = 3 * d,
                          .ldk = 3 * d,
                          .ldv = 3 * d,
                          .ldo = d};

    norm_run_rows(g, &b->norms[i], x, rows, normed);
    placed.lines = normed;
    run_slab(g, &placed, place_task);
    linear_run(g, &b->qkv[i], normed, rows, qkv, NULL);
    attend(g, &a);
    linear_run(g, &b->out[i], normed, rows, x, x);
    engine_rewind(g, mark);
}

static void
run_lines(struct engine *g, const struct motion_module *m, struct slab *s)
{
    size_t d = m->width, rows = s->count * s->frames, mark = engine_mark(g);
    float *x = engine_floats(g, rows * d);

    linear_run(g, &m->proj_in, s->lines, rows, x, NULL);
    for (size_t k = 0; k < m->depth; k++) {
        const struct motion_block *b = &m->blocks[k];
        size_t inner = engine_mark(g);
        float *normed, *gated;

        for (size_t i = 0; i < MOTION_ATTENTIONS; i++)
            run_attention(g, m, b, i, s, x);
        normed = engine_floats(g, rows * d);
        gated = engine_floats(g, rows * 4 * d);
        norm_run_rows(g, &b->ff_norm, x, rows, normed);
        linear_run_gated(g, &b->ff_in, normed, 1, rows, gated);
        linear_run(g, &b->ff_out, gated, rows, x, x);
        engine_rewind(g, inner);
    }
    linear_run(g, &m->proj_out, x, rows, s->lines, NULL);
    engine_rewind(g, mark);
}

void
motion_run(struct engine *g, const struct motion_module *m, struct tensor *x, size_t frames)
{
    size_t mark = engine_mark(g), pixels = x->h * x->w, clip = frames * pixels * x->c;
    size_t most = ROWS / frames > 0 ? ROWS / frames : 1;
    struct tensor normed = tensor_new(g, x->n, x->h, x->w, x->c);
    float *lines;

    most = most < pixels ? most : pixels;
    lines = engine_floats(g, most * frames * x->c);
    norm_run(g, &m->norm, x, false, &normed);
    for (size_t i = 0; i < x->n / frames; i++) {
        struct slab s = {
            .frames = frames, .pixels = pixels, .width = x->c, .lines = lines, .place = m->place};

        for (s.first = 0; s.first < pixels; s.first += most) {
            s.count = pixels - s.first < most ? pixels - s.first : most;
            s.clip = normed.data + i * clip;
            run_slab(g, &s, gather_task);
            run_lines(g, m, &s);
            s.clip = x->data + i * clip;
            run_slab(g, &s, scatter_task);
        }
    }
    engine_rewind(g, mark);
    engine_check(g, m->name, x);
}
