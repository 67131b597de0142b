/*
 * The studio's form: what to draw, at what price. The rules are in studio.c, sizes.c and price.c;
 * the job's own page is job_pages.c.
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "app/http/http.h"
#include "app/language/language.h"
#include "app/routes.h"
#include "app/studio/job_pages.h"
#include "app/studio/price.h"
#include "app/studio/sizes.h"
#include "app/studio/studio.h"
#include "app/view/view.h"
#include "common/arena.h"
#include "common/conf.h"
#include "common/err.h"
#include "common/job.h"
#include "common/rates.h"

#define BODY_MAX 32768 /* bytes; two prompts of full length, percent-encoded, fit */

enum {
    PROMPT,
    NEGATIVE,
    SIZE,
    WIDTH,
    HEIGHT,
    STEPS,
    GUIDANCE,
    SAMPLER,
    SEED,
    IMAGES,
    SUBMIT_KEY,
    FIELDS
};

static const struct field create_fields[FIELDS] = {
    [PROMPT] = {"prompt", N_("Prompt"), FIELD_TEXT, 1, JOB_PROMPT_MAX, true, NULL},
    [NEGATIVE] = {"negative_prompt", N_("Leave out"), FIELD_TEXT, 0, JOB_PROMPT_MAX, false, NULL},
    [SIZE] = {"size", N_("Size"), FIELD_CHOICE, 0, 0, true, size_words},
    [WIDTH] = {"width", N_("Width"), FIELD_INT, 1, 16384, false, NULL},
    [HEIGHT] = {"height", N_("Height"), FIELD_INT, 1, 16384, false, NULL},
    [STEPS] = {"steps", N_("Steps"), FIELD_INT, 1, 1000, true, NULL},
    [GUIDANCE] = {"guidance", N_("Guidance"), FIELD_REAL, STUDIO_GUIDANCE_MIN, STUDIO_GUIDANCE_MAX,
                  true, NULL},
    [SAMPLER] = {"sampler", N_("Method"), FIELD_CHOICE, 0, 0, true, studio_samplers},
    [SEED] = {"seed", N_("Seed"), FIELD_INT, 0, UINT32_MAX, false, NULL},
    [IMAGES] = {"images", N_("Pictures"), FIELD_INT, 1, JOB_IMAGES_MAX, true, NULL},
    [SUBMIT_KEY] = {"submit_key", N_("Form"), FIELD_ID, 0, 0, true, NULL},
};
static const struct form create_form = {create_fields, FIELDS};

enum { START_PROMPT, START_FROM, START_SEED };

static const struct field start_fields[] = {
    [START_PROMPT] = {"prompt", N_("Prompt"), FIELD_TEXT, 0, JOB_PROMPT_MAX, false, NULL},
    [START_FROM] = {"from", N_("Job"), FIELD_ID, 0, 0, false, NULL},
    [START_SEED] = {"seed", N_("Seed"), FIELD_INT, 0, UINT32_MAX, false, NULL},
};
static const struct form start_form = {start_fields, sizeof start_fields / sizeof start_fields[0]};

/* What the form shows: as typed, or as it starts. Arena memory. */
struct draft {
    const char *text[FIELDS];
    int width, height, steps, images; /* for the price; 0 where what was typed makes no sense */
    int64_t size, sampler;            /* choices, as indices */
    struct price_shape shape;
    struct id submit_key;
};

static const char *const examples[] = {
    "a red sun over a blue sea",
    "a green boat on the sea at night",
    "a yellow house in the green hills",
    "a pink castle in the snow at dawn",
};

static void
draft_numbers(struct request *rq, struct draft *d, const struct job_params *p, int images)
{
    d->width = p->width;
    d->height = p->height;
    d->steps = p->steps;
    d->images = images;
    d->size = size_find(rq->conf, p->width, p->height);
    for (int i = 0; studio_samplers[i] != NULL; i++) {
        if (strcmp(studio_samplers[i], p->sampler) == 0)
            d->sampler = i;
    }
    d->text[PROMPT] = arena_strdup(rq->arena, p->prompt != NULL ? p->prompt : "");
    d->text[NEGATIVE] =
        arena_strdup(rq->arena, p->negative_prompt != NULL ? p->negative_prompt : "");
    d->text[WIDTH] = arena_printf(rq->arena, "%d", p->width);
    d->text[HEIGHT] = arena_printf(rq->arena, "%d", p->height);
    d->text[STEPS] = arena_printf(rq->arena, "%d", p->steps);
    d->text[GUIDANCE] = arena_printf(rq->arena, "%g", p->guidance);
    d->text[SEED] = "";
}

