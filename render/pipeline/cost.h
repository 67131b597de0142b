/*
 * How long a picture will take on this host. Calibrating runs parts of a loaded model at a few
 * small sizes and times each kind of work; predicting plans the picture (nothing is computed) and
 * adds the kinds up. Promised: within 15 % of the real time on a quiet machine.
 *
 * seconds of a phase = Σ over kinds of work of fixed + per · amount, where the amount is FLOPs of
 * products, convolutions and attention, and floats of activations for all the rest.
 */
#ifndef GEMPIX_RENDER_PIPELINE_COST_H
#define GEMPIX_RENDER_PIPELINE_COST_H

#include "render/engine/engine.h"

struct err;
struct json;
struct pipeline;
struct text;

/* PROMPT: encoding one prompt and its keys and values; STEP: one denoising step; DECODE: one
 * latent to pixels. */
enum cost_phase { COST_PROMPT, COST_STEP, COST_DECODE, COST_PHASES };

struct cost {
    int threads;
    double wake; /* seconds that the first step needs more: its weights come back into memory */
    struct {
        double fixed[ENGINE_WORKS]; /* seconds: weights that are read whatever the size */
        double per[ENGINE_WORKS];   /* seconds per FLOP, or per float */
    } phases[COST_PHASES];
};

struct cost_job {
    int width, height;
    int images; /* in one batch */
    int steps;
    int passes; /* 2 with guidance: two prompts, two images in each step */
};

struct cost_time {
    /* Seconds: until the first step, with its weights; one step; all images; all together. */
    double prompt, step, decode, total;
};

/* seconds ≈ a + b · px + c · px², px = pixels of one image; for callers without a model at hand. */
struct cost_curve {
    double a, b, c;
};

/* Measures for about `seconds` at most (at least one run of each phase). 0, ST_NOMEM. */
int cost_calibrate(struct pipeline *p, double seconds, struct cost *out, struct err *e);
void cost_predict(struct pipeline *p, const struct cost *cost, const struct cost_job *job,
                  struct cost_time *out);
/* The curve of a phase for so many passes and images, fitted to squares of 128 to 1024 pixels. */
void cost_fit(struct pipeline *p, const struct cost *cost, enum cost_phase phase, int passes,
              struct cost_curve *out);

/* As one JSON object: rates of every phase and, from `curves` [COST_PHASES] when not NULL, a, b and
 * c of each. cost_read: 0 or ST_INVALID with the key. */
void cost_write(const struct cost *cost, const struct cost_curve *curves, struct text *out);
int cost_read(const struct json *json, struct cost *out, struct err *e);

#endif
