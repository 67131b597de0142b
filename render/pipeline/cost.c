/*
 * The cost model: calibration, prediction, and curves for others. Knows nothing of prices. Read
 * next: render/engine/meter.h.
 */
#include "render/pipeline/cost.h"

#include <math.h>
#include <stdint.h>
#include <string.h>

#include "common/clock.h"
#include "common/err.h"
#include "common/json.h"
#include "common/text.h"
#include "render/engine/meter.h"
#include "render/engine/noise.h"
#include "render/engine/pool.h"
#include "render/pipeline/pipeline.h"
#include "render/pipeline/prompt.h"

#define POINTS_MAX 8
#define CURVE_FIRST 128
#define CURVE_LAST 1024
#define CURVE_STEP 128
#define SHORT 0.25 /* seconds: worth more runs */
#define GROWS 1.3  /* more than in proportion to the size: attention */

static const char *const PHASES[COST_PHASES] = {"prompt", "step", "decode"};
static const char *const WORKS[ENGINE_WORKS] = {"product", "conv", "attention", "rest"};

static const enum pipeline_part PARTS[COST_PHASES] = {PIPELINE_TEXT, PIPELINE_UNET, PIPELINE_VAE};

/* Where each phase is measured, the cheapest first: side in pixels and images in the batch. */
struct place {
    int side;
    size_t images;
};

static const struct {
    size_t count;
    struct place at[POINTS_MAX];
} PLACES[COST_PHASES] = {
    {1, {{64, 1}}},
    {5, {{128, 1}, {128, 2}, {256, 1}, {256, 2}, {512, 1}}},
    {3, {{128, 1}, {256, 1}, {512, 1}}},
};

/* What one run of a phase consists of and how long it took. */
struct point {
    double work[ENGINE_WORKS], spent[ENGINE_WORKS], seconds;
};

static void
run_encoder(struct engine *g, const struct clip_text *text)
{
    size_t mark = engine_mark(g), tokens = text->positions;
    int32_t *ids = (int32_t *)(void *)engine_floats(g, tokens);
    struct clip_input in = {.ids = ids, .count = tokens};
    struct clip_output out = {.states = engine_floats(g, tokens * text->width)};

    if (!g->planning)
        memset(ids, 0, tokens * sizeof *ids);
    clip_text_run(g, text, &in, &out);
    engine_rewind(g, mark);
}

static void
run_prompt(struct pipeline *p)
{
    struct engine *g = &p->engine;
    size_t tokens = prompt_tokens(p), mark = engine_mark(g);
    float *context = engine_floats(g, tokens * prompt_width(p));

    run_encoder(g, p->text);
    if (p->text2 != NULL)
        run_encoder(g, p->text2);
    if (!g->planning)
        memset(context, 0, tokens * prompt_width(p) * sizeof *context);
    unet_context(g, p->unet, context, 1, tokens);
    engine_rewind(g, mark);
}

static int64_t
run_step(struct pipeline *p, size_t n, size_t h, size_t w)
{
    struct engine *g = &p->engine;
    size_t mark = engine_mark(g), tokens = prompt_tokens(p);
    struct tensor x = tensor_new(g, n, h, w, p->unet->config.in_channels);
    struct tensor out = tensor_new(g, n, h, w, p->unet->config.out_channels);
    float *context = engine_floats(g, n * tokens * prompt_width(p));
    int64_t began;

    if (!g->planning) {
        noise_normal(1, 0, 0, tensor_count(&x), x.data);
        noise_normal(1, 1, 0, n * tokens * prompt_width(p), context);
    }
    unet_context(g, p->unet, context, n, tokens);
    meter_reset(g);
    began = clock_monotonic();
    unet_run(g, p->unet, &x, &(struct unet_input){.time = 500.0}, &out);
    engine_rewind(g, mark);
    return began;
}