/* The standard of the configured model. */
static void
draft_standard(struct request *rq, struct draft *d)
{
    struct job_params p = {.steps = (int)rq->conf->model.steps,
                           .guidance = rq->conf->model.guidance};

    size_pixels(rq->conf, SIZE_SQUARE, &p.width, &p.height);
    snprintf(p.sampler, sizeof p.sampler, "%s", studio_samplers[0]);
    draft_numbers(rq, d, &p, 1);
}

/* How the form starts: the standard, an earlier job's parameters, or a prompt from a link. */
static int
draft_start(struct request *rq, struct draft *d, struct err *e)
{
    const struct value *from = &rq->values[START_FROM];
    struct job j;
    int rc;

    draft_standard(rq, d);
    id_random(&d->submit_key);
    if (from->present && from->error == NULL) {
        rc = job_load(rq->db, rq->visitor.account, &from->id, &j, e);
        if (rc == ST_OK) {
            draft_numbers(rq, d, &j.params, j.images);
            job_release(&j);
        } else if (rc != ST_NOTFOUND) {
            return rc;
        }
    }
    if (rq->values[START_PROMPT].present && rq->values[START_PROMPT].error == NULL)
        d->text[PROMPT] = rq->values[START_PROMPT].text;
    if (rq->values[START_SEED].present && rq->values[START_SEED].error == NULL) {
        d->text[SEED] = rq->values[START_SEED].text;
        d->images = 1;
    }
    return ST_OK;
}

/* What came in, and the pixels it means. */
static void
draft_sent(struct request *rq, struct draft *d)
{
    for (int i = 0; i < FIELDS; i++)
        d->text[i] = rq->values[i].text;
    d->size = rq->values[SIZE].i;
    d->sampler = rq->values[SAMPLER].i;
    d->submit_key = rq->values[SUBMIT_KEY].id;
    if (!rq->values[SUBMIT_KEY].present || rq->values[SUBMIT_KEY].error != NULL)
        id_random(&d->submit_key);
    if (rq->values[STEPS].error == NULL)
        d->steps = (int)rq->values[STEPS].i;
    if (rq->values[IMAGES].error == NULL)
        d->images = (int)rq->values[IMAGES].i;
    if (rq->values[SIZE].error != NULL)
        return;
    if (d->size != SIZE_EXACT) {
        size_pixels(rq->conf, (enum size_name)d->size, &d->width, &d->height);
    } else if (rq->values[WIDTH].error == NULL && rq->values[HEIGHT].error == NULL) {
        d->width = (int)rq->values[WIDTH].i;
        d->height = (int)rq->values[HEIGHT].i;
    }
}

static int64_t
draft_price(struct request *rq, const struct draft *d)
{
    if (d->width <= 0 || d->height <= 0 || d->steps <= 0 || d->images <= 0)
        return 0;
    return price_of(rq->conf, &d->shape, d->width, d->height, d->steps, d->images);
}

static int
draft_shape(struct request *rq, struct draft *d, struct err *e)
{
    struct rates rates;
    int rc = rates_load(rq->db, rq->conf->model.name, &rates, e);

    if (rc == ST_OK)
        price_shape_of(rq->conf, &rates, &d->shape);
    return rc;
}

static void
show_sizes(struct request *rq, struct view *v, const struct draft *d)
{
    for (int i = 0; i < SIZE_COUNT; i++) {
        struct view *item;
        int w, h;
        size_pixels(rq->conf, (enum size_name)i, &w, &h);
        if (w == 0 && i != SIZE_EXACT)
            continue;
        item = view_item(v, "sizes");
        view_text(item, "word", size_words[i]);
        view_text(item, "label", size_label((enum size_name)i));
        view_flag(item, "checked", d->size == i);
        view_flag(item, "exact", i == SIZE_EXACT);
        view_int(item, "w", w);
        view_int(item, "h", h);
    }
    view_int(v, "size_min", SIZE_MIN);
    view_int(v, "size_max", rq->conf->model.size_max);
    view_int(v, "size_unit", SIZE_UNIT);
}

