/*
 * What may be asked of a model, and what may be asked together. Knows no sampling. Read next:
 * generate.c.
 */
#include <math.h>
#include <string.h>

#include "common/err.h"
#include "render/pipeline/closeup.h"
#include "render/pipeline/generate_run.h"
#include "render/pipeline/pipeline.h"
#include "render/pipeline/pipeline_motion.h"
#include "render/pipeline/prompt.h"

#define SIDE_MAX 4096
#define PROMPT_MAX 4096
#define GUIDANCE_MAX 100.0

static const char *const SAMPLERS[GENERATE_SAMPLERS] = {
    [SAMPLER_DDIM] = "ddim",
    [SAMPLER_EULER] = "euler",
    [SAMPLER_EULER_ANCESTRAL] = "euler-a",
    [SAMPLER_DPM] = "dpm",
    [SAMPLER_DPM_KARRAS] = "dpm-karras",
    [SAMPLER_LCM] = "lcm",
};

const char *
generate_sampler_name(enum generate_sampler sampler)
{
    return (unsigned)sampler < GENERATE_SAMPLERS ? SAMPLERS[sampler] : NULL;
}

bool
generate_sampler_find(const char *name, enum generate_sampler *out)
{
    for (size_t i = 0; i < GENERATE_SAMPLERS; i++) {
        if (strcmp(name, SAMPLERS[i]) == 0) {
            *out = (enum generate_sampler)i;
            return true;
        }
    }
    return false;
}

const char *
generate_negative(const struct generate_params *params)
{
    return params->negative_prompt != NULL ? params->negative_prompt : "";
}

size_t
generate_passes(const struct pipeline *p, const struct generate_params *params)
{
    if (params->guidance <= 1.0 || (p != NULL && p->unet->config.guidance_width != 0))
        return 1;
    return params->kind == GENERATE_EDIT ? 3 : 2;
}

size_t
generate_frames(const struct generate_params *params)
{
    return params->kind == GENERATE_ANIMATE ? (size_t)params->frames : 1;
}

bool
generate_wants_source(enum generate_kind kind)
{
    return kind == GENERATE_IMAGE || kind == GENERATE_INPAINT || kind == GENERATE_EDIT;
}

bool
generate_takes_source(const struct pipeline *p, const struct generate_params *params)
{
    return generate_wants_source(params->kind) ||
           (params->kind == GENERATE_ANIMATE && pipeline_motion_continues(p));
}

static size_t
more_channels(const struct pipeline *p)
{
    return p->unet->config.in_channels - p->vae.channels;
}

/* The share of the steps that is run. */
static double
strength_of(const struct generate_params *params)
{
    if (params->kind != GENERATE_IMAGE && params->kind != GENERATE_INPAINT)
        return 1.0;
    if (params->strength == 0.0)
        return params->kind == GENERATE_IMAGE ? 0.75 : 1.0;
    return params->strength;
}

bool
generate_begins_at_source(const struct pipeline *p, const struct generate_params *params)
{
    return params->kind == GENERATE_IMAGE || (params->kind == GENERATE_INPAINT &&
                                              (more_channels(p) == 0 || strength_of(params) < 1.0));
}

void
generate_choice(const struct pipeline *p, const struct generate_params *params,
                struct sampler_choice *out)
{
    static const enum sampler_kind KINDS[GENERATE_SAMPLERS] = {
        [SAMPLER_DDIM] = SAMPLER_KIND_DDIM,
        [SAMPLER_EULER] = SAMPLER_KIND_EULER,
        [SAMPLER_EULER_ANCESTRAL] = SAMPLER_KIND_ANCESTRAL,
        [SAMPLER_DPM] = SAMPLER_KIND_DPM,
        [SAMPLER_DPM_KARRAS] = SAMPLER_KIND_DPM,
        [SAMPLER_LCM] = SAMPLER_KIND_LCM,
    };

    *out = (struct sampler_choice){
        .kind = KINDS[params->sampler],
        .karras = params->sampler == SAMPLER_DPM_KARRAS || p->schedule.karras,
        .steps = (size_t)params->steps,
        .strength = strength_of(params),
    };
}

int
generate_chunks(const struct pipeline *p, const struct generate_params *params, size_t *chunks,
                struct err *e)
{
    size_t other = 0;
    int rc = prompt_chunks_of(p, params->prompt, chunks, e);

    if (rc == ST_OK && generate_passes(p, params) > 1)
        rc = prompt_chunks_of(p, generate_negative(params), &other, e);
    if (other > *chunks)
        *chunks = other;
    return rc;
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
    struct err inner;
    size_t chunks;
    int rc;

    if (prompt == NULL)
        return err_setf(e, ST_INVALID, "The %s is missing.", what);
    if (strlen(prompt) > PROMPT_MAX)
        return err_setf(e, ST_INVALID, "The %s is longer than %d bytes.", what, PROMPT_MAX);
    if ((rc = prompt_chunks_of(p, prompt, &chunks, &inner)) == ST_INVALID)
        return err_setf(e, ST_INVALID, "The %s is not valid UTF-8 text.", what);
    return rc == ST_OK ? ST_OK : err_set(e, rc, inner.message, "%s", inner.detail);
}

