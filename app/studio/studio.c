/*
 * The rules of asking for pictures; see studio.h. Pages are create_pages.c, the queue is
 * common/job.h.
 */
#include "app/studio/studio.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/clock.h"
#include "common/conf.h"
#include "common/crypto.h"
#include "common/err.h"
#include "common/job.h"

/* Not "lcm": only few models were made for it. */
const char *const studio_samplers[] = {"ddim", "euler", "euler-a", "dpm", "dpm-karras", NULL};
static const char *const sampler_labels[] = {"DDIM", "Euler", "Euler ancestral", "DPM++ 2M",
                                             "DPM++ 2M Karras"};

const char *
studio_sampler_label(const char *word)
{
    for (size_t i = 0; studio_samplers[i] != NULL; i++) {
        if (strcmp(studio_samplers[i], word) == 0)
            return sampler_labels[i];
    }
    return word;
}

bool
studio_prompt_is_long(const char *prompt)
{
    return prompt != NULL && strlen(prompt) > 80;
}

int
studio_steps_check(const struct conf *conf, int64_t steps, struct err *e)
{
    if (steps < 1 || steps > conf->model.steps_max)
        return err_setf(e, ST_INVALID, "Choose between 1 and %" PRId64 " steps.",
                        conf->model.steps_max);
    return ST_OK;
}

int
studio_funds_check(int64_t price, int64_t have, struct err *e)
{
    if (price <= have)
        return ST_OK;
    return err_setf(e, ST_FUNDS,
                    "You have %" PRId64 " credits and this costs %" PRId64
                    ". Choose fewer pictures, fewer steps or a smaller size.",
                    have, price);
}

/* Each model is a queue of its own. What needs no model of its own waits in the first's. */
static const char *
model_of(const struct conf *conf, enum job_kind kind)
{
    const char *own = kind == JOB_EDIT      ? conf->model.edit
                      : kind == JOB_REPAINT ? conf->model.repaint
                                            : "";

    return own[0] != '\0' ? own : conf->model.name;
}

/* What the kind has; everything else stays zero. */
static void
put_drawing(const struct studio_order *order, struct job_params *p)
{
    p->width = order->width;
    p->height = order->height;
    p->steps = order->steps;
    p->guidance = order->guidance;
    p->seed = order->seeded ? order->seed : crypto_random_u32();
    snprintf(p->sampler, sizeof p->sampler, "%s", order->sampler);
    if (order->kind == JOB_VARIATION || order->kind == JOB_REPAINT)
        p->strength = order->strength;
    if (order->kind == JOB_EDIT)
        p->image_guidance = order->image_guidance;
    if (order->kind == JOB_ANIMATE) {
        p->frames = order->frames;
        p->fps = order->fps;
    }
}

int
studio_submit(struct db *db, const struct conf *conf, int64_t account,
              const struct studio_order *order, struct id *job, struct err *e)
{
    struct job_submission s = {
        .account = account,
        .kind = order->kind,
        .submit_key = order->submit_key,
        .model = model_of(conf, order->kind),
        .images = order->images,
        .price = order->price,
        .work = order->work,
        .upload_lives_us = conf->media.upload_lives * CLOCK_SECOND,
        .sources = {[JOB_PICTURE] = order->picture, [JOB_MASK] = order->mask}};
    bool drawn = order->kind != JOB_CLEANUP && order->kind != JOB_UPSCALE;
    int rc;

    memset(job, 0, sizeof *job);
    s.params.prompt = strdup(drawn ? order->prompt : "");
    s.params.negative_prompt = strdup(drawn ? order->negative_prompt : "");
    if (drawn)
        put_drawing(order, &s.params);
    if (order->kind == JOB_CLEANUP) {
        s.params.find_mark = order->mask == NULL;
        s.params.rights = order->rights;
    }
    if (order->kind == JOB_UPSCALE)
        s.params.factor = order->factor;
    if (s.params.prompt == NULL || s.params.negative_prompt == NULL)
        rc = err_set(e, ST_NOMEM, "Please try again later.", "job submission");
    else
        rc = job_submit(db, &s, job, e);
    job_params_release(&s.params);
    return rc;
}
