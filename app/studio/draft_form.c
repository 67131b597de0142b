/*
 * Drafts; see draft_form.h. A mode's own fields are those that its line in mode.c asks for; what it
 * does not ask for is neither required nor looked at.
 */
#include "app/studio/draft_form.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "app/studio/sizes.h"
#include "app/studio/studio.h"
#include "common/arena.h"
#include "common/clock.h"
#include "common/conf.h"
#include "common/err.h"
#include "common/language.h"
#include "common/media.h"
#include "common/rates.h"

#define FILE_BYTES ((double)(1 << 30)) /* media.upload_max decides; see check_file */

static const char *const factor_words[] = {"2", "4", NULL};

/* Of both forms. */
#define DRAFT_COMMON                                                                               \
    [DRAFT_SUBMIT_KEY] = {"submit_key", N_("Form"), FIELD_ID, 0, 0, true, NULL},                   \
    [DRAFT_PICTURE] = {"picture", N_("Your picture"), FIELD_FILE, 0, FILE_BYTES, false, NULL},     \
    [DRAFT_PICTURE_ID] = {"picture_id", N_("Your picture"), FIELD_ID, 0, 0, false, NULL},          \
    [DRAFT_MASK] = {"mask", N_("Mask"), FIELD_FILE, 0, FILE_BYTES, false, NULL},                   \
    [DRAFT_RIGHTS] = {"rights", N_("Your right"), FIELD_CHECK, 0, 1, false, NULL},                 \
    [DRAFT_FACTOR] = {"factor", N_("How much larger"), FIELD_CHOICE, 0, 0, false, factor_words}

#define DRAFT_DRAWN(required)                                                                      \
    [DRAFT_PROMPT] = {"prompt", N_("Prompt"), FIELD_TEXT, 1, JOB_PROMPT_MAX, required, NULL},      \
    [DRAFT_NEGATIVE] = {"negative_prompt", N_("Leave out"), FIELD_TEXT, 0,                         \
                        JOB_PROMPT_MAX,    false,           NULL},                                 \
    [DRAFT_SIZE] = {"size", N_("Size"), FIELD_CHOICE, 0, 0, required, size_words},                 \
    [DRAFT_WIDTH] = {"width", N_("Width"), FIELD_INT, 1, 16384, false, NULL},                      \
    [DRAFT_HEIGHT] = {"height", N_("Height"), FIELD_INT, 1, 16384, false, NULL},                   \
    [DRAFT_STEPS] = {"steps", N_("Steps"), FIELD_INT, 1, 1000, required, NULL},                    \
    [DRAFT_GUIDANCE] = {"guidance",          N_("Guidance"), FIELD_REAL, STUDIO_GUIDANCE_MIN,      \
                        STUDIO_GUIDANCE_MAX, required,       NULL},                                \
    [DRAFT_SAMPLER] = {"sampler", N_("Method"), FIELD_CHOICE, 0, 0, required, studio_samplers},    \
    [DRAFT_SEED] = {"seed", N_("Seed"), FIELD_INT, 0, UINT32_MAX, false, NULL},                    \
    [DRAFT_IMAGES] = {"images", N_("Pictures"), FIELD_INT, 1, JOB_IMAGES_MAX, false, NULL},        \
    [DRAFT_STRENGTH] = {"strength", N_("How far from your picture"), FIELD_REAL, 0.05, 1, false,   \
                        NULL},                                                                     \
    [DRAFT_IMAGE_GUIDANCE] =                                                                       \
        {"image_guidance", N_("Closeness to the picture"), FIELD_REAL, 1, 5, false, NULL},         \
    [DRAFT_FRAMES] = {"frames", N_("Frames"), FIELD_INT, 2, DRAFT_FRAMES_MAX, false, NULL},        \
    [DRAFT_FPS] = {"fps", N_("Frames per second"), FIELD_INT, 1, 30, false, NULL}

