/*
 * A batch of pictures, from prompts to pixels. Knows nothing of jobs and files. Read next:
 * generate_run.h, render/model/unet.c, render/sampler/sampler.c.
 *
 * The whole run is written once and walked twice: first planning, when memory is counted and
 * nothing is computed, then for real. Members whose prompts take different numbers of chunks would
 * change each other; they run one after the other.
 */
#include "render/pipeline/generate.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "common/err.h"
#include "render/engine/noise.h"
#include "render/pipeline/generate_run.h"
#include "render/pipeline/guidance.h"
#include "render/pipeline/pipeline.h"
#include "render/pipeline/pipeline_motion.h"
#include "render/pipeline/preview.h"
#include "render/pipeline/prompt.h"
#include "render/pipeline/state.h"

#define IMAGE_GUIDANCE 1.5
#define PREVIEW_SHARE 0.1 /* of the work of the steps between two previews */
#define PREVIEW_FLOPS 2e9 /* always allowed: some ten milliseconds */

void
image_release(struct image *image)
{
    free(image->pixels);
    memset(image, 0, sizeof *image);
}

void
member_end(struct member *m, int status)
{
    m->going = false;
    *m->status = status;
}

static bool
anyone(const struct run *r)
{
    for (size_t i = 0; i < r->count; i++) {
        if (r->members[i].going)
            return true;
    }
    return false;
}

static void
progress(const struct run *r, struct member *m, size_t step)
{
    if (r->p->engine.planning || r->hooks->progress == NULL)
        return;
    if (r->hooks->progress(r->hooks->ctx, m->index, (int)step, (int)r->sampler.steps) != 0)
        member_end(m, err_setf(m->e, ST_CANCELLED, "The picture was cancelled."));
}

static void
show_preview(struct run *r, const struct member *m, size_t step, const struct tensor *clean)
{
    int every = r->hooks->preview_every;
    struct image image;
    struct err ignored;

    if (r->hooks->preview == NULL || every <= 0)
        return;
    if (r->p->engine.planning) {
        /* Each member of the batch has previews of its own. */
        double most = PREVIEW_SHARE * every * r->step_flops / (double)r->count;

        r->decoded_previews =
            preview_plan(r->p, clean, most > PREVIEW_FLOPS ? most : PREVIEW_FLOPS);
        return;
    }
    if (step % (size_t)every != 0 || step == r->sampler.steps)
        return;
    /* A preview that fails is no reason to lose the picture. */
    if (preview_make(r->p, clean, r->decoded_previews, &image, &ignored) != ST_OK)
        return;
    r->hooks->preview(r->hooks->ctx, m->index, (int)step, &image);
    image_release(&image);
}

/* Shows the state of a member after `step` to who keeps it. */
static void
keep_state(const struct run *r, const struct member *m, size_t step)
{
    int every = r->hooks->state_every;
    size_t size;
    void *data;

    if (r->hooks->state == NULL || every <= 0 || r->p->engine.planning || step % (size_t)every != 0)
        return;
    /* Without memory there is no state this time, which is no failure. */
    if ((data = state_write(r, m, step, &size)) != NULL)
        r->hooks->state(r->hooks->ctx, m->index, (int)step, data, size);
    free(data);
}

/* --- prompts --- */

/* The vectors of one member's prompts, in the order of the passes. */
static int
encode_prompts(struct run *r, struct member *m)
{
    size_t each = r->chunks * prompt_tokens(r->p) * prompt_width(r->p);
    struct prompt_ask ask = {.text = generate_negative(m->params),
                             .clip_skip = (size_t)m->params->clip_skip,
                             .chunks = r->chunks,
                             .negative = true};
    float *to = m->context, *pooled = m->pooled;
    int rc = ST_OK;

    for (size_t pass = 0; pass < r->passes && rc == ST_OK; pass++, to += each) {
        if (pass + 1 == r->passes) {
            ask.text = m->params->prompt;
            ask.negative = false;
        }
        rc = prompt_encode(r->p, &ask, to, pooled, m->e);
        pooled += prompt_pooled(r->p);
    }
    return rc;
}

/* --- steps --- */

