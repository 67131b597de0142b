/*
 * The models that this host can draw with: the one of the configuration (model.name, model.path)
 * and every folder in models.dir. They are opened when a job needs one and stay in memory, below a
 * limit of bytes; beyond it the one that was used least recently goes. Knows no jobs.
 */
#ifndef GEMPIX_RENDER_DAEMON_MODELS_H
#define GEMPIX_RENDER_DAEMON_MODELS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/rates.h"
#include "render/daemon/rota.h"
#include "render/pipeline/generate.h"

struct conf;
struct err;

#define MODELS_MOST 64

struct model {
    char name[65]; /* as jobs carry it */
    char *path;
    struct pipeline *pipeline; /* NULL = not in memory */
    size_t weights;            /* bytes; an estimate by the files' sizes until it was opened */
    size_t workspace;          /* bytes that its pictures needed at most; kept while it is open */
    int64_t used_at;           /* clock_monotonic of the last use */
    int64_t refused_until;     /* after it could not be opened; 0 = it could */
    int64_t speed;             /* job.cost per second, moving average; 0 = not known yet */
    int workers;               /* that have it, this one included, as last heard */
    bool measured;             /* the curves are known */
    bool unmeasurable;         /* measuring them failed */
    struct rates_curves curves;
};

struct models {
    struct model list[MODELS_MOST]; /* the first is the configuration's */
    struct rota_entry rota[MODELS_MOST];
    size_t count;
    size_t limit; /* bytes of all weights and workspaces together */
    int threads;
};

/* Lists what is installed now; nothing is opened. Called again it adds what is new, and forgets
   what has gone and is not in memory. 0 or ST_NOMEM. models_release in any case. */
int models_find(struct models *m, const struct conf *conf, struct err *e);
void models_release(struct models *m); /* a zeroed struct is legal */

/* Opens the model if it is not in memory, and closes others where the limit asks for it. 0,
   ST_TOOBIG when it alone is beyond the limit, or an error of pipeline_open; after one it is
   refused for some minutes. */
int models_open(struct models *m, size_t which, struct err *e);
/* Makes room for a picture's working memory beside the open model: 0, or ST_TOOBIG with both
 * numbers in the sentence. */
int models_reserve(struct models *m, size_t which, size_t workspace, struct err *e);
/* Takes part in the measured speed: so much of job.cost in so many microseconds. */
void models_measure(struct model *one, int64_t work, int64_t us);
/* Measures what the parts of a picture cost with the open model, in some seconds. The log has what
 * goes wrong. */
void models_calibrate(struct models *m, size_t which, const struct conf *conf);
/* Bytes that a picture of this model may need, if all others were closed. */
size_t models_room(const struct models *m, size_t which);

#endif