static const struct field drawing_fields[DRAFT_FIELDS] = {DRAFT_DRAWN(true), DRAFT_COMMON};
static const struct field mending_fields[DRAFT_FIELDS] = {DRAFT_DRAWN(false), DRAFT_COMMON};
const struct form draft_drawing_form = {drawing_fields, DRAFT_FIELDS};
const struct form draft_mending_form = {mending_fields, DRAFT_FIELDS};

enum { START_PROMPT, START_FROM, START_SEED, START_PICTURE };

static const struct field start_fields[] = {
    [START_PROMPT] = {"prompt", N_("Prompt"), FIELD_TEXT, 0, JOB_PROMPT_MAX, false, NULL},
    [START_FROM] = {"from", N_("Job"), FIELD_ID, 0, 0, false, NULL},
    [START_SEED] = {"seed", N_("Seed"), FIELD_INT, 0, UINT32_MAX, false, NULL},
    [START_PICTURE] = {"picture", N_("Your picture"), FIELD_ID, 0, 0, false, NULL},
};
const struct form draft_start_form = {start_fields, sizeof start_fields / sizeof start_fields[0]};

/* --- how it starts --- */

static void
numbers(struct request *rq, struct draft *d, const struct job_params *p, int images)
{
    d->width = p->width;
    d->height = p->height;
    d->steps = p->steps;
    d->images = images;
    d->strength = p->strength;
    d->frames = p->frames;
    d->factor = p->factor;
    d->size = size_find(rq->conf, p->width, p->height);
    for (int i = 0; studio_samplers[i] != NULL; i++) {
        if (strcmp(studio_samplers[i], p->sampler) == 0)
            d->sampler = i;
    }
    d->text[DRAFT_PROMPT] = arena_strdup(rq->arena, p->prompt != NULL ? p->prompt : "");
    d->text[DRAFT_NEGATIVE] =
        arena_strdup(rq->arena, p->negative_prompt != NULL ? p->negative_prompt : "");
    d->text[DRAFT_WIDTH] = arena_printf(rq->arena, "%d", p->width);
    d->text[DRAFT_HEIGHT] = arena_printf(rq->arena, "%d", p->height);
    d->text[DRAFT_STEPS] = arena_printf(rq->arena, "%d", p->steps);
    d->text[DRAFT_GUIDANCE] = arena_printf(rq->arena, "%g", p->guidance);
    d->text[DRAFT_STRENGTH] = arena_printf(rq->arena, "%g", p->strength);
    d->text[DRAFT_IMAGE_GUIDANCE] = arena_printf(rq->arena, "%g", p->image_guidance);
    d->text[DRAFT_FRAMES] = arena_printf(rq->arena, "%d", p->frames);
    d->text[DRAFT_FPS] = arena_printf(rq->arena, "%d", p->fps);
    d->text[DRAFT_SEED] = "";
}

/* The standard of the configured model. */
static struct job_params
standard(const struct conf *conf)
{
    struct job_params p = {.steps = (int)conf->model.steps,
                           .guidance = conf->model.guidance,
                           .strength = 0.6,
                           .image_guidance = 1.5,
                           .frames = 16,
                           .fps = 8,
                           .factor = 2};

    size_pixels(conf, SIZE_SQUARE, &p.width, &p.height);
    snprintf(p.sampler, sizeof p.sampler, "%s", studio_samplers[0]);
    return p;
}

