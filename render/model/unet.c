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

#define SKIPS_MAX (1 + CONFIG_LEVELS * (UNET_LAYERS + 1))

struct pass {
    struct engine *g;
    const struct unet *u;
    float *time; /* SiLU(time embedding) */
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

static void
embed_time(struct pass *p, double time)
{
    const struct unet *u = p->u;
    size_t width = u->config.widths[0], mark;
    float *wave, *hidden;

    p->time = engine_floats(p->g, u->time2.out);
    mark = engine_mark(p->g);
    wave = engine_floats(p->g, width);
    hidden = engine_floats(p->g, u->time1.out);
    if (!p->g->planning)
        time_sinusoid(time, width, u->config.freq_shift, u->config.cos_first, wave);
    linear_run(p->g, &u->time1, wave, 1, hidden, NULL);
    act_apply(p->g, ACT_SILU, hidden, hidden, u->time1.out);
    linear_run(p->g, &u->time2, hidden, 1, p->time, NULL);
    /* Every resnet wants SiLU of it: once is enough. */
    act_apply(p->g, ACT_SILU, p->time, p->time, u->time2.out);
    engine_rewind(p->g, mark);
}

void
unet_context(struct engine *g, struct unet *u, const float *context, size_t n, size_t tokens)
{
    size_t at = 0;

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
    transformer_run(p->g, t, x, p->u->kv + p->kv, p->u->tokens);
    p->kv += t->depth;
}

static struct tensor
run_down(struct pass *p, const struct unet_level *level, struct tensor x)
{
    for (size_t j = 0; j < level->count; j++) {
        struct tensor out = tensor_new(p->g, x.n, x.h, x.w, level->resnets[j].conv1.out);

        resnet_run(p->g, &level->resnets[j], &x, p->time, &out);
        if (level->has_attention)
            run_attention(p, &level->attentions[j], &out);
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
run_up(struct pass *p, const struct unet_level *level, struct tensor x)
{
    for (size_t j = 0; j < level->count; j++) {
        struct tensor skip = p->skips[--p->count];
        struct tensor out = next_buffer(p, x.n, x.h, x.w, level->resnets[j].conv1.out);
        size_t mark = engine_mark(p->g);
        struct tensor both = tensor_new(p->g, x.n, x.h, x.w, x.c + skip.c);

        join(p->g, &x, &skip, &both);
        resnet_run(p->g, &level->resnets[j], &both, p->time, &out);
        if (level->has_attention)
            run_attention(p, &level->attentions[j], &out);
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

void
unet_run(struct engine *g, const struct unet *u, const struct tensor *x, double time,
         struct tensor *out)
{
    struct pass p = {.g = g, .u = u};
    size_t mark = engine_mark(g), size;
    struct tensor h, normed;

    embed_time(&p, time);
    h = tensor_new(g, x->n, x->h, x->w, u->conv_in.out);
    conv_run(g, &u->conv_in, x, NULL, NULL, &h);
    p.skips[p.count++] = h;
    for (size_t i = 0; i < u->config.levels; i++)
        h = run_down(&p, &u->down[i], h);
    size = largest_up(&p);
    p.buffers[0] = engine_floats(g, size);
    p.buffers[1] = engine_floats(g, size);
    normed = next_buffer(&p, h.n, h.h, h.w, h.c);
    resnet_run(g, &u->mid1, &h, p.time, &normed);
    run_attention(&p, &u->mid_attention, &normed);
    h = next_buffer(&p, h.n, h.h, h.w, h.c);
    resnet_run(g, &u->mid2, &normed, p.time, &h);
    engine_relieve(g);
    for (size_t i = 0; i < u->config.levels; i++)
        h = run_up(&p, &u->up[i], h);
    normed = next_buffer(&p, h.n, h.h, h.w, h.c);
    norm_run(g, &u->norm_out, &h, true, &normed);
    conv_run(g, &u->conv_out, &normed, NULL, NULL, out);
    engine_rewind(g, mark);
    engine_check(g, "conv_out", out);
}
