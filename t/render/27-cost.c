/*
 * The cost model: every product is counted in one class, predictions grow as they should and meet
 * reality roughly, figures survive being written and read, and nonsense is refused.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "common/err.h"
#include "common/json.h"
#include "common/text.h"
#include "render/pipeline/cost.h"
#include "render/pipeline/pipeline.h"
#include "t/lib/tap.h"

/* Figures of no host in particular; all different, so that a mix-up shows. */
static struct cost
invented(void)
{
    struct cost c = {.threads = 3, .wake = 0.25};

    for (int i = 0; i < COST_PHASES; i++) {
        for (int k = 0; k < ENGINE_WORKS; k++) {
            c.phases[i].fixed[k] = 0.001 * (1 + i + 10 * k);
            c.phases[i].per[k] = 1e-11 * (1 + k + 10 * i);
        }
    }
    return c;
}

static void
counts(struct pipeline *p)
{
    struct engine *g = &p->engine;
    struct tensor x, out;
    double before;

    engine_plan(g);
    x = tensor_new(g, 2, 12, 9, p->unet->config.in_channels);
    out = tensor_new(g, 2, 12, 9, p->unet->config.out_channels);
    unet_context(g, p->unet, NULL, 2, 77);
    before = g->flops;
    unet_run(g, p->unet, &x, &(struct unet_input){.time = 500.0}, &out);
    ok(before > 0.0 && g->flops > before && g->work[ENGINE_ATTENTION] > 0.0 &&
           g->work[ENGINE_CONV] > 0.0 && g->work[ENGINE_PRODUCT] > 0.0,
       "a U-Net pass has products, convolutions and attention");
    is_real((g->work[ENGINE_ATTENTION] + g->work[ENGINE_CONV] + g->work[ENGINE_PRODUCT]) / g->flops,
            1.0, 1e-9, "every product is counted in one class");
    ok(g->work[ENGINE_REST] > 0.0, "so are the floats of activations");
    g->planning = false;
    g->used = 0;
}

static void
growth(struct pipeline *p)
{
    struct cost c = invented();
    struct cost_job job = {128, 128, 1, 10, 1};
    struct cost_time one, two, wide, batch;

    cost_predict(p, &c, &job, &one);
    is_real(one.total, one.prompt + 10 * one.step + one.decode, 1e-9, "the whole is its parts");
    job.passes = 2;
    cost_predict(p, &c, &job, &two);
    is_real(two.prompt - c.wake, 2 * (one.prompt - c.wake), 1e-9, "guidance encodes two prompts");
    ok(two.step > 1.2 * one.step && two.step < 2.0 * one.step,
       "and has two images in a step, which share the weights");
    is_real(two.decode, one.decode, 1e-12, "but only one is decoded");
    job.passes = 1;
    job.images = 2;
    cost_predict(p, &c, &job, &batch);
    is_real(batch.step, two.step, 1e-12, "two images cost as much as two passes");
    is_real(batch.decode, 2 * one.decode, 1e-9, "and are decoded both");
    job.images = 1;
    job.width = 256;
    cost_predict(p, &c, &job, &wide);
    ok(wide.step > one.step && wide.decode > one.decode, "larger pictures take longer");
    ok(!p->engine.planning && p->engine.used == 0, "predicting leaves the engine as it was");
}

static void
curves(struct pipeline *p)
{
    struct cost c = invented();

    for (enum cost_phase phase = 0; phase < COST_PHASES; phase++) {
        struct cost_job job = {384, 384, 1, 1, 2};
        double px = 384.0 * 384.0, seconds;
        struct cost_curve v;
        struct cost_time t;

        cost_predict(p, &c, &job, &t);
        cost_fit(p, &c, phase, 2, &v);
        seconds = v.a + v.b * px + v.c * px * px;
        is_real(seconds / (phase == COST_PROMPT ? t.prompt
                           : phase == COST_STEP ? t.step
                                                : t.decode),
                1.0, 0.04, "the curve meets the prediction");
    }
}

/* cost_read of `text`. */
static int
read_back(const char *text, struct cost *out, struct err *e)
{
    struct json *json = NULL;
    int rc = json_parse(text, strlen(text), 8, &json, e);

    if (rc == ST_OK)
        rc = cost_read(json, out, e);
    json_free(json);
    return rc;
}

/* To the six digits that are written. */
static bool
same(const struct cost *a, const struct cost *b)
{
    bool good = a->threads == b->threads && fabs(a->wake - b->wake) < 1e-6;

    for (int i = 0; i < COST_PHASES; i++) {
        for (int k = 0; k < ENGINE_WORKS; k++)
            good = good && fabs(b->phases[i].fixed[k] / a->phases[i].fixed[k] - 1.0) < 1e-5 &&
                   fabs(b->phases[i].per[k] / a->phases[i].per[k] - 1.0) < 1e-5;
    }
    return good;
}

static void
writing(void)
{
    struct cost c = invented(), back;
    struct text t;
    struct err e;
    char *copy, *at;

    text_init(&t, 65536);
    cost_write(&c, NULL, &t);
    ok(read_back(text_cstr(&t), &back, &e) == ST_OK, "figures can be read back");
    ok(same(&c, &back), "and are the same");
    if ((copy = strdup(text_cstr(&t))) != NULL && (at = strstr(copy, "conv")) != NULL) {
        at[0] = 'k';
        ok(read_back(copy, &back, &e) == ST_INVALID && strstr(e.message, "conv") != NULL &&
               strstr(e.message, "prompt") != NULL,
           "what is lacking is named");
    }
    free(copy);
    ok(read_back("{\"wake\": -1}", &back, &e) == ST_INVALID, "a negative time is refused");
    text_release(&t);
}

/* A busy machine may take twice as long at any moment, so this only finds gross errors; the
 * promise itself is checked by gempix-image bench --check. */
static void
reality(struct pipeline *p)
{
    struct cost_job job = {192, 192, 1, 1, 1};
    struct cost_time t;
    struct cost c;
    struct err e;
    bool sane = true;

    ok(cost_calibrate(p, 1.0, &c, &e) == ST_OK, "a host is calibrated");
    for (int i = 0; i < COST_PHASES; i++) {
        for (int k = 0; k < ENGINE_WORKS; k++)
            sane = sane && c.phases[i].fixed[k] >= 0.0 && c.phases[i].per[k] >= 0.0 &&
                   isfinite(c.phases[i].fixed[k]) && isfinite(c.phases[i].per[k]);
    }
    ok(sane, "no figure is negative or infinite");
    cost_predict(p, &c, &job, &t);
    ok(t.step > 0.001 && t.step < 5.0 && t.decode > 0.001 && t.decode < 5.0,
       "the bundled model takes milliseconds: %.4f s a step, %.4f s to decode", t.step, t.decode);
}

int
main(void)
{
    const char *source = getenv("GEMPIX_SRC");
    char path[1024];
    struct pipeline *p;
    struct err e;

    (void)snprintf(path, sizeof path, "%s/models/gempix-tiny", source != NULL ? source : ".");
    if (pipeline_open(path, 2, &p, &e) != ST_OK) {
        ok(false, "the bundled model opens: %s", e.message);
        return tap_done();
    }
    counts(p);
    growth(p);
    curves(p);
    writing();
    reality(p);
    pipeline_close(p);
    return tap_done();
}