/* The members that take part in a step, and the tensors of their pass. */
struct batch {
    struct member *list[GENERATE_MOST];
    size_t count;
    struct tensor input, output; /* of one window */
    float *all;                  /* the output of all windows together, if there are several */
    struct unet_input with;      /* of each row */
};

/* What the U-Net is told of each row beside its context. */
static void
form_conditions(struct run *r, size_t rows, struct batch *b)
{
    struct engine *g = &r->p->engine;
    size_t width = prompt_pooled(r->p), each = r->passes * r->windows.length;
    float *pooled = engine_floats(g, rows * width);
    double *guidance = (double *)(void *)engine_floats(g, 2 * rows);

    for (size_t i = 0; i < rows && !g->planning; i++) {
        const struct member *m = b->list[i / each];

        guidance[i] = m->params->guidance - 1.0;
        memcpy(pooled + i * width, m->pooled + i / r->windows.length % r->passes * width,
               width * sizeof *pooled);
    }
    b->with = (struct unet_input){.pooled = pooled, .ids = r->ids, .guidance = guidance};
}

/* Readies the U-Net for the members of this step if they are not those of the step before. The
   workspace is empty above `mark` then. */
static void
form_batch(struct run *r, size_t step, size_t mark, struct batch *b)
{
    struct engine *g = &r->p->engine;
    size_t tokens = r->chunks * prompt_tokens(r->p), each = tokens * prompt_width(r->p);
    size_t c = unet_channels(r->p->unet), rows, count = 0;
    struct member *list[GENERATE_MOST];
    float *context;

    for (size_t i = 0; i < r->count; i++) {
        if (r->members[i].going && r->members[i].first <= step)
            list[count++] = &r->members[i];
    }
    if (count == 0 || (count == b->count && memcmp(list, b->list, count * sizeof *list) == 0)) {
        b->count = count;
        return;
    }
    memcpy(b->list, list, count * sizeof *list);
    b->count = count;
    rows = count * r->passes * r->windows.length;
    engine_rewind(g, mark);
    b->input = tensor_new(g, rows, r->h, r->w, c);
    b->output = tensor_new(g, rows, r->h, r->w, r->p->unet->config.out_channels);
    b->all = NULL;
    if (r->windows.count > 1)
        b->all = engine_floats(g, tensor_count(&b->output) / r->windows.length * r->frames);
    form_conditions(r, rows, b);
    /* The frames of a clip share it. */
    context = engine_floats(g, count * r->passes * each);
    for (size_t i = 0; i < count && !g->planning; i++)
        memcpy(context + i * r->passes * each, list[i]->context,
               r->passes * each * sizeof *context);
    unet_context(g, r->p->unet, context, count * r->passes, tokens);
}

/* Runs the U-Net. Where numbers went wrong, it runs once more to find the layer, and the members
 * concerned end. */
static void
predict(struct run *r, struct batch *b, double time)
{
    struct engine *g = &r->p->engine;
    size_t each = tensor_count(&b->output) / b->count;

    b->with.time = time;
    unet_run(g, r->p->unet, &b->input, &b->with, &b->output);
    if (g->planning || engine_finite(b->output.data, tensor_count(&b->output)))
        return;
    for (size_t i = 0; i < b->count; i++) {
        if (!b->list[i]->going || engine_finite(b->output.data + i * each, each))
            continue;
        if (!g->checking) {
            struct tensor again = b->output;

            g->checking = true;
            g->bad[0] = '\0';
            unet_run(g, r->p->unet, &b->input, &b->with, &again);
        }
        member_end(b->list[i],
                   err_set(b->list[i]->e, ST_INTERNAL,
                           "The model made values that are no numbers, so there is no picture.",
                           "NaN or Inf in unet layer %s at time %.1f", g->bad, time));
    }
    g->checking = false;
}

/* Scales and places a window of a member's latent and what is known beside it as the U-Net's input.
   The first of three passes knows nothing of the source. */
static void
fill_member(const struct run *r, const struct member *m, size_t step, size_t first, float *to)
{
    float scale = (float)sampler_input_scale(&r->sampler, step);
    size_t c = m->x.c, more = unet_channels(r->p->unet) - c;
    size_t pixels = r->h * r->w * (r->params->kind == GENERATE_ANIMATE ? r->frames : 1);
    size_t begin = first * r->h * r->w, end = begin + r->windows.length * r->h * r->w;

    for (size_t pass = 0; pass < r->passes; pass++) {
        for (size_t i = begin; i < end; i++) {
            for (size_t k = 0; k < c; k++)
                *to++ = m->x.data[i * c + k] * scale;
            for (size_t k = 0; k < more; k++)
                *to++ = r->passes == 3 && pass == 0 ? 0.0f : m->extra[i % pixels * more + k];
        }
    }
}

