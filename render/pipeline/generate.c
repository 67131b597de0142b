/*
 * One picture, from prompt to pixels. Knows nothing of jobs and files. Read next:
 * render/model/unet.c, render/sampler/sampler.c.
 *
 * The whole run is written once and walked twice: first planning, when memory is counted and
 * nothing is computed, then for real.
 */
#include "render/pipeline/generate.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "common/err.h"
#include "render/engine/noise.h"
#include "render/pipeline/pipeline.h"
#include "render/pipeline/preview.h"
#include "render/pipeline/prompt.h"
#include "render/sampler/sampler.h"

#define SIDE_MAX 4096
#define PROMPT_MAX 4096
#define GUIDANCE_MAX 100.0
#define PREVIEW_SHARE 0.1 /* of the work of the steps between two previews */
#define PREVIEW_FLOPS 2e9 /* always allowed: some ten milliseconds */

struct run {
    struct pipeline *p;
    const struct generate_params *params;
    const struct generate_hooks *hooks; /* never NULL */
    struct sampler sampler;
    size_t passes;         /* 2 with guidance: without and with the prompt, in one batch */
    bool decoded_previews; /* preview_plan's word */
    struct err *e;
    struct image *out;
};

void
image_release(struct image *image)
{
    free(image->pixels);
    memset(image, 0, sizeof *image);
}

static int
check_side(const struct pipeline *p, int side, const char *what, struct err *e)
{
    if (side < p->info.multiple || side > SIDE_MAX || side % p->info.multiple != 0)
        return err_setf(e, ST_INVALID, "The %s must be a multiple of %d between %d and %d pixels.",
                        what, p->info.multiple, p->info.multiple, SIDE_MAX);
    return ST_OK;
}

static int
check_prompt(const struct pipeline *p, const char *prompt, const char *what, struct err *e)
{
    int32_t ids[2];
    struct err inner;
    size_t chunks;
    int rc;

    if (prompt == NULL)
        return err_setf(e, ST_INVALID, "The %s is missing.", what);
    if (strlen(prompt) > PROMPT_MAX)
        return err_setf(e, ST_INVALID, "The %s is longer than %d bytes.", what, PROMPT_MAX);
    if ((rc = tokenizer_encode(p->tokenizer, prompt, 2, ids, NULL, &inner)) == ST_INVALID)
        return err_setf(e, ST_INVALID, "The %s is not valid UTF-8 text.", what);
    if (rc == ST_OK)
        rc = prompt_chunks_of(p, prompt, &chunks, &inner);
    return rc == ST_OK ? ST_OK : err_set(e, rc, inner.message, "%s", inner.detail);
}

int
generate_check(const struct pipeline *p, const struct generate_params *params, struct err *e)
{
    size_t most = p->schedule.count < SAMPLER_STEPS ? p->schedule.count : SAMPLER_STEPS;
    int rc;

    if ((rc = check_side(p, params->width, "width", e)) != ST_OK ||
        (rc = check_side(p, params->height, "height", e)) != ST_OK ||
        (rc = check_prompt(p, params->prompt, "prompt", e)) != ST_OK ||
        (rc = check_prompt(p, params->negative_prompt, "negative prompt", e)) != ST_OK)
        return rc;
    if (params->steps < 1 || (size_t)params->steps > most)
        return err_setf(e, ST_INVALID, "The number of steps must lie between 1 and %zu.", most);
    if (!(params->guidance >= 0.0 && params->guidance <= GUIDANCE_MAX))
        return err_setf(e, ST_INVALID, "The guidance must lie between 0 and %.0f.", GUIDANCE_MAX);
    if (params->sampler != SAMPLER_DDIM && params->sampler != SAMPLER_EULER)
        return err_setf(e, ST_INVALID, "There is no such sampler.");
    return ST_OK;
}

static int
progress(const struct run *r, int step)
{
    if (r->p->engine.planning || r->hooks->progress == NULL)
        return ST_OK;
    if (r->hooks->progress(r->hooks->ctx, step, r->params->steps) != 0)
        return err_setf(r->e, ST_CANCELLED, "The picture was cancelled.");
    return ST_OK;
}

