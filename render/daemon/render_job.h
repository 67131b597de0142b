/*
 * Claimed jobs: how each keeps its lease and how it ends. For the files of this folder. The
 * pictures of jobs that are drawn together are members of one batch (render_batch.h).
 */
#ifndef GEMPIX_RENDER_DAEMON_RENDER_JOB_H
#define GEMPIX_RENDER_DAEMON_RENDER_JOB_H

#include <stdbool.h>
#include <stdint.h>

#include "common/err.h"
#include "render/daemon/render_source.h"

struct daemon;
struct job;

/* How a job ends here. GOING = not yet. LOST writes nothing: the row is somebody else's, or will
 * be. */
enum render_outcome {
    RENDER_GOING,
    RENDER_DONE,
    RENDER_FAILED,
    RENDER_CANCELLED,
    RENDER_GIVEN_BACK,
    RENDER_LOST,
};

struct render_work {
    struct daemon *daemon;
    const struct job *job;
    enum render_outcome outcome;
    struct err why;      /* of FAILED and LOST */
    int ready;           /* pictures whose files are written */
    int step, sent_step; /* done over all images; and as the row knows it */
    int first_step;      /* done by an earlier attempt */
    int64_t began_at;    /* clock_monotonic, as all below */
    int64_t lease_until; /* by our own clock: not after the row's lease */
    int64_t renewed_at;  /* the last try */
    int64_t renew_after; /* after a failed try: not before */
    bool settled;
    struct render_source source; /* zeroed for jobs that begin with words alone */
};

void render_begin(struct render_work *w, struct daemon *d, const struct job *job);
/* Renews the lease where that is due and looks whether to go on. False: stop at once, the outcome
 * says why. */
bool render_keep(struct render_work *w);
/* Repeats an action while the database is away and the lease may still hold. The action's result;
 * ST_LOST when time is over. */
int render_insist(struct render_work *w,
                  int (*act)(struct render_work *w, void *arg, struct err *e), void *arg,
                  struct err *e);
/* The outcome that an error of drawing or storing means (0 = none); w->why is that error. */
void render_judge(struct render_work *w, int rc);
/* Moves the job as its outcome says; what happens is in the log. Once. */
void render_settle(struct render_work *w);

#endif
