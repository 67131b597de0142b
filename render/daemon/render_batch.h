/*
 * Jobs of one model that are drawn together, and their pictures: the members of the batch. For the
 * files of this folder.
 */
#ifndef GEMPIX_RENDER_DAEMON_RENDER_BATCH_H
#define GEMPIX_RENDER_DAEMON_RENDER_BATCH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/err.h"
#include "common/job.h"
#include "render/pipeline/generate.h"

struct daemon;
struct render_work;

/* One variation of a job. */
struct render_member {
    struct render_work *work;
    int image;  /* variation, from 0 */
    int step;   /* done so far */
    int first;  /* done by an earlier attempt */
    bool shows; /* its previews are the job's */
    bool over;  /* drawn, or not to be drawn any more */
    struct generate_params params;
    void *resume;     /* what an earlier attempt left; params borrows it */
    int64_t began_at; /* clock_monotonic */
    int64_t kept_at;  /* clock_monotonic of the last state that was stored */
    /* What the pipeline made of it. */
    struct image picture;
    int status;
    struct err e;
};

/* May the job be drawn in one pass with those that were taken already, and is there room for its
   pictures? For job_claim_batch; `ctx` is a struct daemon. */
bool render_joins(void *ctx, const struct job *taken, int count, const struct job *other);

/* Draws and settles every job with the open model d->models.list[which]. Nothing is left to do for
 * the caller but job_release. */
void render_jobs(struct daemon *d, size_t which, const struct job *jobs, int count);

/* render_image.c: what the pipeline calls for members; ctx is an array of struct render_member *.
 */
struct generate_hooks render_hooks(const struct daemon *d, struct render_member **members);
/* The parameters that the job's row gives to this variation. 0, or ST_INVALID for the visitor. */
int render_params(const struct job *job, int image, struct generate_params *out, struct err *e);
/* Looks for what an earlier attempt left of the picture, for params. */
void render_resume(struct render_member *m);
/* That was no good: forgets it. */
void render_start_over(struct render_member *m);
/* Writes the picture and its smaller copies into the store. 0, ST_LOST, ST_IO, ST_NOMEM … */
int render_store(struct render_member *m, struct err *e);
/* The IPTC code of digital sources that fits what the kind makes. */
const char *render_provenance(enum job_kind kind);

#endif