static void
show_preview(struct run *r, size_t step, const struct tensor *clean)
{
    int every = r->hooks->preview_every;
    struct image image;
    struct err ignored;

    if (r->hooks->preview == NULL || every <= 0)
        return;
    if (r->p->engine.planning) {
        double most = PREVIEW_SHARE * every * r->p->engine.flops;

        r->decoded_previews =
            preview_plan(r->p, clean, most > PREVIEW_FLOPS ? most : PREVIEW_FLOPS);
        return;
    }
    if (step % (size_t)every != 0 || step == r->sampler.steps)
        return;
    /* A preview that fails is no reason to lose the picture. */
    if (preview_make(r->p, clean, r->decoded_previews, &image, &ignored) != ST_OK)
        return;
    r->hooks->preview(r->hooks->ctx, (int)step, &image);
    image_release(&image);
}

/* Runs the U-Net; when numbers went wrong, once more to find the layer. */
static int
predict(struct run *r, const struct tensor *input, double time, struct tensor *output)
{
    struct engine *g = &r->p->engine;

    unet_run(g, r->p->unet, input, time, output);
    if (g->planning || engine_finite(output->data, tensor_count(output)))
        return ST_OK;
    g->checking = true;
    g->bad[0] = '\0';
    unet_run(g, r->p->unet, input, time, output);
    g->checking = false;
    return err_set(r->e, ST_INTERNAL,
                   "The model made values that are no numbers, so there is no picture.",
                   "NaN or Inf in unet layer %s at time %.1f", g->bad, time);
}

/* One step: x in, x out; clean receives the prediction of the end. */
static int
denoise(struct run *r, size_t step, struct tensor *x, struct tensor *input, struct tensor *output,
        struct tensor *clean)
{
    size_t count = tensor_count(x);
    float scale = (float)sampler_input_scale(&r->sampler, step);
    const float *guided = output->data;
    int rc;

    for (size_t i = 0; i < count * r->passes && !r->p->engine.planning; i++)
        input->data[i] = x->data[i % count] * scale;
    if ((rc = predict(r, input, r->sampler.times[step], output)) != ST_OK || r->p->engine.planning)
        return rc;
    if (r->passes == 2)
        sampler_guide(output->data, output->data + count, r->params->guidance, output->data, count);
    sampler_step(&r->sampler, step, x->data, guided, clean->data, count);
    return ST_OK;
}

static void
to_pixels(const struct tensor *image, uint8_t *out)
{
    size_t count = tensor_count(image);

    for (size_t i = 0; i < count; i++) {
        float v = (image->data[i] * 0.5f + 0.5f) * 255.0f;

        v = v < 0.0f ? 0.0f : v;
        out[i] = v >= 255.0f ? 255 : (uint8_t)(v + 0.5f);
    }
}

static int
decode(struct run *r, const struct tensor *x)
{
    struct engine *g = &r->p->engine;
    size_t h = (size_t)r->params->height, w = (size_t)r->params->width, mark = engine_mark(g);
    struct tensor image = tensor_new(g, 1, h, w, 3);

    autoencoder_decode(g, &r->p->vae, x, &image);
    engine_rewind(g, mark);
    if (g->planning)
        return ST_OK;
    if (!engine_finite(image.data, tensor_count(&image))) {
        g->checking = true;
        g->bad[0] = '\0';
        image = tensor_new(g, 1, h, w, 3);
        autoencoder_decode(g, &r->p->vae, x, &image);
        engine_rewind(g, mark);
        g->checking = false;
        return err_set(r->e, ST_INTERNAL,
                       "The model made values that are no numbers, so there is no picture.",
                       "NaN or Inf in vae layer %s", g->bad);
    }
    if ((r->out->pixels = malloc(3 * h * w)) == NULL)
        return err_set(r->e, ST_NOMEM, "Out of memory.", "pixels");
    r->out->width = (int)w;
    r->out->height = (int)h;
    to_pixels(&image, r->out->pixels);
    return ST_OK;
}

