/*
 * The U-Net's pass. Knows no file and no sampler. Read next: render/sampler/sampler.c.
 *
 * Memory: outputs of the way down stay until the way up has taken them as skips; the way up works
 * in two buffers of the largest size it needs, turn by turn.
 */
#include "render/model/unet.h"

#include <math.h>
#include <string.h>

#include "common/err.h"
#include "render/engine/act.h"
#include "render/model/motion.h"

#define SKIPS_MAX (1 + CONFIG_LEVELS * (UNET_LAYERS + 1))

struct pass {
    struct engine *g;
    const struct unet *u;
    float *time;   /* SiLU(time embedding), [times][4 · first width] */
    size_t times;  /* 1, or one for each image */
    size_t shared; /* images that have the norms of resnets in common */
    struct tensor skips[SKIPS_MAX];
    size_t count; /* skips on the stack */
    float *buffers[2];
    size_t turn; /* the buffer to write next */
    size_t kv;   /* the next transformer block's keys and values */
};

void
time_sinusoid(double time, size_t width, double shift, bool cos_first, float *out)
{
    size_t half = width / 2;
    float *cosine = cos_first ? out : out + half, *sine = cos_first ? out + half : out;

    for (size_t i = 0; i < half; i++) {
        double angle = time * exp(-log(10000.0) * (double)i / ((double)half - shift));

        cosine[i] = (float)cos(angle);
        sine[i] = (float)sin(angle);
    }
}

/* wave [n][width] += guidance, as distilled models want it: its wave begins with the sines, and
 * its slowest frequency is 1/10000 itself. */
static void
add_guidance(struct engine *g, const struct unet *u, const struct unet_input *input, size_t n,
             float *wave)
{
    size_t width = u->config.guidance_width;
    float *own = engine_floats(g, n * width);

    for (size_t i = 0; i < n && !g->planning; i++)
        time_sinusoid(input->guidance != NULL ? 1000.0 * input->guidance[i] : 0.0, width, 1.0,
                      false, own + i * width);
    linear_run_batch(g, &u->guidance, own, n, 1, wave, wave);
}

/* out [n] += the embedding of the pooled text and of the picture's sizes. */
static void
add_text(struct engine *g, const struct unet *u, const struct unet_input *input, size_t n,
         float *out)
{
    const struct unet_config *c = &u->config;
    size_t width = u->add1.in, hidden = u->add1.out;
    float *in = engine_floats(g, n * width);
    float *wide = engine_floats(g, n * hidden);

    for (size_t i = 0; i < n && !g->planning; i++) {
        float *to = in + i * width;

        memset(to, 0, width * sizeof *to);
        if (input->pooled != NULL)
            memcpy(to, input->pooled + i * c->pooled_width, c->pooled_width * sizeof *to);
        for (size_t k = 0; k < c->ids; k++)
            time_sinusoid(input->ids != NULL ? input->ids[k] : 0.0, c->id_width, c->freq_shift,
                          c->cos_first, to + c->pooled_width + k * c->id_width);
    }
    linear_run_batch(g, &u->add1, in, n, 1, wide, NULL);
    act_apply(g, ACT_SILU, wide, wide, n * hidden);
    linear_run_batch(g, &u->add2, wide, n, 1, out, out);
}

void
unet_embed(struct engine *g, const struct unet *u, const struct unet_input *input, size_t n,
           float *out)
{
    size_t width = u->config.widths[0], wide = u->time1.out, mark = engine_mark(g);
    float *wave = engine_floats(g, n * width);
    float *hidden = engine_floats(g, n * wide);

    for (size_t i = 0; i < n && !g->planning; i++)
        time_sinusoid(input->time, width, u->config.freq_shift, u->config.cos_first,
                      wave + i * width);
    if (u->guidance.in != 0)
        add_guidance(g, u, input, n, wave);
    linear_run_batch(g, &u->time1, wave, n, 1, hidden, NULL);
    act_apply(g, ACT_SILU, hidden, hidden, n * wide);
    linear_run_batch(g, &u->time2, hidden, n, 1, out, NULL);
    if (u->add1.in != 0)
        add_text(g, u, input, n, out);
    /* Every resnet wants SiLU of it: once is enough. */
    act_apply(g, ACT_SILU, out, out, n * wide);
    engine_rewind(g, mark);
}