/* An earlier job's parameters; what its kind has not stays the standard. */
static int
start_from(struct request *rq, struct draft *d, struct err *e)
{
    struct job_params p = standard(rq->conf);
    struct job j;
    int rc = job_load(rq->db, rq->visitor.account, &rq->values[START_FROM].id, &j, e);

    if (rc != ST_OK)
        return rc == ST_NOTFOUND ? ST_OK : rc;
    p.prompt = j.params.prompt;
    p.negative_prompt = j.params.negative_prompt;
    if (j.params.width > 0) {
        p.width = j.params.width;
        p.height = j.params.height;
        p.steps = j.params.steps;
        p.guidance = j.params.guidance;
        snprintf(p.sampler, sizeof p.sampler, "%s", j.params.sampler);
    }
    if (j.params.strength > 0)
        p.strength = j.params.strength;
    if (j.params.image_guidance > 0)
        p.image_guidance = j.params.image_guidance;
    if (j.params.frames > 0) {
        p.frames = j.params.frames;
        p.fps = j.params.fps;
    }
    numbers(rq, d, &p, j.images);
    job_release(&j);
    return ST_OK;
}

static int
shape_of(struct request *rq, struct draft *d, struct err *e)
{
    struct rates rates;
    int rc = rates_load(rq->db, rq->conf->model.name, &rates, e);

    if (rc == ST_OK)
        price_shape_of(rq->conf, &rates, &d->shape);
    return rc;
}

/* A picture of the visitor's own that is still there. */
static int
take_given(struct request *rq, struct draft *d, const struct value *value, struct err *e)
{
    struct media m;
    int rc;

    if (!value->present || value->error != NULL)
        return ST_OK;
    rc = media_load(rq->db, rq->visitor.account, &value->id, &m, e);
    if (rc == ST_OK) {
        d->given = true;
        d->picture = value->id;
    }
    return rc == ST_NOTFOUND ? ST_OK : rc;
}

int
draft_start(struct request *rq, enum mode_name mode, struct draft *d, struct err *e)
{
    struct job_params p = standard(rq->conf);
    const struct value *from = &rq->values[START_FROM], *seed = &rq->values[START_SEED];
    int rc = ST_OK;

    memset(d, 0, sizeof *d);
    d->mode = mode;
    id_random(&d->submit_key);
    numbers(rq, d, &p, 1);
    if (from->present && from->error == NULL)
        rc = start_from(rq, d, e);
    if (rc != ST_OK || (rc = take_given(rq, d, &rq->values[START_PICTURE], e)) != ST_OK)
        return rc;
    if (rq->values[START_PROMPT].present && rq->values[START_PROMPT].error == NULL)
        d->text[DRAFT_PROMPT] = rq->values[START_PROMPT].text;
    if (seed->present && seed->error == NULL) {
        d->text[DRAFT_SEED] = seed->text;
        d->images = 1;
    }
    return shape_of(rq, d, e);
}

/* --- what came in --- */

static void
set_error(struct request *rq, int field, const char *sentence)
{
    if (rq->values[field].error != NULL)
        return;
    rq->values[field].error = arena_strdup(rq->arena, sentence);
    rq->errors++;
}

static void
forgive(struct request *rq, int field)
{
    rq->errors -= rq->values[field].error != NULL;
    rq->values[field].error = NULL;
}

static void
read_values(struct request *rq, struct draft *d)
{
    const struct value *v = rq->values;

    for (int i = 0; i < DRAFT_FIELDS; i++)
        d->text[i] = i == DRAFT_PICTURE || i == DRAFT_MASK ? "" : v[i].text;
    d->size = v[DRAFT_SIZE].i;
    d->sampler = v[DRAFT_SAMPLER].i;
    d->submit_key = v[DRAFT_SUBMIT_KEY].id;
    if (!v[DRAFT_SUBMIT_KEY].present || v[DRAFT_SUBMIT_KEY].error != NULL)
        id_random(&d->submit_key);
    d->steps = v[DRAFT_STEPS].error == NULL ? (int)v[DRAFT_STEPS].i : 0;
    d->images = v[DRAFT_IMAGES].error != NULL ? 0
                : v[DRAFT_IMAGES].present     ? (int)v[DRAFT_IMAGES].i
                                              : 1;
    d->strength = v[DRAFT_STRENGTH].d;
    d->frames = v[DRAFT_FRAMES].error == NULL ? (int)v[DRAFT_FRAMES].i : 0;
    d->factor = v[DRAFT_FACTOR].present && v[DRAFT_FACTOR].i == 1 ? 4 : 2;
    d->rights = v[DRAFT_RIGHTS].i == 1;
}