static void
run_decode(struct pipeline *p, size_t n, size_t h, size_t w)
{
    struct engine *g = &p->engine;
    size_t mark = engine_mark(g), factor = p->vae.factor;
    struct tensor z = tensor_new(g, n, h, w, p->vae.channels);
    struct tensor image = tensor_new(g, n, h * factor, w * factor, 3);

    if (!g->planning)
        noise_normal(1, 2, 0, tensor_count(&z), z.data);
    autoencoder_decode(g, &p->vae, &z, &image);
    engine_rewind(g, mark);
}

/* One phase, planned or for real; h and w in latent pixels. Returns the microseconds it took. */
static int64_t
run_phase(struct pipeline *p, enum cost_phase phase, size_t n, size_t h, size_t w)
{
    int64_t began = clock_monotonic();

    meter_reset(&p->engine);
    if (phase == COST_PROMPT)
        run_prompt(p);
    else if (phase == COST_STEP)
        began = run_step(p, n, h, w);
    else
        run_decode(p, n, h, w);
    return clock_monotonic() - began;
}

static void
plan_phase(struct pipeline *p, enum cost_phase phase, size_t n, size_t h, size_t w, double *work)
{
    struct engine *g = &p->engine;

    engine_plan(g);
    (void)run_phase(p, phase, n, h, w);
    memcpy(work, g->work, sizeof g->work);
}

/* Two runs, because the first also pays for fresh memory, and more if they are short, because other
   programs disturb these most; the best one counts. In a picture the
   weights of prompt and decoder come back into memory each time, those of the steps once. */
static int
measure(struct pipeline *p, enum cost_phase phase, const struct place *at, struct point *out,
        struct err *e)
{
    struct engine *g = &p->engine;
    size_t side = (size_t)at->side / p->vae.factor;

    *out = (struct point){.seconds = INFINITY};
    plan_phase(p, phase, at->images, side, side, out->work);
    for (int i = 0; i < (out->seconds < SHORT ? 5 : 2); i++) {
        double seconds, rest;
        int rc;

        if (i > 0)
            engine_plan(g), (void)run_phase(p, phase, at->images, side, side);
        if ((rc = engine_plan_end(g, 0, e)) != ST_OK)
            return rc;
        if (phase != COST_STEP)
            pipeline_rest(p, PARTS[phase]);
        if (phase == COST_PROMPT && p->text2 != NULL)
            pipeline_rest(p, PIPELINE_TEXT2);
        seconds = rest = (double)run_phase(p, phase, at->images, side, side) / (double)CLOCK_SECOND;
        if (seconds >= out->seconds)
            continue;
        memcpy(out->spent, g->spent, sizeof out->spent);
        for (size_t k = 0; k < ENGINE_REST; k++)
            rest -= out->spent[k];
        out->spent[ENGINE_REST] = rest > 0.0 ? rest : 0.0;
        out->seconds = seconds;
    }
    return ST_OK;
}

/* Least squares for spent = fixed + per · work, errors relative to the whole phase's time; neither
 * may be negative. */
static void
fit_work(const struct point *points, size_t count, size_t k, double *fixed, double *per)
{
    double s = 0.0, sx = 0.0, sy = 0.0, sxx = 0.0, sxy = 0.0, det;

    for (size_t i = 0; i < count; i++) {
        double weight = 1.0 / (points[i].seconds * points[i].seconds);
        double x = points[i].work[k], y = points[i].spent[k];

        s += weight;
        sx += weight * x;
        sy += weight * y;
        sxx += weight * x * x;
        sxy += weight * x * y;
    }
    det = s * sxx - sx * sx;
    *fixed = 0.0;
    *per = sxx > 0.0 ? sxy / sxx : 0.0;
    if (count < 2 || det <= 1e-9 * s * sxx)
        return;
    if (sxx * sy - sx * sxy > 0.0) {
        *fixed = (sxx * sy - sx * sxy) / det;
        *per = (s * sxy - sx * sy) / det;
    }
    if (*per < 0.0) {
        *fixed = sy / s;
        *per = 0.0;
    }
}