static void
fill_input(const struct run *r, const struct batch *b, size_t step, size_t first)
{
    size_t each = tensor_count(&b->input) / b->count;

    for (size_t i = 0; i < b->count; i++)
        fill_member(r, b->list[i], step, first, b->input.data + i * each);
}

/* The predictions for all frames: [members][passes] of x's size. */
static float *
look(struct run *r, size_t step, struct batch *b)
{
    const struct windows *w = &r->windows;
    size_t clips = b->count * r->passes, frame = tensor_count(&b->output) / clips / w->length;
    bool planning = r->p->engine.planning;

    if (!planning && w->count > 1)
        memset(b->all, 0, clips * w->frames * frame * sizeof *b->all);
    for (size_t i = 0; i < w->count; i++) {
        if (!planning)
            fill_input(r, b, step, windows_first(w, i));
        predict(r, b, r->sampler.times[step]);
        for (size_t k = 0; k < clips && !planning && w->count > 1; k++)
            windows_add(w, i, b->output.data + k * w->length * frame, frame,
                        b->all + k * w->frames * frame);
    }
    for (size_t k = 0; k < clips && !planning && w->count > 1; k++)
        windows_mean(w, b->all + k * w->frames * frame, frame);
    return w->count > 1 ? b->all : b->output.data;
}

/* What is not to be repainted returns to the source, with the noise of the next step. */
static void
keep_outside(const struct run *r, struct member *m, size_t step)
{
    size_t count = tensor_count(&m->x), c = m->x.c;
    float *scratch = r->noise;

    noise_normal(m->params->seed, 0, 0, count, scratch);
    sampler_add_noise(&r->sampler, step + 1, m->origin.data, scratch, scratch, count);
    for (size_t i = 0; i < count; i++)
        m->x.data[i] = m->hole[i / c] != 0.0f ? m->x.data[i] : scratch[i];
}

/* One member's step, given the predictions of its passes. */
static void
advance(const struct run *r, struct member *m, size_t step, float *predictions, float *clean)
{
    size_t count = tensor_count(&m->x);
    struct guidance guidance = {
        .text = m->params->guidance,
        .image = m->params->image_guidance != 0.0 ? m->params->image_guidance : IMAGE_GUIDANCE,
        .rescale = m->params->rescale};

    guidance_mix(&guidance, r->passes, predictions, count);
    if (sampler_wants_noise(&r->sampler, step))
        noise_normal(m->params->seed, (uint32_t)step + 1, 0, count, r->noise);
    sampler_step(&r->sampler, step, m->x.data, predictions, r->noise, m->memory, clean, count);
    if (m->hole != NULL)
        keep_outside(r, m, step);
}

static void
take_step(struct run *r, size_t step, struct batch *b, struct tensor *clean)
{
    double before = r->p->engine.flops;
    float *output = look(r, step, b);
    bool planning = r->p->engine.planning;

    r->step_flops = r->p->engine.flops - before;
    for (size_t i = 0; i < b->count; i++) {
        struct member *m = b->list[i];

        if (m->going && !planning)
            advance(r, m, step, output, clean->data);
        output += r->passes * tensor_count(&m->x);
        if (m->going && (!planning || i == 0))
            show_preview(r, m, step + 1, clean);
        if (m->going)
            keep_state(r, m, step + 1);
        if (m->going)
            progress(r, m, step + 1);
    }
}

static void
run_steps(struct run *r, struct tensor *clean)
{
    struct engine *g = &r->p->engine;
    size_t mark = engine_mark(g), steps = g->planning ? 1 : r->sampler.steps;
    struct batch batch = {.count = 0};

    for (size_t i = 0; i < steps && anyone(r); i++) {
        double before;

        form_batch(r, i, mark, &batch);
        before = g->flops;
        if (batch.count > 0)
            take_step(r, i, &batch, clean);
        r->flops += (double)(r->sampler.steps - 1) * (g->flops - before);
    }
    engine_rewind(g, mark);
    pipeline_rest(r->p, PIPELINE_UNET);
}

