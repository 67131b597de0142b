/*
 * Times the engine's parts on one model: one U-Net pass with and without guidance, one decode, one
 * picture, with one thread and with all. Every figure is the best of several runs; ratios within
 * one run mean more than milliseconds.
 *
 *     bench/engine_bench [MODEL [SIDE]]
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/clock.h"
#include "common/err.h"
#include "render/engine/noise.h"
#include "render/engine/pool.h"
#include "render/pipeline/pipeline.h"

#define RUNS 7

enum part { PART_UNET_1, PART_UNET_2, PART_DECODE, PART_PICTURE, PARTS };

static const char *const NAMES[PARTS] = {"U-Net pass", "U-Net pass, batch of 2", "decode",
                                         "picture, 10 steps, guidance"};

static void
unet_pass(struct pipeline *p, size_t n, size_t side)
{
    struct engine *g = &p->engine;
    size_t mark = engine_mark(g), width = p->text->width, tokens = p->text->positions;
    struct tensor x = tensor_new(g, n, side, side, p->vae.channels),
                  out = tensor_new(g, n, side, side, p->vae.channels);
    float *context = engine_floats(g, n * tokens * width);

    if (!g->planning) {
        noise_normal(1, 0, 0, tensor_count(&x), x.data);
        noise_normal(1, 1, 0, n * tokens * width, context);
    }
    unet_context(g, p->unet, context, n, tokens);
    unet_run(g, p->unet, &x, 500.0, &out);
    engine_rewind(g, mark);
}

static void
decode_once(struct pipeline *p, size_t side)
{
    struct engine *g = &p->engine;
    size_t mark = engine_mark(g), wide = side * p->vae.factor;
    struct tensor z = tensor_new(g, 1, side, side, p->vae.channels),
                  image = tensor_new(g, 1, wide, wide, 3);

    if (!g->planning)
        noise_normal(1, 2, 0, tensor_count(&z), z.data);
    autoencoder_decode(g, &p->vae, &z, &image);
    engine_rewind(g, mark);
}

static int
run_part(struct pipeline *p, enum part part, size_t side, struct err *e)
{
    struct generate_params params = {.prompt = "a red sun over a blue sea",
                                     .negative_prompt = "",
                                     .steps = 10,
                                     .guidance = 4.0,
                                     .sampler = SAMPLER_DDIM};
    struct image image;
    int rc = ST_OK;

    switch (part) {
    case PART_UNET_1:
    case PART_UNET_2:
        unet_pass(p, part == PART_UNET_2 ? 2 : 1, side);
        break;
    case PART_DECODE:
        decode_once(p, side);
        break;
    default:
        params.width = params.height = (int)(side * p->vae.factor);
        rc = generate(p, &params, NULL, &image, e);
        image_release(&image);
    }
    return rc;
}

/* Best time in ms; negative on failure. */
static double
measure(struct pipeline *p, enum part part, size_t side, size_t *peak)
{
    double best = -1.0;
    struct err e;

    for (int i = 0; i < RUNS; i++) {
        int64_t began;
        double ms;

        if (part != PART_PICTURE) {
            engine_plan(&p->engine);
            (void)run_part(p, part, side, &e);
            if (engine_plan_end(&p->engine, 0, &e) != ST_OK)
                return -1.0;
        }
        began = clock_monotonic();
        if (run_part(p, part, side, &e) != ST_OK)
            return -1.0;
        ms = (double)(clock_monotonic() - began) / 1000.0;
        best = best < 0.0 || ms < best ? ms : best;
    }
    *peak = p->engine.peak;
    return best;
}

int
main(int argc, char **argv)
{
    const char *model = argc > 1 ? argv[1] : "models/gempix-tiny";
    struct pipeline *one = NULL, *all = NULL;
    struct err e;
    size_t side;

    if (pipeline_open(model, 1, &one, &e) != ST_OK || pipeline_open(model, 0, &all, &e) != ST_OK) {
        fprintf(stderr, "%s: %s\n", argv[0], e.message);
        pipeline_close(one);
        return 1;
    }
    side = argc > 2 ? strtoul(argv[2], NULL, 10) / one->vae.factor : one->unet->config.sample_size;
    printf("%s, %zu x %zu pixels\n", one->info.name, side * one->vae.factor,
           side * one->vae.factor);
    printf("%-28s %12s %9d thr. %7s %9s\n", "", "1 thread", pool_threads(all->engine.pool), "ratio",
           "MiB");
    for (enum part part = PART_UNET_1; part < PARTS; part++) {
        size_t peak = 0;
        double single = measure(one, part, side, &peak), many = measure(all, part, side, &peak);

        printf("%-28s %9.2f ms %9.2f ms %7.2f %9.1f\n", NAMES[part], single, many, single / many,
               (double)peak / 1048576.0);
    }
    pipeline_close(one);
    pipeline_close(all);
    return 0;
}
