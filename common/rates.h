/*
 * How fast the render workers are with a model: they publish it, the application makes prices and
 * waiting times from it. A worker that was not seen for a minute counts for nothing.
 */
#ifndef GEMPIX_COMMON_RATES_H
#define GEMPIX_COMMON_RATES_H

#include <stdbool.h>
#include <stdint.h>

struct db;
struct err;

/* Seconds for a picture of so many pixels: a + b·px + c·px². */
struct rates_curve {
    double a, b, c;
};

/* One picture with guidance: its prompts, one step, from latent to pixels. */
struct rates_curves {
    struct rates_curve prompt, step, decode;
};

struct rates {
    int workers;                /* live ones that have the model */
    int64_t speed;              /* of all together, job.cost per second; 0 = unknown */
    bool measured;              /* are the curves known? */
    struct rates_curves curves; /* the mean of the workers */
};

/* The statements of the application (SELECT alone), and of workers and the clock. */
int rates_prepare(struct db *db, struct err *e);
int rates_work_prepare(struct db *db, struct err *e);

/* Zeros when no worker has the model. Curves that make no sense are as if not measured. */
int rates_load(struct db *db, const char *model, struct rates *out, struct err *e);
/* How much of the time of the workers with this model goes to visitors of other models, while
   somebody of this model waits so long: seconds are shared evenly (docs/queue.md). */
int rates_shared(struct db *db, const char *model, double seconds, double *others, struct err *e);

/* A worker has the model; `curves` NULL = not measured. About every ten seconds. */
int rates_put(struct db *db, const char *worker, const char *model, int64_t speed,
              const struct rates_curves *curves, struct err *e);
int rates_drop(struct db *db, const char *worker, struct err *e);
/* What was not seen since. */
int rates_forget(struct db *db, int64_t before, struct err *e);

/* Seconds of one picture; 0 or more. */
double rates_seconds(const struct rates_curves *k, double pixels, int steps);

#endif