/* Can this model do that at all? */
static int
check_kind(const struct pipeline *p, const struct generate_params *params, struct err *e)
{
    size_t more = more_channels(p);
    enum generate_kind kind = params->kind;

    if ((unsigned)kind > GENERATE_ANIMATE)
        return err_setf(e, ST_INVALID, "There is no such kind of picture.");
    if (kind == GENERATE_ANIMATE)
        return pipeline_motion_check(p, params->frames, e);
    if (more == p->vae.channels && kind != GENERATE_EDIT)
        return err_setf(e, ST_UNSUPPORTED,
                        "This model changes pictures by an instruction and can do nothing else.");
    if (more != p->vae.channels && kind == GENERATE_EDIT)
        return err_setf(e, ST_UNSUPPORTED, "This model cannot change pictures by an instruction.");
    if (more != 0 && kind != GENERATE_EDIT && kind != GENERATE_INPAINT)
        return err_setf(e, ST_UNSUPPORTED,
                        "This model repaints parts of pictures and can do nothing else.");
    if (generate_wants_source(kind) && !autoencoder_can_encode(&p->vae))
        return err_setf(e, ST_UNSUPPORTED,
                        "The model's vae has no encoder, so it cannot begin with a picture.");
    return ST_OK;
}

static int
check_source(const struct pipeline *p, const struct generate_params *params, struct err *e)
{
    const struct image *source = params->source;
    const struct mask *mask = params->mask;
    size_t pixels = (size_t)params->width * (size_t)params->height, marked = 0;

    if (!generate_takes_source(p, params))
        return ST_OK;
    if (source == NULL || source->pixels == NULL)
        return err_setf(e, ST_INVALID, "The picture to begin with is missing.");
    if (source->width != params->width || source->height != params->height)
        return err_setf(e, ST_INVALID,
                        "The picture to begin with has %d x %d pixels, the result %d x %d.",
                        source->width, source->height, params->width, params->height);
    if (params->kind != GENERATE_INPAINT)
        return ST_OK;
    if (mask == NULL || mask->values == NULL)
        return err_setf(e, ST_INVALID, "The mask is missing.");
    if (mask->width != params->width || mask->height != params->height)
        return err_setf(e, ST_INVALID, "The mask has %d x %d pixels, the picture %d x %d.",
                        mask->width, mask->height, params->width, params->height);
    for (size_t i = 0; i < pixels; i++)
        marked += mask->values[i] >= CLOSEUP_REPAINT;
    if (marked == 0)
        return err_setf(e, ST_INVALID, "The mask marks nothing to repaint.");
    return ST_OK;
}

static int
check_numbers(const struct pipeline *p, const struct generate_params *params, struct err *e)
{
    size_t skip = prompt_skip_most(p);
    struct sampler_choice choice;
    struct sampler sampler;

    if (!(params->guidance >= 0.0 && params->guidance <= GUIDANCE_MAX) ||
        !(params->image_guidance >= 0.0 && params->image_guidance <= GUIDANCE_MAX))
        return err_setf(e, ST_INVALID, "The guidance must lie between 0 and %.0f.", GUIDANCE_MAX);
    if (!(params->rescale >= 0.0 && params->rescale <= 1.0))
        return err_setf(e, ST_INVALID, "The rescaling of guidance must lie between 0 and 1.");
    if (!(params->strength >= 0.0 && params->strength <= 1.0))
        return err_setf(e, ST_INVALID, "The strength must lie between 0 and 1.");
    if (params->clip_skip < 0 || (size_t)params->clip_skip > skip)
        return err_setf(e, ST_INVALID, "The clip skip must lie between 0 and %zu.", skip);
    if (generate_sampler_name(params->sampler) == NULL)
        return err_setf(e, ST_INVALID, "There is no such sampler.");
    if (params->steps < 0)
        return err_setf(e, ST_INVALID, "The number of steps must be at least 1.");
    generate_choice(p, params, &choice);
    return sampler_init(&sampler, &p->schedule, &choice, e);
}

int
generate_check(const struct pipeline *p, const struct generate_params *params, struct err *e)
{
    int rc;

    if ((rc = pipeline_intact(p, e)) != ST_OK || (rc = check_kind(p, params, e)) != ST_OK ||
        (rc = check_side(p, params->width, "width", e)) != ST_OK ||
        (rc = check_side(p, params->height, "height", e)) != ST_OK ||
        (rc = check_prompt(p, params->prompt, "prompt", e)) != ST_OK ||
        (rc = check_prompt(p, generate_negative(params), "negative prompt", e)) != ST_OK ||
        (rc = check_source(p, params, e)) != ST_OK)
        return rc;
    return check_numbers(p, params, e);
}

bool
generate_together(const struct generate_params *a, const struct generate_params *b)
{
    return a->kind == b->kind && a->width == b->width && a->height == b->height &&
           a->steps == b->steps && a->sampler == b->sampler && a->strength == b->strength &&
           a->clip_skip == b->clip_skip && generate_frames(a) == generate_frames(b) &&
           generate_passes(NULL, a) == generate_passes(NULL, b);
}