static void
show_choices(struct view *v, const struct draft *d)
{
    for (int i = 1; i <= JOB_IMAGES_MAX; i++) {
        struct view *item = view_item(v, "image_counts");
        view_int(item, "n", i);
        view_flag(item, "checked", d->images == i || (i == 1 && d->images == 0));
    }
    for (int i = 0; studio_samplers[i] != NULL; i++) {
        struct view *item = view_item(v, "samplers");
        view_text(item, "word", studio_samplers[i]);
        view_text(item, "label", studio_sampler_label(studio_samplers[i]));
        view_flag(item, "checked", d->sampler == i);
    }
}

static void
show_examples(struct request *rq, struct view *v)
{
    for (size_t i = 0; i < sizeof examples / sizeof examples[0]; i++) {
        struct view *item = view_item(v, "examples");
        struct text query;
        text_init(&query, 400);
        text_puts(&query, "prompt=");
        for (const char *c = examples[i]; *c != '\0'; c++)
            text_putc(&query, *c == ' ' ? '+' : *c); /* letters and blanks alone */
        view_text(item, "prompt", examples[i]);
        view_text(item, "url", url_for(rq, "create", NULL, text_cstr(&query)));
        text_release(&query);
    }
}

static void
show_price(struct request *rq, struct view *v, const struct draft *d)
{
    int64_t price = draft_price(rq, d);

    view_int(v, "price", price);
    view_flag(v, "has_price", price > 0);
    view_flag(v, "one_credit", price == 1);
    view_int(v, "have", rq->visitor.credits);
    view_flag(v, "too_dear", price > rq->visitor.credits);
    /* What the browser needs to say the price while one types. */
    view_int(v, "unit_price", rq->conf->credits.image);
    view_int(v, "unit_pixels", rq->conf->credits.pixels);
    view_int(v, "unit_steps", rq->conf->credits.steps);
    if (d->shape.known) {
        const double *f = d->shape.fixed, *k = d->shape.step;

        view_text(v, "unit_shape",
                  arena_printf(rq->arena, "%.9g %.9g %.9g %.9g %.9g %.9g", f[0], f[1], f[2], k[0],
                               k[1], k[2]));
    }
}

static void
show_fields(struct request *rq, struct view *v, const struct draft *d, bool sent)
{
    for (int i = 0; i < FIELDS; i++) {
        const char *name = create_fields[i].name;
        struct view *field;
        if (i == SIZE || i == SAMPLER || i == SUBMIT_KEY)
            continue;
        field = view_section(v, name);
        view_text(field, "value", d->text[i]);
        if (sent)
            view_text(field, "error", rq->values[i].error);
    }
    if (sent) {
        view_text(v, "size_error", rq->values[SIZE].error);
        view_text(v, "sampler_error", rq->values[SAMPLER].error);
    }
}

/* True when something that the page folds away is wrong or differs from the standard. */
static bool
needs_more(struct request *rq, const struct draft *d, bool sent)
{
    static const int folded[] = {NEGATIVE, STEPS, GUIDANCE, SAMPLER, SEED};

    for (size_t i = 0; sent && i < sizeof folded / sizeof folded[0]; i++) {
        if (rq->values[folded[i]].error != NULL)
            return true;
    }
    return d->text[NEGATIVE][0] != '\0' || d->text[SEED][0] != '\0';
}

static int
create_page(struct request *rq, struct response *rs, const struct draft *d, const char *error,
            struct err *e)
{
    struct view *v = view_new(rq->arena);
    bool sent = rq->route->method == METHOD_POST;
    char key[ID_TEXT];

    for (int i = 0; i < FIELDS; i++) {
        if (d->text[i] == NULL && i != SIZE && i != SAMPLER && i != IMAGES && i != SUBMIT_KEY)
            return err_set(e, ST_NOMEM, "Please try again later.", "draft");
    }
    id_format(&d->submit_key, key);
    view_text(v, "submit_key", key);
    view_text(v, "csrf", rq->csrf);
    view_text(v, "action", url_for(rq, "create", NULL, NULL));
    view_text(v, "script", url_static(rq, "create.js"));
    view_text(v, "form_error", error);
    view_int(v, "prompt_max", JOB_PROMPT_MAX);
    view_int(v, "steps_max", rq->conf->model.steps_max);
    view_int(v, "guidance_min", STUDIO_GUIDANCE_MIN);
    view_int(v, "guidance_max", STUDIO_GUIDANCE_MAX);
    view_flag(v, "more", needs_more(rq, d, sent));
    show_fields(rq, v, d, sent);
    show_sizes(rq, v, d);
    show_choices(v, d);
    show_examples(rq, v);
    show_price(rq, v, d);
    if (sent)
        rs->status = 422;
    return page_render(rq, rs, "create", sent ? N_("Please check: create") : N_("Create"), v, e);
}

