/*
 * Batches: every member's picture is the one it has alone, whoever else is there, leaves or fails;
 * what may go together; what is needed and refused before it begins.
 */
#include "common/err.h"
#include "common/job_rules.h"
#include "render/engine/isa.h"
#include "render/pipeline/generate.h"
#include "t/lib/tap.h"

#define MEMBERS 4

static struct pipeline *p;
static char prompt[] = "a red sun";
static struct err errors[MEMBERS];
static struct image out[MEMBERS];
static int status[MEMBERS];

static const struct generate_params STANDARD[MEMBERS] = {
    {.prompt = "a red sun over a blue sea", .guidance = 4.0, .seed = 11},
    {.prompt = "a green boat", .negative_prompt = "stars", .guidance = 2.5, .seed = 12},
    {.prompt = "", .negative_prompt = "a bird", .guidance = 7.0, .seed = 12},
    {.prompt = "a red sun over a blue sea", .guidance = 4.0, .seed = 13},
};

/* The four with a size, steps and a sampler, and pointers to them. */
struct crowd {
    struct generate_params params[MEMBERS];
    const struct generate_params *list[MEMBERS];
};

static void
gather(struct crowd *c, int side, int steps, enum generate_sampler sampler, bool guided)
{
    for (size_t i = 0; i < MEMBERS; i++) {
        c->params[i] = STANDARD[i];
        c->params[i].width = side;
        c->params[i].height = side;
        c->params[i].steps = steps;
        c->params[i].sampler = sampler;
        if (!guided)
            c->params[i].guidance = 0.0;
        c->list[i] = &c->params[i];
    }
}

static bool
same(const struct image *a, const struct image *b)
{
    return a->width == b->width && a->height == b->height && a->pixels != NULL &&
           b->pixels != NULL &&
           memcmp(a->pixels, b->pixels, (size_t)(3 * a->width * a->height)) == 0;
}

static void
release(void)
{
    for (size_t i = 0; i < MEMBERS; i++)
        image_release(&out[i]);
}

static void
alone(const struct crowd *c, size_t i, const char *what)
{
    struct image single;
    struct err e;

    is_int(generate(p, c->list[i], NULL, &single, &e), ST_OK, "alone");
    ok(same(&single, &out[i]), "%s: member %zu has the bytes it has alone", what, i);
    image_release(&single);
}

static void
test_same(void)
{
    static const int SIDES[] = {64, 36, 96};
    struct crowd c;

    for (size_t k = 0; k < 3; k++) {
        gather(&c, SIDES[k], 3, k == 1 ? SAMPLER_EULER : SAMPLER_DDIM, k != 2);
        for (size_t n = 2; n <= MEMBERS; n++) {
            is_int(generate_many(p, c.list, n, NULL, out, status, errors), ST_OK, "a batch");
            for (size_t i = 0; i < n; i++)
                alone(&c, i, "together");
            release();
        }
    }
}

/* --- every kind --- */

#define SOURCE_MOST 64

static uint8_t pictures[MEMBERS][3 * SOURCE_MOST * SOURCE_MOST],
    marks[MEMBERS][SOURCE_MOST * SOURCE_MOST];

/* Members with sources and masks of their own, on a model of their own. */
static void
test_kind(const char *model, enum generate_kind kind, enum generate_sampler sampler, int latent)
{
    static struct image sources[MEMBERS];
    static struct mask masks[MEMBERS];
    struct pipeline *first = p;
    struct pipeline_info info;
    struct crowd c;
    struct err e;
    char path[1024];
    int side;

    (void)snprintf(path, sizeof path, "%s/t/data/%s",
                   getenv("GEMPIX_SRC") != NULL ? getenv("GEMPIX_SRC") : ".", model);
    if (pipeline_open(path, 2, &p, &e) != ST_OK) {
        ok(false, "%s: %s", model, e.message);
        p = first;
        return;
    }
    if (kind == GENERATE_ANIMATE) {
        (void)snprintf(path, sizeof path, "%s/t/data/motion",
                       getenv("GEMPIX_SRC") != NULL ? getenv("GEMPIX_SRC") : ".");
        is_int(pipeline_set_motion(p, path, &e), ST_OK, "motion modules");
    }
    pipeline_describe(p, &info);
    side = latent * info.multiple;
    gather(&c, side, 3, sampler, true);
    for (size_t i = 0; i < MEMBERS; i++) {
        for (size_t k = 0; k < (size_t)(3 * side * side); k++)
            pictures[i][k] = (uint8_t)(k * (i + 3) / 7);
        for (size_t k = 0; k < (size_t)(side * side); k++)
            marks[i][k] = k % (size_t)side > i + 2 ? 255 : 0;
        sources[i] = (struct image){side, side, pictures[i]};
        masks[i] = (struct mask){side, side, marks[i]};
        c.params[i].kind = kind;
        c.params[i].source = &sources[i];
        c.params[i].mask = &masks[i];
        c.params[i].frames = kind == GENERATE_ANIMATE ? 3 : 0;
        c.params[i].image_guidance = 1.0 + 0.1 * (double)i;
    }
    is_int(generate_many(p, c.list, MEMBERS, NULL, out, status, errors), ST_OK, model);
    for (size_t i = 0; i < MEMBERS; i++)
        alone(&c, i, model);
    release();
    pipeline_close(p);
    p = first;
}