/* --- the whole --- */

/* Where a member begins: noise, its source under noise, or where it was left. */
static int
start_latent(const struct run *r, struct member *m)
{
    size_t count = tensor_count(&m->x);

    if (m->params->resume != NULL)
        return state_read(r, m);
    noise_normal(m->params->seed, 0, 0, count, m->x.data);
    if (m->origin.data != NULL && !r->starts_at_noise) {
        sampler_add_noise(&r->sampler, 0, m->origin.data, m->x.data, m->x.data, count);
        return ST_OK;
    }
    for (size_t i = 0; i < count; i++)
        m->x.data[i] = (float)((double)m->x.data[i] * r->sampler.start_scale);
    return ST_OK;
}

static int
begin(struct run *r, struct member *m)
{
    struct engine *g = &r->p->engine;
    size_t each = r->passes * r->chunks * prompt_tokens(r->p) * prompt_width(r->p);
    int rc;

    m->x = tensor_new(g, r->frames, r->h, r->w, r->p->vae.channels);
    m->memory = sampler_remembers(&r->sampler) ? engine_floats(g, tensor_count(&m->x)) : NULL;
    m->context = engine_floats(g, each);
    m->pooled = engine_floats(g, r->passes * prompt_pooled(r->p));
    if (!m->going)
        return ST_OK;
    if ((rc = encode_prompts(r, m)) != ST_OK || (rc = latents_take(r, m)) != ST_OK)
        return rc;
    return g->planning ? ST_OK : start_latent(r, m);
}

static void
walk(struct run *r)
{
    struct engine *g = &r->p->engine;
    struct tensor clean = tensor_new(g, r->frames, r->h, r->w, r->p->vae.channels);
    int rc;

    r->flops = 0.0;
    r->noise = engine_floats(g, tensor_count(&clean));
    for (size_t i = 0; i < r->count; i++) {
        struct member *m = &r->members[i];

        if ((rc = begin(r, m)) != ST_OK)
            member_end(m, rc);
        if (m->going)
            progress(r, m, m->first);
    }
    pipeline_rest(r->p, PIPELINE_TEXT);
    if (r->p->two_encoders)
        pipeline_rest(r->p, PIPELINE_TEXT2);
    run_steps(r, &clean);
    for (size_t i = 0; i < r->count; i++) {
        struct member *m = &r->members[i];

        if (!m->going)
            continue;
        rc = latents_decode(r, m);
        if (!g->planning || rc != ST_OK)
            member_end(m, rc);
    }
    r->flops += g->flops;
}

/* Walks the run without touching data; the engine is still planning after 0. */
static int
plan(struct run *r, struct err *e)
{
    const struct generate_params *params = r->params = r->members[0].params;
    const struct schedule *schedule;
    struct sampler_choice choice;
    int rc;

    r->passes = generate_passes(r->p, params);
    r->frames = generate_frames(params);
    windows_init(&r->windows, r->frames, pipeline_motion_frames(r->p));
    generate_choice(r->p, params, &choice);
    if ((rc = pipeline_motion_use(r->p, r->windows.length, &schedule, e)) != ST_OK ||
        (rc = sampler_init(&r->sampler, schedule, &choice, e)) != ST_OK)
        return rc;
    r->chunks = r->members[0].chunks;
    r->starts_at_noise = params->kind == GENERATE_INPAINT && choice.strength == 1.0;
    /* As if nothing had been scaled or cut off in the training. */
    r->ids[0] = r->ids[4] = params->height;
    r->ids[1] = r->ids[5] = params->width;
    r->ids[2] = r->ids[3] = 0.0;
    r->h = (size_t)params->height / r->p->vae.factor;
    r->w = (size_t)params->width / r->p->vae.factor;
    engine_plan(&r->p->engine);
    walk(r);
    return ST_OK;
}