static int
create_show(struct request *rq, struct response *rs, struct err *e)
{
    struct draft d = {0};
    int rc = draft_start(rq, &d, e);

    if (rc == ST_OK)
        rc = draft_shape(rq, &d, e);
    return rc == ST_OK ? create_page(rq, rs, &d, NULL, e) : rc;
}

static void
set_error(struct request *rq, int field, const char *sentence)
{
    if (rq->values[field].error != NULL)
        return;
    rq->values[field].error = arena_strdup(rq->arena, sentence);
    rq->errors++;
}

/* What depends on the model or on another field, so that the form table cannot say it. */
static void
check_sent(struct request *rq, struct draft *d)
{
    struct err why;

    if (rq->values[PROMPT].error == NULL && d->text[PROMPT][strspn(d->text[PROMPT], " \n")] == '\0')
        set_error(rq, PROMPT, T("Say what it should draw."));
    if (rq->values[STEPS].error == NULL &&
        studio_steps_check(rq->conf, rq->values[STEPS].i, &why) != ST_OK)
        set_error(rq, STEPS, why.message);
    if (rq->values[SIZE].error != NULL)
        return;
    if (d->size != SIZE_EXACT) {
        /* The exact numbers were not meant; a mistake in them is none. */
        for (int i = WIDTH; i <= HEIGHT; i++) {
            rq->errors -= rq->values[i].error != NULL;
            rq->values[i].error = NULL;
        }
    }
    if (rq->values[WIDTH].error == NULL && rq->values[HEIGHT].error == NULL &&
        size_check(rq->conf, d->width, d->height, &why) != ST_OK) {
        set_error(rq, WIDTH, why.message);
        d->width = d->height = 0;
    }
}

static int
create_send(struct request *rq, struct response *rs, struct err *e)
{
    struct studio_order order = {0};
    struct draft d = {0};
    struct id job;
    int rc;

    draft_sent(rq, &d);
    check_sent(rq, &d);
    if ((rc = draft_shape(rq, &d, e)) != ST_OK)
        return rc;
    if (rq->errors > 0)
        return create_page(rq, rs, &d, NULL, e);
    if (studio_funds_check(draft_price(rq, &d), rq->visitor.credits, e) != ST_OK)
        return create_page(rq, rs, &d, arena_strdup(rq->arena, e->message), e);
    order.prompt = d.text[PROMPT];
    order.negative_prompt = d.text[NEGATIVE];
    order.width = d.width;
    order.height = d.height;
    order.steps = d.steps;
    order.images = d.images;
    order.guidance = rq->values[GUIDANCE].d;
    order.seeded = rq->values[SEED].present;
    order.seed = (uint32_t)rq->values[SEED].i;
    order.sampler = studio_samplers[d.sampler];
    order.shape = &d.shape;
    order.submit_key = d.submit_key;
    rc = studio_submit(rq->db, rq->conf, rq->visitor.account, &order, &job, e);
    if (rc == ST_FUNDS) /* spent elsewhere since the page began */
        return create_page(rq, rs, &d, arena_strdup(rq->arena, e->message), e);
    if (rc != ST_OK)
        return rc;
    return response_redirect(rq, rs, url_for(rq, "job", &job, NULL), e);
}

const struct route studio_routes[] = {
    {"create", METHOD_GET, "/create", create_show, ROUTE_SIGNED_IN, CSRF_NONE, RATE_PAGE,
     &start_form, 0},
    {"create_send", METHOD_POST, "/create", create_send, ROUTE_SIGNED_IN, CSRF_TOKEN, RATE_SUBMIT,
     &create_form, BODY_MAX},
    {"job", METHOD_GET, "/jobs/{id}", job_show, ROUTE_SIGNED_IN, CSRF_NONE, RATE_PAGE, NULL, 0},
    {"job_status", METHOD_GET, "/jobs/{id}/status", job_status, ROUTE_SIGNED_IN | ROUTE_CONDITIONAL,
     CSRF_NONE, RATE_POLL, &job_status_form, 0},
    {"job_preview", METHOD_GET, "/jobs/{id}/preview", job_preview, ROUTE_SIGNED_IN, CSRF_NONE,
     RATE_POLL, &job_status_form, 0},
    {"job_cancel", METHOD_POST, "/jobs/{id}/cancel", job_cancel_send, ROUTE_SIGNED_IN, CSRF_TOKEN,
     RATE_SUBMIT, NULL, 1024},
    {0},
};