static void
test_kinds(void)
{
    test_kind("tiny-a", GENERATE_IMAGE, SAMPLER_DPM_KARRAS, 9);
    test_kind("tiny-a", GENERATE_INPAINT, SAMPLER_EULER, 16);
    test_kind("tiny-b", GENERATE_TEXT, SAMPLER_EULER_ANCESTRAL, 12);
    test_kind("tiny-inpaint", GENERATE_INPAINT, SAMPLER_DDIM, 12);
    test_kind("tiny-edit", GENERATE_EDIT, SAMPLER_EULER_ANCESTRAL, 11);
    test_kind("tiny-lcm", GENERATE_TEXT, SAMPLER_LCM, 12);
    test_kind("tiny-lcm", GENERATE_ANIMATE, SAMPLER_DDIM, 8);
    test_kind("tiny-sdxl", GENERATE_TEXT, SAMPLER_EULER, 12);
}

/* --- leaving --- */

struct watch {
    int calls[MEMBERS], previews[MEMBERS];
    int leaver, leave_at;
};

static int
on_progress(void *ctx, int member, int step, int steps)
{
    struct watch *w = ctx;

    w->calls[member] += steps > 0;
    return member == w->leaver && step >= w->leave_at;
}

static void
on_preview(void *ctx, int member, int step, const struct image *image)
{
    struct watch *w = ctx;

    (void)step;
    w->previews[member] += image->width > 0;
}

static void
test_leave(void)
{
    struct crowd c;

    gather(&c, 48, 4, SAMPLER_DDIM, true);
    for (int at = 0; at < 4; at++) {
        struct watch w = {.leaver = at % MEMBERS, .leave_at = at};
        struct generate_hooks hooks = {
            .ctx = &w, .progress = on_progress, .preview = on_preview, .preview_every = 2};

        is_int(generate_many(p, c.list, MEMBERS, &hooks, out, status, errors), ST_CANCELLED,
               "one of four leaves");
        for (int i = 0; i < MEMBERS; i++) {
            is_int(w.calls[i], i == w.leaver ? at + 1 : 5, "  calls of progress");
            if (i == w.leaver) {
                ok(status[i] == ST_CANCELLED && out[i].pixels == NULL, "  it has no picture");
                continue;
            }
            is_int(w.previews[i], 1, "  a preview of each that stays");
            alone(&c, (size_t)i, "one left");
        }
        release();
    }
}

static void
test_bad_member(void)
{
    struct crowd c;

    gather(&c, 32, 2, SAMPLER_EULER, true);
    c.params[2].prompt = "caf\xe9";
    is_int(generate_many(p, c.list, MEMBERS, NULL, out, status, errors), ST_INVALID,
           "one prompt is no UTF-8");
    is_int(status[2], ST_INVALID, "  it fails");
    ok(errors[2].message[0] != '\0' && errors[1].message[0] == '\0',
       "  with a sentence of its own");
    alone(&c, 3, "one failed");
    release();
    gather(&c, 32, 2, SAMPLER_EULER, true);
    c.params[1].steps = 3;
    (void)generate_many(p, c.list, 2, NULL, out, status, errors);
    ok(status[0] == ST_OK && status[1] == ST_INVALID, "members that do not fit are refused");
    release();
}

/* --- who may go together, and what it takes --- */