static void
run_resnet(struct pass *p, const struct resnet *r, const struct tensor *x, struct tensor *out)
{
    resnet_run_each(p->g, r, x, p->time, p->times, p->shared, out);
}

void
unet_context(struct engine *g, struct unet *u, const float *context, size_t n, size_t tokens)
{
    size_t at = 0;

    u->contexts = n;
    u->tokens = tokens;
    for (size_t i = 0; i < u->config.levels; i++) {
        for (size_t j = 0; j < u->down[i].count && u->down[i].has_attention; j++) {
            transformer_context(g, &u->down[i].attentions[j], context, n, tokens, u->kv + at);
            at += u->down[i].attentions[j].depth;
        }
    }
    transformer_context(g, &u->mid_attention, context, n, tokens, u->kv + at);
    at += u->mid_attention.depth;
    for (size_t i = 0; i < u->config.levels; i++) {
        for (size_t j = 0; j < u->up[i].count && u->up[i].has_attention; j++) {
            transformer_context(g, &u->up[i].attentions[j], context, n, tokens, u->kv + at);
            at += u->up[i].attentions[j].depth;
        }
    }
}

static void
run_attention(struct pass *p, const struct transformer *t, struct tensor *x)
{
    transformer_run(p->g, t, x, p->u->kv + p->kv, p->u->contexts, p->u->tokens);
    p->kv += t->depth;
}

/* The motion module after a block, if there are any. */
static void
run_motion(struct pass *p, const struct motion_module *m, struct tensor *x)
{
    if (m != NULL && m->width != 0)
        motion_run(p->g, m, x, p->u->frames);
}

static struct tensor
run_down(struct pass *p, const struct unet_level *level, const struct motion_module *moves,
         struct tensor x)
{
    for (size_t j = 0; j < level->count; j++) {
        struct tensor out = tensor_new(p->g, x.n, x.h, x.w, level->resnets[j].conv1.out);

        run_resnet(p, &level->resnets[j], &x, &out);
        if (level->has_attention)
            run_attention(p, &level->attentions[j], &out);
        run_motion(p, moves != NULL ? moves + j : NULL, &out);
        engine_relieve(p->g);
        p->skips[p->count++] = x = out;
    }
    if (level->has_sampler) {
        const struct conv_shape *s = &level->sampler.shape;
        struct tensor out =
            tensor_new(p->g, x.n, conv_out_side(s, x.h), conv_out_side(s, x.w), x.c);

        conv_run(p->g, &level->sampler, &x, NULL, NULL, &out);
        p->skips[p->count++] = x = out;
    }
    return x;
}

/* The next buffer of the way up, shaped. */
static struct tensor
next_buffer(struct pass *p, size_t n, size_t h, size_t w, size_t c)
{
    struct tensor t = {p->buffers[p->turn], n, h, w, c};

    p->turn = 1 - p->turn;
    return t;
}

static struct tensor
run_up(struct pass *p, const struct unet_level *level, const struct motion_module *moves,
       struct tensor x)
{
    for (size_t j = 0; j < level->count; j++) {
        struct tensor skip = p->skips[--p->count];
        struct tensor out = next_buffer(p, x.n, x.h, x.w, level->resnets[j].conv1.out);
        size_t mark = engine_mark(p->g);
        struct tensor both = tensor_new(p->g, x.n, x.h, x.w, x.c + skip.c);

        join(p->g, &x, &skip, &both);
        run_resnet(p, &level->resnets[j], &both, &out);
        if (level->has_attention)
            run_attention(p, &level->attentions[j], &out);
        run_motion(p, moves != NULL ? moves + j : NULL, &out);
        engine_relieve(p->g);
        engine_rewind(p->g, mark);
        x = out;
    }
    if (level->has_sampler) {
        /* To the exact size of the skip that comes next: sides need not be powers of two. */
        const struct tensor *skip = &p->skips[p->count - 1];
        struct tensor out = next_buffer(p, x.n, skip->h, skip->w, x.c);

        conv_run_grown(p->g, &level->sampler, &x, &out);
        x = out;
    }
    return x;
}

