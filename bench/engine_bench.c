/*
 * Times one part of the engine on one model and prints one line: PART, seconds of the best run
 * after a warm-up, and the workspace in MiB, separated by tabs. bench/run calls it in turn with the
 * peers; see there for which part goes with which model.
 *
 *     bench/engine_bench MODEL PART [RUNS [THREADS [SIDE]]]
 *
 * Knows the pipeline from the inside; nothing links to it.
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/clock.h"
#include "common/err.h"
#include "render/engine/noise.h"
#include "render/engine/pool.h"
#include "render/media/picture.h"
#include "render/pipeline/pipeline.h"
#include "render/pipeline/prompt.h"

#define RUNS 5

struct measure {
    struct pipeline *p;
    size_t side; /* of the latent */
    int batch;
    int64_t began, first; /* start: when the process began, and when the prompt was encoded */
};

static int
unet_pass(struct measure *m, struct err *e)
{
    struct engine *g = &m->p->engine;
    size_t mark = engine_mark(g), width = prompt_width(m->p), tokens = prompt_tokens(m->p);
    size_t n = (size_t)m->batch, c = m->p->vae.channels;
    struct tensor x = tensor_new(g, n, m->side, m->side, c);
    struct tensor out = tensor_new(g, n, m->side, m->side, c);
    float *context = engine_floats(g, n * tokens * width);

    (void)e;
    if (!g->planning) {
        noise_normal(1, 0, 0, tensor_count(&x), x.data);
        noise_normal(1, 1, 0, n * tokens * width, context);
    }
    unet_context(g, m->p->unet, context, n, tokens);
    unet_run(g, m->p->unet, &x, &(struct unet_input){.time = 500.0}, &out);
    engine_rewind(g, mark);
    return ST_OK;
}

static int
decode_once(struct measure *m, struct err *e)
{
    struct engine *g = &m->p->engine;
    size_t mark = engine_mark(g), wide = m->side * m->p->vae.factor, n = (size_t)m->batch;
    struct tensor z = tensor_new(g, n, m->side, m->side, m->p->vae.channels);
    struct tensor image = tensor_new(g, n, wide, wide, 3);

    (void)e;
    if (!g->planning)
        noise_normal(1, 2, 0, tensor_count(&z), z.data);
    autoencoder_decode(g, &m->p->vae, &z, &image);
    engine_rewind(g, mark);
    return ST_OK;
}

/* One step without guidance, from the words to the bytes of a PNG file. */
static int
turbo(struct measure *m, struct err *e)
{
    int size = (int)(m->side * m->p->vae.factor), rc;
    struct generate_params params = {.prompt = "a red sun over a blue sea",
                                     .negative_prompt = "",
                                     .width = size,
                                     .height = size,
                                     .steps = 1,
                                     .guidance = 1.0,
                                     .sampler = SAMPLER_EULER};
    struct picture_note note = {.software = "Gempix 2"};
    struct image image;
    size_t bytes = 0;
    void *data = NULL;

    if ((rc = generate(m->p, &params, NULL, &image, e)) == ST_OK)
        rc = picture_encode(&image, PICTURE_PNG, 90, &note, &data, &bytes, e);
    free(data);
    image_release(&image);
    return rc;
}

static int
stop_at_once(void *ctx, int member, int step, int steps)
{
    struct measure *m = ctx;

    (void)member;
    (void)step;
    (void)steps;
    m->first = clock_monotonic();
    return 1;
}

/* Encodes the prompt and stops where the first step would begin. */
static int
until_first_step(struct measure *m, struct err *e)
{
    struct generate_params params = {.prompt = "a red sun over a blue sea",
                                     .negative_prompt = "",
                                     .steps = 20,
                                     .guidance = 7.0,
                                     .sampler = SAMPLER_DDIM};
    struct generate_hooks hooks = {.ctx = m, .progress = stop_at_once};
    struct image image;
    int rc;

    params.width = params.height = (int)(m->side * m->p->vae.factor);
    rc = generate(m->p, &params, &hooks, &image, e);
    image_release(&image);
    return rc == ST_CANCELLED ? ST_OK : rc;
}

static const struct part {
    const char *name;
    int (*run)(struct measure *m, struct err *e);
    int batch;
    bool plan, once; /* plan the workspace before; no warm-up */
} PARTS[] = {
    {"unet-b1", unet_pass, 1, true, false},      {"unet-b2", unet_pass, 2, true, false},
    {"unet-b4", unet_pass, 4, true, false},      {"decode", decode_once, 1, true, false},
    {"decode-b2", decode_once, 2, true, false},  {"turbo", turbo, 1, false, false},
    {"start", until_first_step, 1, false, true},
};

static const struct part *
find_part(const char *name)
{
    for (size_t i = 0; i < sizeof PARTS / sizeof *PARTS; i++) {
        if (strcmp(PARTS[i].name, name) == 0)
            return &PARTS[i];
    }
    return NULL;
}

/* Seconds of the best run. 0 or a status. */
static int
best_of(struct measure *m, const struct part *part, int runs, double *best, struct err *e)
{
    int first = part->once ? 0 : -1, rc = ST_OK;

    *best = INFINITY;
    m->batch = part->batch;
    for (int i = first; i < (part->once ? 1 : runs) && rc == ST_OK; i++) {
        int64_t began;
        double seconds;

        if (part->plan) {
            engine_plan(&m->p->engine);
            (void)part->run(m, e);
            if ((rc = engine_plan_end(&m->p->engine, 0, e)) != ST_OK)
                return rc;
        }
        began = clock_monotonic();
        rc = part->run(m, e);
        seconds = (double)(clock_monotonic() - began) / (double)CLOCK_SECOND;
        if (part->once)
            seconds = (double)(m->first - m->began) / (double)CLOCK_SECOND;
        if (i >= 0 && seconds < *best)
            *best = seconds;
    }
    return rc;
}

int
main(int argc, char **argv)
{
    struct measure m = {.began = clock_monotonic()};
    int runs = argc > 3 ? (int)strtol(argv[3], NULL, 10) : RUNS;
    int threads = argc > 4 ? (int)strtol(argv[4], NULL, 10) : 0;
    const struct part *part = argc > 2 ? find_part(argv[2]) : NULL;
    double best = 0.0;
    struct err e;
    int rc;

    if (part == NULL || runs < 1 || argc > 6) {
        fprintf(stderr, "usage: engine_bench MODEL PART [RUNS [THREADS [SIDE]]]\nparts:");
        for (size_t i = 0; i < sizeof PARTS / sizeof *PARTS; i++)
            fprintf(stderr, " %s", PARTS[i].name);
        fputc('\n', stderr);
        return 2;
    }
    err_clear(&e);
    if ((rc = pipeline_open(argv[1], threads, &m.p, &e)) == ST_OK) {
        m.side =
            argc > 5 ? strtoul(argv[5], NULL, 10) / m.p->vae.factor : m.p->unet->config.sample_size;
        rc = best_of(&m, part, runs, &best, &e);
    }
    if (rc != ST_OK)
        fprintf(stderr, "engine_bench: %s\n", e.message);
    else
        printf("%s\t%.4f\t%.0f\n", part->name, best, (double)m.p->engine.peak / 1048576.0);
    pipeline_close(m.p);
    return rc == ST_OK ? 0 : 1;
}