/* Keys and values of the prompts, ready for all steps. */
static int
prepare_prompts(struct run *r)
{
    struct engine *g = &r->p->engine;
    struct prompt_ask ask = {.text = r->params->prompt}, negative = {.negative = true};
    size_t tokens, each, more = 0;
    float *context;
    int rc;

    negative.text = r->params->negative_prompt;
    if ((rc = prompt_chunks_of(r->p, ask.text, &ask.chunks, r->e)) != ST_OK ||
        (r->passes == 2 && (rc = prompt_chunks_of(r->p, negative.text, &more, r->e)) != ST_OK))
        return rc;
    negative.chunks = ask.chunks = more > ask.chunks ? more : ask.chunks;
    tokens = ask.chunks * prompt_tokens(r->p);
    each = tokens * prompt_width(r->p);
    context = engine_floats(g, r->passes * each);
    if (r->passes == 2 && (rc = prompt_encode(r->p, &negative, context, NULL, r->e)) != ST_OK)
        return rc;
    if ((rc = prompt_encode(r->p, &ask, context + (r->passes - 1) * each, NULL, r->e)) != ST_OK)
        return rc;
    pipeline_rest(r->p, PIPELINE_TEXT);
    unet_context(g, r->p->unet, context, r->passes, tokens);
    return progress(r, 0);
}

static int
run_all(struct run *r)
{
    struct engine *g = &r->p->engine;
    size_t h = (size_t)r->params->height / r->p->vae.factor,
           w = (size_t)r->params->width / r->p->vae.factor;
    size_t c = r->p->vae.channels, steps = g->planning ? 1 : r->sampler.steps;
    struct tensor x = tensor_new(g, 1, h, w, c), clean = tensor_new(g, 1, h, w, c);
    size_t mark = engine_mark(g);
    struct tensor input = tensor_new(g, r->passes, h, w, c),
                  output = tensor_new(g, r->passes, h, w, c);
    int rc;

    if ((rc = prepare_prompts(r)) != ST_OK)
        return rc;
    if (!g->planning) {
        noise_normal(r->params->seed, 0, 0, tensor_count(&x), x.data);
        for (size_t i = 0; i < tensor_count(&x); i++)
            x.data[i] = (float)((double)x.data[i] * r->sampler.start_scale);
    }
    for (size_t i = 0; i < steps; i++) {
        if ((rc = denoise(r, i, &x, &input, &output, &clean)) != ST_OK)
            return rc;
        show_preview(r, i + 1, &clean);
        if ((rc = progress(r, (int)i + 1)) != ST_OK)
            return rc;
    }
    engine_rewind(g, mark);
    pipeline_rest(r->p, PIPELINE_UNET);
    return decode(r, &x);
}

/* Checks and walks the run once without touching data; the engine is still planning after 0. */
static int
plan(struct run *r)
{
    const struct generate_params *params = r->params;
    enum sampler_kind kind =
        params->sampler == SAMPLER_EULER ? SAMPLER_KIND_EULER : SAMPLER_KIND_DDIM;
    int rc;

    if ((rc = generate_check(r->p, params, r->e)) != ST_OK ||
        (rc = sampler_init(&r->sampler, &r->p->schedule, kind, (size_t)params->steps, r->e)) !=
            ST_OK)
        return rc;
    r->passes = params->guidance > 1.0 ? 2 : 1;
    engine_plan(&r->p->engine);
    if ((rc = run_all(r)) != ST_OK)
        r->p->engine.planning = false;
    return rc;
}

int
generate_memory(struct pipeline *p, const struct generate_params *params, size_t *bytes,
                struct err *e)
{
    static const struct generate_hooks NO_HOOKS = {0};
    struct image out = {0};
    struct run r = {.p = p, .params = params, .hooks = &NO_HOOKS, .e = e, .out = &out};
    int rc;

    *bytes = 0;
    if ((rc = plan(&r)) != ST_OK)
        return rc;
    *bytes = p->engine.peak;
    p->engine.planning = false;
    p->engine.used = 0;
    return ST_OK;
}

int
generate(struct pipeline *p, const struct generate_params *params,
         const struct generate_hooks *hooks, struct image *out, struct err *e)
{
    static const struct generate_hooks NO_HOOKS = {0};
    struct run r = {
        .p = p, .params = params, .hooks = hooks != NULL ? hooks : &NO_HOOKS, .e = e, .out = out};
    int rc;

    memset(out, 0, sizeof *out);
    if ((rc = plan(&r)) != ST_OK)
        return rc;
    if ((rc = engine_plan_end(&p->engine, 0, e)) != ST_OK)
        return rc;
    rc = run_all(&r);
    p->engine.used = 0;
    if (rc != ST_OK)
        image_release(out);
    return rc;
}
