/*
 * What suits a model. See advice.h.
 */
#include "render/pipeline/advice.h"

#include <string.h>

#include "common/json.h"
#include "render/pipeline/model_parts.h"
#include "render/pipeline/pipeline.h"

#define STEPS 25
#define STEPS_LCM 4
#define GUIDANCE 5.0
#define GUIDANCE_LCM 8.0 /* an input of the distilled network, not a second pass */

static const char USUAL[] = "usual", MANIFEST[] = "the manifest", MODEL[] = "the model",
                  SCHEDULER[] = "the scheduler", LCM[] = "LCM";

/* The sampler that is, or is most like, what the scheduler's class does. */
static const struct {
    const char *class;
    enum generate_sampler sampler;
} CLASSES[] = {
    {"DDIMScheduler", SAMPLER_DDIM},
    {"DDPMScheduler", SAMPLER_DDIM},
    {"PNDMScheduler", SAMPLER_DPM},
    {"DPMSolverMultistepScheduler", SAMPLER_DPM},
    {"EulerDiscreteScheduler", SAMPLER_EULER},
    {"LMSDiscreteScheduler", SAMPLER_EULER},
    {"EulerAncestralDiscreteScheduler", SAMPLER_EULER_ANCESTRAL},
    {"LCMScheduler", SAMPLER_LCM},
};

static int
advise_sampler(const struct pipeline *p, struct advice *out, struct err *e)
{
    const char *class = json_text(p->parts->scheduler, "_class_name", "");

    out->sampler = SAMPLER_DDIM;
    out->sampler_from = USUAL;
    if (p->info.sampler[0] != '\0') {
        out->sampler_from = MANIFEST;
        if (!generate_sampler_find(p->info.sampler, &out->sampler))
            return err_setf(e, ST_INVALID,
                            "The model's manifest wants a sampler \"%.40s\", which there is not.",
                            p->info.sampler);
        return ST_OK;
    }
    for (size_t i = 0; i < sizeof CLASSES / sizeof *CLASSES; i++) {
        if (strcmp(CLASSES[i].class, class) == 0) {
            out->sampler = CLASSES[i].sampler;
            out->sampler_from = SCHEDULER;
        }
    }
    if (out->sampler == SAMPLER_DPM && p->schedule.karras)
        out->sampler = SAMPLER_DPM_KARRAS;
    if (p->info.lcm) {
        out->sampler = SAMPLER_LCM;
        out->sampler_from = MODEL;
    }
    return ST_OK;
}

int
advice_get(const struct pipeline *p, const enum generate_sampler *chosen, struct advice *out,
           struct err *e)
{
    bool lcm, native = p->info.width == 0 || p->info.height == 0;
    int rc = ST_OK;

    *out = (struct advice){.sampler_from = "the command"};
    if (chosen != NULL)
        out->sampler = *chosen;
    else
        rc = advise_sampler(p, out, e);
    lcm = out->sampler == SAMPLER_LCM;
    out->steps = p->info.steps != 0 ? p->info.steps : lcm ? STEPS_LCM : STEPS;
    out->steps_from = p->info.steps != 0 ? MANIFEST : lcm ? LCM : USUAL;
    /* A LoRA that makes any model an LCM brings no input for the guidance: there is none then. */
    out->guidance = p->info.guidance != 0.0 ? p->info.guidance
                    : !lcm                  ? GUIDANCE
                    : p->info.lcm           ? GUIDANCE_LCM
                                            : 1.0;
    out->guidance_from = p->info.guidance != 0.0 ? MANIFEST : lcm ? LCM : USUAL;
    out->width = native ? p->info.native_size : p->info.width;
    out->height = native ? p->info.native_size : p->info.height;
    out->size_from = native ? MODEL : MANIFEST;
    return rc;
}
