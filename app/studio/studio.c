/*
 * The rules of asking for pictures; see studio.h. Pages are create_pages.c, the queue is
 * common/job.h.
 */
#include "app/studio/studio.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "app/studio/price.h"
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

int
studio_submit(struct db *db, const struct conf *conf, int64_t account,
              const struct studio_order *order, struct id *job, struct err *e)
{
    struct job_submission s = {.account = account,
                               .submit_key = order->submit_key,
                               .model = conf->model.name,
                               .images = order->images};
    int rc;

    memset(job, 0, sizeof *job);
    s.params.width = order->width;
    s.params.height = order->height;
    s.params.steps = order->steps;
    s.params.guidance = order->guidance;
    s.params.seed = order->seeded ? order->seed : crypto_random_u32();
    s.params.prompt = strdup(order->prompt);
    s.params.negative_prompt = strdup(order->negative_prompt);
    snprintf(s.params.sampler, sizeof s.params.sampler, "%s", order->sampler);
    s.price =
        price_of(conf, order->shape, order->width, order->height, order->steps, order->images);
    s.work =
        price_work(conf, order->shape, order->width, order->height, order->steps, order->images);
    if (s.params.prompt == NULL || s.params.negative_prompt == NULL)
        rc = err_set(e, ST_NOMEM, "Please try again later.", "job submission");
    else
        rc = job_submit(db, &s, job, e);
    job_params_release(&s.params);
    return rc;
}
