/*
 * The rules of asking for pictures: from what a visitor chose to a job in the queue. No HTTP, no
 * SQL.
 */
#ifndef GEMPIX_APP_STUDIO_STUDIO_H
#define GEMPIX_APP_STUDIO_STUDIO_H

#include <stdbool.h>
#include <stdint.h>

#include "common/ids.h"
#include "common/job.h"

struct conf;
struct db;
struct err;

#define STUDIO_GUIDANCE_MIN 1
#define STUDIO_GUIDANCE_MAX 20

/* Words of the form for the samplers, NULL ends; the first is the standard. */
extern const char *const studio_samplers[];
/* "DDIM" for people; a word that is none of these is its own label. */
const char *studio_sampler_label(const char *word);

/* True for a prompt that is too long to be set like a headline. */
bool studio_prompt_is_long(const char *prompt);

/* What a kind has no use for is not looked at. */
struct studio_order {
    enum job_kind kind;
    const char *prompt;
    const char *negative_prompt;
    int width, height, steps, images;
    double guidance;
    bool seeded; /* else a seed is drawn */
    uint32_t seed;
    const char *sampler; /* of studio_samplers */
    double strength, image_guidance;
    int frames, fps, factor;
    bool rights;                     /* confirmed, where the kind asks for it */
    const struct id *picture, *mask; /* files of the account; NULL = none */
    int64_t price, work;             /* credits; see job_submission */
    struct id submit_key;            /* of the form, so that sending it twice makes one job */
};

/* 0 or ST_INVALID with a sentence. */
int studio_steps_check(const struct conf *conf, int64_t steps, struct err *e);
/* ST_FUNDS with a sentence that names both numbers and the way out, or 0. */
int studio_funds_check(int64_t price, int64_t have, struct err *e);
/* Queues the order at its price; *job is the public id. 0, ST_FUNDS, ST_NOTFOUND (a picture is
 * gone), ST_NOMEM, ST_DB. */
int studio_submit(struct db *db, const struct conf *conf, int64_t account,
                  const struct studio_order *order, struct id *job, struct err *e);

#endif