/* One batch whose members may go together. */
static void
run_batch(struct run *r)
{
    struct err e;
    int rc;

    err_clear(&e);
    if ((rc = plan(r, &e)) == ST_OK && anyone(r))
        rc = engine_plan_end(&r->p->engine, r->p->limit, &e);
    r->p->engine.planning = false;
    r->p->engine.used = 0;
    for (size_t i = 0; i < r->count && rc != ST_OK; i++) {
        if (r->members[i].going) {
            *r->members[i].e = e;
            member_end(&r->members[i], rc);
        }
    }
    if (anyone(r))
        walk(r);
    r->p->engine.used = 0;
}

/* Moves the members that go with the first of `all` to the front; how many they are. */
static size_t
gather(struct member *all, size_t count)
{
    size_t n = 1;

    for (size_t i = 1; i < count; i++) {
        struct member m = all[i];

        if (m.chunks != all[0].chunks)
            continue;
        memmove(all + n + 1, all + n, (i - n) * sizeof *all);
        all[n++] = m;
    }
    return n;
}

/* The members that can begin. */
static size_t
admit(struct pipeline *p, const struct generate_params *const params[], size_t count,
      struct image out[], int status[], struct err errors[], struct member list[])
{
    size_t n = 0;

    for (size_t i = 0; i < count; i++) {
        struct member m = {.params = params[i],
                           .index = (int)i,
                           .status = &status[i],
                           .e = &errors[i],
                           .out = &out[i],
                           .going = true};

        err_clear(&errors[i]);
        memset(&out[i], 0, sizeof out[i]);
        if (count > GENERATE_MOST || !generate_together(params[0], params[i]))
            status[i] = err_setf(&errors[i], ST_INVALID, "These pictures cannot be made together.");
        else if ((status[i] = generate_check(p, params[i], &errors[i])) == ST_OK &&
                 (status[i] = generate_chunks(p, params[i], &m.chunks, &errors[i])) == ST_OK)
            list[n++] = m;
    }
    return n;
}

int
generate_many(struct pipeline *p, const struct generate_params *const params[], size_t count,
              const struct generate_hooks *hooks, struct image out[], int status[],
              struct err errors[])
{
    static const struct generate_hooks NO_HOOKS = {0};
    struct member members[GENERATE_MOST];
    size_t n = admit(p, params, count, out, status, errors, members), at = 0;

    while (at < n) {
        struct run r = {.p = p,
                        .hooks = hooks != NULL ? hooks : &NO_HOOKS,
                        .members = members + at,
                        .count = gather(members + at, n - at)};

        run_batch(&r);
        at += r.count;
    }
    for (size_t i = 0; i < count; i++) {
        if (status[i] != ST_OK)
            image_release(&out[i]);
    }
    for (size_t i = 0; i < count; i++) {
        if (status[i] != ST_OK)
            return status[i];
    }
    return ST_OK;
}

int
generate(struct pipeline *p, const struct generate_params *params,
         const struct generate_hooks *hooks, struct image *out, struct err *e)
{
    struct err own;
    int status;

    return generate_many(p, &params, 1, hooks, out, &status, e != NULL ? e : &own);
}

int
generate_need(struct pipeline *p, const struct generate_params *const params[], size_t count,
              struct generate_need *out, struct err *e)
{
    static const struct generate_hooks NO_HOOKS = {0};
    struct member members[GENERATE_MOST];
    struct image images[GENERATE_MOST];
    struct err errors[GENERATE_MOST];
    int status[GENERATE_MOST], rc;
    size_t n, at = 0;

    memset(out, 0, sizeof *out);
    if (count == 0 || count > GENERATE_MOST)
        return err_setf(e, ST_INVALID, "A batch has 1 to %d pictures.", GENERATE_MOST);
    n = admit(p, params, count, images, status, errors, members);
    for (size_t i = 0; i < count; i++) {
        if (status[i] != ST_OK) {
            if (e != NULL)
                *e = errors[i];
            return status[i];
        }
    }
    while (at < n) {
        struct run r = {.p = p,
                        .hooks = &NO_HOOKS,
                        .members = members + at,
                        .count = gather(members + at, n - at)};

        if ((rc = plan(&r, e)) != ST_OK)
            return rc;
        p->engine.planning = false;
        p->engine.used = 0;
        if (p->engine.peak > out->peak_bytes)
            out->peak_bytes = p->engine.peak;
        out->flops += r.flops;
        at += r.count;
    }
    return ST_OK;
}
