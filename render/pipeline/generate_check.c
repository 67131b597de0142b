/*
 * What may be asked of a model, and what may be asked together. Knows no sampling. Read next:
 * generate.c.
 */
#include <math.h>
#include <string.h>

#include "common/err.h"
#include "render/pipeline/generate_run.h"
#include "render/pipeline/pipeline.h"
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
    if (p != NULL && p->unet->config.guidance_width != 0)
        return 1;
    return params->guidance > 1.0 ? 2 : 1;
}

size_t
generate_frames(const struct generate_params *params)
{
    return params->kind == GENERATE_ANIMATE ? (size_t)params->frames : 1;
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

static int
check_numbers(const struct pipeline *p, const struct generate_params *params, struct err *e)
{
    size_t most = p->schedule.count < SAMPLER_STEPS ? p->schedule.count : SAMPLER_STEPS;
    size_t skip = prompt_skip_most(p);

    if (params->steps < 1 || (size_t)params->steps > most)
        return err_setf(e, ST_INVALID, "The number of steps must lie between 1 and %zu.", most);
    if (!(params->guidance >= 0.0 && params->guidance <= GUIDANCE_MAX))
        return err_setf(e, ST_INVALID, "The guidance must lie between 0 and %.0f.", GUIDANCE_MAX);
    if (params->clip_skip < 0 || (size_t)params->clip_skip > skip)
        return err_setf(e, ST_INVALID, "The clip skip must lie between 0 and %zu.", skip);
    if (generate_sampler_name(params->sampler) == NULL)
        return err_setf(e, ST_INVALID, "There is no such sampler.");
    if (params->sampler > SAMPLER_EULER)
        return err_setf(e, ST_UNSUPPORTED, "The sampler \"%s\" is not here yet.",
                        generate_sampler_name(params->sampler));
    return ST_OK;
}

int
generate_check(const struct pipeline *p, const struct generate_params *params, struct err *e)
{
    int rc;

    if ((rc = pipeline_intact(p, e)) != ST_OK)
        return rc;
    if (params->kind != GENERATE_TEXT)
        return err_setf(e, ST_UNSUPPORTED, "This model makes pictures from texts alone.");
    if ((rc = check_side(p, params->width, "width", e)) != ST_OK ||
        (rc = check_side(p, params->height, "height", e)) != ST_OK ||
        (rc = check_prompt(p, params->prompt, "prompt", e)) != ST_OK ||
        (rc = check_prompt(p, generate_negative(params), "negative prompt", e)) != ST_OK)
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