static int
calibrate_phase(struct pipeline *p, enum cost_phase phase, int64_t until, struct cost *out,
                struct err *e)
{
    struct point points[POINTS_MAX];
    size_t count = 0;

    for (size_t i = 0; i < PLACES[phase].count; i++) {
        const struct place *at = &PLACES[phase].at[i], *last = at - 1;
        int rc;

        if (i > 0) {
            double grown = GROWS * (double)at->images * at->side * at->side /
                           ((double)last->images * last->side * last->side);

            if ((double)(until - clock_monotonic()) / (double)CLOCK_SECOND <
                2.0 * grown * points[count - 1].seconds)
                break;
        }
        if ((rc = measure(p, phase, at, &points[count], e)) != ST_OK)
            return rc;
        count++;
    }
    for (size_t k = 0; k < ENGINE_WORKS; k++)
        fit_work(points, count, k, &out->phases[phase].fixed[k], &out->phases[phase].per[k]);
    return ST_OK;
}

/* The smallest step with its weights out of memory, against the same with them. */
static int
calibrate_wake(struct pipeline *p, struct cost *out, struct err *e)
{
    const struct place *at = &PLACES[COST_STEP].at[0];
    size_t side = (size_t)at->side / p->vae.factor;
    double seconds[2];

    for (int i = 0; i < 2; i++) {
        int rc;

        engine_plan(&p->engine);
        (void)run_phase(p, COST_STEP, 1, side, side);
        if ((rc = engine_plan_end(&p->engine, 0, e)) != ST_OK)
            return rc;
        if (i == 0)
            pipeline_rest(p, PIPELINE_UNET);
        seconds[i] = (double)run_phase(p, COST_STEP, 1, side, side) / (double)CLOCK_SECOND;
    }
    out->wake = seconds[0] > seconds[1] ? seconds[0] - seconds[1] : 0.0;
    return ST_OK;
}

int
cost_calibrate(struct pipeline *p, double seconds, struct cost *out, struct err *e)
{
    int64_t began = clock_monotonic();
    int rc = ST_OK;

    memset(out, 0, sizeof *out);
    out->threads = pool_threads(p->engine.pool);
    for (enum cost_phase phase = 0; phase < COST_PHASES && rc == ST_OK; phase++) {
        /* Prompts are quick; steps have half of the time, decoding what is left. */
        double share = phase == COST_STEP ? 0.5 : 1.0;

        rc = calibrate_phase(p, phase, began + (int64_t)(share * seconds * (double)CLOCK_SECOND),
                             out, e);
    }
    return rc == ST_OK ? calibrate_wake(p, out, e) : rc;
}

static double
phase_seconds(struct pipeline *p, const struct cost *cost, enum cost_phase phase, size_t n,
              size_t h, size_t w)
{
    double work[ENGINE_WORKS], sum = 0.0;

    plan_phase(p, phase, n, h, w, work);
    p->engine.planning = false;
    p->engine.used = 0;
    for (size_t k = 0; k < ENGINE_WORKS; k++)
        sum += cost->phases[phase].fixed[k] + cost->phases[phase].per[k] * work[k];
    return sum;
}

void
cost_predict(struct pipeline *p, const struct cost *cost, const struct cost_job *job,
             struct cost_time *out)
{
    size_t h = (size_t)job->height / p->vae.factor, w = (size_t)job->width / p->vae.factor;

    out->prompt = cost->wake + job->passes * phase_seconds(p, cost, COST_PROMPT, 1, h, w);
    out->step = phase_seconds(p, cost, COST_STEP, (size_t)job->images * (size_t)job->passes, h, w);
    out->decode = job->images * phase_seconds(p, cost, COST_DECODE, 1, h, w);
    out->total = out->prompt + job->steps * out->step + out->decode;
}