/* The pixels that the chosen size means. */
static void
check_size(struct request *rq, struct draft *d)
{
    struct err why;

    if (rq->values[DRAFT_SIZE].error != NULL)
        return;
    if (d->size != SIZE_EXACT) {
        /* The exact numbers were not meant; a mistake in them is none. */
        forgive(rq, DRAFT_WIDTH);
        forgive(rq, DRAFT_HEIGHT);
        size_pixels(rq->conf, (enum size_name)d->size, &d->width, &d->height);
    } else if (rq->values[DRAFT_WIDTH].error == NULL && rq->values[DRAFT_HEIGHT].error == NULL) {
        d->width = (int)rq->values[DRAFT_WIDTH].i;
        d->height = (int)rq->values[DRAFT_HEIGHT].i;
    }
    if (rq->values[DRAFT_WIDTH].error == NULL && rq->values[DRAFT_HEIGHT].error == NULL &&
        size_check(rq->conf, d->width, d->height, &why) != ST_OK) {
        set_error(rq, DRAFT_WIDTH, why.message);
        d->width = d->height = 0;
    }
}

static void
check_drawing(struct request *rq, struct draft *d)
{
    const char *prompt = d->text[DRAFT_PROMPT];
    struct err why;

    if (rq->values[DRAFT_PROMPT].error == NULL && prompt[strspn(prompt, " \n")] == '\0')
        set_error(rq, DRAFT_PROMPT, T(modes[d->mode].none));
    if (rq->values[DRAFT_STEPS].error == NULL &&
        studio_steps_check(rq->conf, rq->values[DRAFT_STEPS].i, &why) != ST_OK)
        set_error(rq, DRAFT_STEPS, why.message);
    check_size(rq, d);
    if (mode_asks(d->mode, ASKS_STRENGTH) && !rq->values[DRAFT_STRENGTH].present)
        set_error(rq, DRAFT_STRENGTH, T("Choose how far it may go from your picture."));
    if (mode_asks(d->mode, ASKS_FILM) && !rq->values[DRAFT_FRAMES].present)
        set_error(rq, DRAFT_FRAMES, T("Choose how many frames the film has."));
    if (mode_asks(d->mode, ASKS_FILM) && !rq->values[DRAFT_FPS].present)
        set_error(rq, DRAFT_FPS, T("Choose how many frames are shown in a second."));
}

/* Stores a file that came. What is in it only the renderer looks at. */
static int
keep_file(struct request *rq, int field, bool *there, struct id *out, struct err *e)
{
    const struct value *v = &rq->values[field];
    struct media m;
    char text[100];
    int rc;

    if (!v->present || v->error != NULL)
        return ST_OK;
    if ((int64_t)v->len > rq->conf->media.upload_max) {
        snprintf(text, sizeof text, T("This file is too large: at most %.0f MB are taken."),
                 (double)rq->conf->media.upload_max / 1e6);
        set_error(rq, field, text);
        return ST_OK;
    }
    rc = media_upload(rq->db, rq->store, rq->visitor.account, v->text, v->len,
                      rq->conf->media.transient * CLOCK_SECOND, &m, e);
    if (rc == ST_OK) {
        *there = true;
        *out = m.public_id;
    }
    return rc;
}