/* The most floats that an output on the way up has. */
static size_t
largest_up(const struct pass *p)
{
    size_t most = 0;

    for (size_t i = 0; i < p->count; i++) {
        const struct tensor *s = &p->skips[i];

        for (size_t k = 0; k < p->u->config.levels; k++) {
            /* A skip's resolution meets widths of its own level and of the one below. */
            size_t count = s->n * s->h * s->w * p->u->config.widths[k];
            bool near =
                p->u->config.widths[k] == s->c || (k > 0 && p->u->config.widths[k - 1] == s->c);

            if (near && count > most)
                most = count;
        }
    }
    return most;
}

static const struct conv_layer *
first_layer(const struct unet *u)
{
    return u->motion != NULL && u->motion->conv_in.in != 0 ? &u->motion->conv_in : &u->conv_in;
}

size_t
unet_channels(const struct unet *u)
{
    return first_layer(u)->in;
}

int
unet_set_motion(struct unet *u, const struct motion *motion, size_t frames, struct err *e)
{
    const struct unet_config *c = &u->config;

    if (motion != NULL && (motion->levels != c->levels || motion->layers != c->layers ||
                           memcmp(motion->config->widths, c->widths, sizeof c->widths) != 0))
        return err_setf(e, ST_INVALID, "The motion modules were made for another unet.");
    if (motion != NULL && (frames == 0 || frames > motion->frames))
        return err_setf(e, ST_INVALID, "The motion modules know clips of 1 to %zu frames.",
                        motion->frames);
    u->motion = motion;
    u->frames = frames;
    return ST_OK;
}

void
unet_run(struct engine *g, const struct unet *u, const struct tensor *x,
         const struct unet_input *input, struct tensor *out)
{
    /* Where images differ in their embedding, they have one each. */
    struct pass p = {.g = g, .u = u, .times = u->guidance.in != 0 || u->add1.in != 0 ? x->n : 1};
    size_t mark = engine_mark(g), size;
    struct tensor h, normed, shared, all;

    p.shared = u->motion != NULL && u->motion->shares_norms ? u->frames : 1;
    p.time = engine_floats(g, p.times * u->time2.out);
    unet_embed(g, u, input, p.times, p.time);
    h = tensor_new(g, x->n, x->h, x->w, u->conv_in.out);
    conv_run(g, first_layer(u), x, NULL, NULL, &h);
    p.skips[p.count++] = h;
    for (size_t i = 0; i < u->config.levels; i++)
        h = run_down(&p, &u->down[i],
                     u->motion != NULL ? u->motion->down + i * u->config.layers : NULL, h);
    size = largest_up(&p);
    p.buffers[0] = engine_floats(g, size);
    p.buffers[1] = engine_floats(g, size);
    normed = next_buffer(&p, h.n, h.h, h.w, h.c);
    run_resnet(&p, &u->mid1, &h, &normed);
    run_attention(&p, &u->mid_attention, &normed);
    run_motion(&p, u->motion != NULL ? &u->motion->mid : NULL, &normed);
    h = next_buffer(&p, h.n, h.h, h.w, h.c);
    run_resnet(&p, &u->mid2, &normed, &h);
    engine_relieve(g);
    for (size_t i = 0; i < u->config.levels; i++)
        h = run_up(&p, &u->up[i],
                   u->motion != NULL ? u->motion->up + i * (u->config.layers + 1) : NULL, h);
    normed = next_buffer(&p, h.n, h.h, h.w, h.c);
    shared = h;
    shared.n /= p.shared;
    shared.h *= p.shared;
    all = normed;
    all.n = shared.n;
    all.h = shared.h;
    norm_run(g, &u->norm_out, &shared, true, &all);
    conv_run(g, &u->conv_out, &normed, NULL, NULL, out);
    engine_rewind(g, mark);
    engine_check(g, "conv_out", out);
}