/* Solves the 3 × 3 equations of least squares; `m` has the right-hand side in its last column. */
static void
solve(double m[3][4], double *x)
{
    for (int i = 0; i < 3; i++) {
        for (int r = i + 1; r < 3; r++) {
            double f = m[r][i] / m[i][i];

            for (int c = i; c < 4; c++)
                m[r][c] -= f * m[i][c];
        }
    }
    for (int i = 2; i >= 0; i--) {
        x[i] = m[i][3];
        for (int c = i + 1; c < 3; c++)
            x[i] -= m[i][c] * x[c];
        x[i] /= m[i][i];
    }
}

void
cost_fit(struct pipeline *p, const struct cost *cost, enum cost_phase phase, int passes,
         struct cost_curve *out)
{
    /* Pixels are counted in this unit meanwhile, so that the equations are well conditioned. */
    const double unit = (double)CURVE_LAST * CURVE_LAST;
    double m[3][4] = {{0.0}}, x[3];

    if (phase == COST_PROMPT) {
        *out = (struct cost_curve){cost->wake + passes * phase_seconds(p, cost, phase, 1, 1, 1),
                                   0.0, 0.0};
        return;
    }
    for (int side = CURVE_FIRST; side <= CURVE_LAST; side += CURVE_STEP) {
        size_t s = (size_t)side / p->vae.factor;
        double px = (double)side * side / unit, base[3] = {1.0, px, px * px};
        double y = phase_seconds(p, cost, phase, phase == COST_STEP ? (size_t)passes : 1, s, s);

        for (int r = 0; r < 3; r++) {
            for (int c = 0; c < 3; c++)
                m[r][c] += base[r] * base[c] / (y * y);
            m[r][3] += base[r] / y;
        }
    }
    solve(m, x);
    *out = (struct cost_curve){x[0], x[1] / unit, x[2] / (unit * unit)};
}

void
cost_write(const struct cost *cost, const struct cost_curve *curves, struct text *out)
{
    text_printf(out, "{\n \"threads\": %d,\n \"wake\": %.6g,\n \"phases\": {", cost->threads,
                cost->wake);
    for (size_t i = 0; i < COST_PHASES; i++) {
        text_printf(out, "%s\n  \"%s\": {", i > 0 ? "," : "", PHASES[i]);
        if (curves != NULL)
            text_printf(out, "\n   \"curve\": [%.6g, %.6g, %.6g],", curves[i].a, curves[i].b,
                        curves[i].c);
        for (size_t k = 0; k < ENGINE_WORKS; k++)
            text_printf(out, "%s\n   \"%s\": [%.6g, %.6g]", k > 0 ? "," : "", WORKS[k],
                        cost->phases[i].fixed[k], cost->phases[i].per[k]);
        text_puts(out, "\n  }");
    }
    text_puts(out, "\n }\n}\n");
}

int
cost_read(const struct json *json, struct cost *out, struct err *e)
{
    memset(out, 0, sizeof *out);
    out->threads = (int)json_int(json, "threads", 0);
    out->wake = json_number(json, "wake", 0.0);
    if (!(out->wake >= 0.0 && out->wake < 1e6))
        return err_setf(e, ST_INVALID, "The calibration's wake is no number of seconds.");
    for (size_t i = 0; i < COST_PHASES; i++) {
        const struct json *phase = json_get(json_get(json, "phases"), PHASES[i]);

        for (size_t k = 0; k < ENGINE_WORKS; k++) {
            const struct json *pair = json_get(phase, WORKS[k]);
            double fixed = json_value_number(json_at(pair, 0), -1.0);
            double per = json_value_number(json_at(pair, 1), -1.0);

            if (!(fixed >= 0.0 && fixed < 1e6 && per >= 0.0 && per < 1e6))
                return err_setf(e, ST_INVALID,
                                "The calibration lacks two numbers for %s in phase %s.", WORKS[k],
                                PHASES[i]);
            out->phases[i].fixed[k] = fixed;
            out->phases[i].per[k] = per;
        }
    }
    return ST_OK;
}
