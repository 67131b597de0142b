/*
 * Writes what a picture was made from. Knows no file format. Read next: picture.h.
 */
#include "render/media/parameters.h"

#include <inttypes.h>

#include "common/text.h"
#include "render/pipeline/generate.h"

/* The words that other tools use for them. */
static const char *const SAMPLERS[GENERATE_SAMPLERS] = {
    [SAMPLER_DDIM] = "DDIM",    [SAMPLER_EULER] = "Euler",
    [SAMPLER_DPM] = "DPM++ 2M", [SAMPLER_EULER_ANCESTRAL] = "Euler a",
    [SAMPLER_LCM] = "LCM",      [SAMPLER_DPM_KARRAS] = "DPM++ 2M Karras",
};

void
parameters_write(const struct generate_params *p, const char *model, struct text *out)
{
    bool late = p->kind == GENERATE_IMAGE || p->kind == GENERATE_INPAINT;

    text_puts(out, p->prompt);
    if (p->negative_prompt != NULL && p->negative_prompt[0] != '\0')
        text_printf(out, "\nNegative prompt: %s", p->negative_prompt);
    text_printf(
        out, "\nSteps: %d, Sampler: %s, CFG scale: %g, Seed: %" PRIu32 ", Size: %dx%d, Model: %s",
        p->steps, SAMPLERS[p->sampler], p->guidance, p->seed, p->width, p->height, model);
    if (late && p->strength != 0.0)
        text_printf(out, ", Denoising strength: %g", p->strength);
    if (p->kind == GENERATE_EDIT && p->image_guidance != 0.0)
        text_printf(out, ", Image CFG scale: %g", p->image_guidance);
    if (p->clip_skip > 0) /* they count the layer that is used */
        text_printf(out, ", Clip skip: %d", p->clip_skip + 1);
}
