/*
 * Writes what a picture was made from. Knows no file format. Read next: picture.h.
 */
#include "render/media/parameters.h"

#include <inttypes.h>

#include "common/text.h"
#include "render/pipeline/generate.h"

void
parameters_write(const struct generate_params *p, const char *model, struct text *out)
{
    text_puts(out, p->prompt);
    if (p->negative_prompt[0] != '\0')
        text_printf(out, "\nNegative prompt: %s", p->negative_prompt);
    text_printf(
        out, "\nSteps: %d, Sampler: %s, CFG scale: %g, Seed: %" PRIu32 ", Size: %dx%d, Model: %s",
        p->steps, p->sampler == SAMPLER_EULER ? "Euler" : "DDIM", p->guidance, p->seed, p->width,
        p->height, model);
}