static void
test_together(void)
{
    struct crowd c;
    struct generate_params *a = &c.params[0], *b = &c.params[1];

    gather(&c, 64, 4, SAMPLER_DDIM, true);
    ok(generate_together(a, b), "other words, seeds and guidance may go together");
    b->guidance = 1.0;
    ok(!generate_together(a, b), "but not with and without guidance");
    b->guidance = 2.0, b->width = 32;
    ok(!generate_together(a, b), "nor different widths");
    b->width = 64, b->sampler = SAMPLER_EULER;
    ok(!generate_together(a, b), "nor different samplers");
    b->sampler = SAMPLER_DDIM, b->steps = 5;
    ok(!generate_together(a, b), "nor different numbers of steps");
    b->steps = 4, b->clip_skip = 1;
    ok(!generate_together(a, b), "nor different clip skips");
    b->clip_skip = 0, b->kind = GENERATE_IMAGE;
    ok(!generate_together(a, b), "nor different kinds");
}

/* Jobs name samplers by a list of their own, in a folder that does not know this one. */
static void
test_names(void)
{
    struct job_params job = {
        .prompt = prompt, .width = 64, .height = 64, .steps = 4, .guidance = 3.0};
    enum generate_sampler found;
    struct err e;

    for (int i = 0; i < GENERATE_SAMPLERS; i++) {
        const char *name = generate_sampler_name((enum generate_sampler)i);

        (void)snprintf(job.sampler, sizeof job.sampler, "%s", name);
        ok(generate_sampler_find(name, &found) && (int)found == i &&
               job_params_check(JOB_GENERATE, &job, &e) == ST_OK,
           "a job may name the sampler %s", name);
    }
    ok(!generate_sampler_find("eular", &found), "there is no sampler eular");
    ok(generate_sampler_name((enum generate_sampler)GENERATE_SAMPLERS) == NULL, "nor a seventh");
}

static void
test_need(void)
{
    struct generate_need one, four, longer;
    struct crowd c;
    struct err e;

    gather(&c, 64, 4, SAMPLER_DDIM, true);
    is_int(generate_need(p, c.list, 1, &one, &e), ST_OK, "what one needs");
    is_int(generate_need(p, c.list, 4, &four, &e), ST_OK, "what four need");
    ok(four.peak_bytes > one.peak_bytes && four.peak_bytes < 4 * one.peak_bytes, "  more memory");
    ok(four.flops > 3.9 * one.flops && four.flops < 4.1 * one.flops, "  four times the work");
    gather(&c, 64, 8, SAMPLER_DDIM, true);
    is_int(generate_need(p, c.list, 1, &longer, &e), ST_OK, "twice the steps");
    ok(longer.peak_bytes == one.peak_bytes && longer.flops > 1.5 * one.flops, "  take longer");
    pipeline_limit(p, one.peak_bytes);
    is_int(generate(p, c.list[0], NULL, &out[0], &e), ST_OK, "what is just allowed");
    image_release(&out[0]);
    is_int(generate_many(p, c.list, 4, NULL, out, status, errors), ST_NOMEM, "what is not");
    ok(status[3] == ST_NOMEM && strstr(errors[3].message, "MiB") != NULL, "  %s",
       errors[3].message);
    pipeline_limit(p, 0);
    c.params[0].width = 3;
    is_int(generate_need(p, c.list, 2, &one, &e), ST_INVALID, "need of an impossible picture");
}

int
main(void)
{
    const char *source = getenv("GEMPIX_SRC");
    char folder[1024];
    struct err e;

    (void)snprintf(folder, sizeof folder, "%s/t/data/tiny-a", source != NULL ? source : ".");
    if (pipeline_open(folder, 2, &p, &e) != ST_OK) {
        ok(false, "the model opens: %s", e.message);
        return tap_done();
    }
    test_same();
    test_kinds();
    for (int isa = ISA_PLAIN; isa < ISA_COUNT; isa++) {
        diag("%s", isa_name((enum isa)isa));
        isa_limit((enum isa)isa);
        test_kind("tiny-a", GENERATE_TEXT, SAMPLER_DPM, 16);
        test_kind("tiny-b", GENERATE_TEXT, SAMPLER_DPM, 9);
    }
    test_leave();
    test_bad_member();
    test_together();
    test_names();
    test_need();
    pipeline_close(p);
    return tap_done();
}