static int
take_files(struct request *rq, struct draft *d, struct err *e)
{
    int rc = ST_OK;

    if (mode_asks(d->mode, ASKS_PICTURE)) {
        if ((rc = take_given(rq, d, &rq->values[DRAFT_PICTURE_ID], e)) != ST_OK ||
            (rc = keep_file(rq, DRAFT_PICTURE, &d->given, &d->picture, e)) != ST_OK)
            return rc;
        if (!d->given)
            set_error(rq, DRAFT_PICTURE, T("Choose the picture to begin with."));
    }
    if (mode_asks(d->mode, ASKS_MASK)) {
        if ((rc = keep_file(rq, DRAFT_MASK, &d->masked, &d->mask, e)) != ST_OK)
            return rc;
        if (!d->masked && !mode_goes_without_mask(rq->conf, d->mode))
            set_error(rq, DRAFT_MASK, T("Paint over the part first, or choose a mask."));
    }
    return rc;
}

int
draft_sent(struct request *rq, enum mode_name mode, struct draft *d, struct err *e)
{
    int rc;

    memset(d, 0, sizeof *d);
    d->mode = mode;
    read_values(rq, d);
    if (mode_asks(mode, ASKS_DRAWING))
        check_drawing(rq, d);
    if (mode_asks(mode, ASKS_RIGHTS) && !d->rights)
        set_error(rq, DRAFT_RIGHTS, T("Confirm that you may do this to the picture."));
    if ((rc = take_files(rq, d, e)) != ST_OK)
        return rc;
    return shape_of(rq, d, e);
}

/* --- what it costs, what is ordered --- */

/* Steps that are really run, pictures that are really drawn. */
static int
steps_run(const struct draft *d)
{
    double share = mode_asks(d->mode, ASKS_STRENGTH) ? d->strength : 1.0;
    int steps = (int)ceil(d->steps * share - 1e-9);

    return steps > 1 ? steps : 1;
}

static int
images_drawn(const struct draft *d)
{
    return mode_asks(d->mode, ASKS_FILM) ? d->frames : d->images;
}

int64_t
draft_price(const struct request *rq, const struct draft *d)
{
    if (d->mode == MODE_CLEANUP)
        return rq->conf->credits.image;
    if (d->mode == MODE_UPSCALE)
        return rq->conf->credits.image * d->factor / 2;
    if (d->width <= 0 || d->height <= 0 || d->steps <= 0 || images_drawn(d) <= 0)
        return 0;
    return price_of(rq->conf, &d->shape, d->width, d->height, steps_run(d), images_drawn(d));
}

void
draft_order(const struct request *rq, const struct draft *d, struct studio_order *out)
{
    const struct value *v = rq->values;

    memset(out, 0, sizeof *out);
    out->kind = d->masked ? modes[d->mode].masked : modes[d->mode].kind;
    out->prompt = d->text[DRAFT_PROMPT];
    out->negative_prompt = d->text[DRAFT_NEGATIVE];
    out->width = d->width;
    out->height = d->height;
    out->steps = d->steps;
    out->images = mode_asks(d->mode, ASKS_IMAGES) ? d->images : 1;
    out->guidance = v[DRAFT_GUIDANCE].d;
    out->seeded = v[DRAFT_SEED].present;
    out->seed = (uint32_t)v[DRAFT_SEED].i;
    out->sampler = studio_samplers[d->sampler];
    out->strength = out->kind == JOB_REPAINT ? 1.0 : d->strength;
    out->image_guidance = v[DRAFT_IMAGE_GUIDANCE].present ? v[DRAFT_IMAGE_GUIDANCE].d : 1.5;
    out->frames = d->frames;
    out->fps = (int)v[DRAFT_FPS].i;
    out->factor = d->factor;
    out->rights = d->rights;
    out->picture = d->given ? &d->picture : NULL;
    out->mask = d->masked ? &d->mask : NULL;
    out->submit_key = d->submit_key;
    out->price = draft_price(rq, d);
    out->work =
        mode_asks(d->mode, ASKS_DRAWING)
            ? price_work(rq->conf, &d->shape, d->width, d->height, steps_run(d), images_drawn(d))
            : rq->conf->credits.pixels * rq->conf->credits.steps * d->factor / 2;
}
