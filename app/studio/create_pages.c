/*
 * The studio's page: a form per mode, what it costs, and the way from there into the queue. What a
 * form holds is draft_form.c's, the rules are studio.c's; the job's own page is job_pages.c.
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "app/http/http.h"
#include "app/routes.h"
#include "app/studio/draft_form.h"
#include "app/studio/job_pages.h"
#include "app/studio/mode.h"
#include "app/studio/sizes.h"
#include "app/studio/studio.h"
#include "app/studio/words.h"
#include "app/view/view.h"
#include "common/arena.h"
#include "common/conf.h"
#include "common/err.h"
#include "common/flag_store.h"
#include "common/job.h"
#include "common/language.h"
#include "common/media.h"

#define BODY_MAX 32768               /* bytes; two prompts of full length, percent-encoded, fit */
#define FILES_MAX ((size_t)48 << 20) /* bytes of a form with a picture and a mask */

/* Prompts are English: the bundled model knows no other. */
static const char *const examples[] = {
    "an orange hot-air balloon over the desert",
    "a red car in the mountains",
    "a castle in the snow at night",
    "a purple planet in space",
};

static enum mode_name
mode_of(const struct request *rq)
{
    int m = MODES - 1;

    while (m > 0 && strcmp(modes[m].route, rq->route->name) != 0 &&
           strcmp(modes[m].send, rq->route->name) != 0)
        m--;
    return (enum mode_name)m;
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
    for (int i = 0; i < DRAFT_FIELDS; i++) {
        struct view *field;

        if (i == DRAFT_SIZE || i == DRAFT_SAMPLER || i == DRAFT_SUBMIT_KEY || i == DRAFT_PICTURE_ID)
            continue;
        field = view_section(v, draft_drawing_form.fields[i].name);
        view_text(field, "value", d->text[i]);
        if (sent)
            view_text(field, "error", rq->values[i].error);
        if (i == DRAFT_RIGHTS)
            view_flag(field, "checked", d->rights);
    }
    if (sent) {
        view_text(v, "size_error", rq->values[DRAFT_SIZE].error);
        view_text(v, "sampler_error", rq->values[DRAFT_SAMPLER].error);
    }
}

/* The modes as tabs. A picture that is there goes along. */
static void
show_modes(struct request *rq, struct view *v, const struct draft *d)
{
    const char *query = NULL;
    char id[ID_TEXT];

    if (d->given) {
        id_format(&d->picture, id);
        query = arena_printf(rq->arena, "picture=%s", id);
    }
    for (int i = 0; i < MODES; i++) {
        struct view *item;
        bool takes = mode_asks((enum mode_name)i, ASKS_PICTURE);

        if (!mode_offered(rq->conf, (enum mode_name)i))
            continue;
        item = view_item(v, "modes");
        view_text(item, "label", T(modes[i].label));
        view_text(item, "url", url_for(rq, modes[i].route, NULL, takes ? query : NULL));
        view_flag(item, "current", i == (int)d->mode);
    }
}

static void
show_asked(struct view *v, enum mode_name mode)
{
    static const struct {
        unsigned what;
        const char *name;
    } names[] = {
        {ASKS_WORDS, "words"}, {ASKS_DRAWING, "drawing"}, {ASKS_IMAGES, "images"},
        {ASKS_MASK, "mask"},   {ASKS_PICTURE, "picture"}, {ASKS_STRENGTH, "strength"},
        {ASKS_FILM, "film"},   {ASKS_RIGHTS, "rights"},   {ASKS_FACTOR, "factor"},
    };
    struct view *asks = view_section(v, "asks");

    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        view_flag(asks, names[i].name, mode_asks(mode, names[i].what));
    view_flag(asks, "edit", mode == MODE_EDIT);
    view_flag(v, "repaint", mode == MODE_EDIT);
}

/* The picture that is used already: a result by its thumbnail, an upload by its size, for what is
 * in it nobody has looked at yet. */
static int
show_given(struct request *rq, struct view *v, const struct draft *d, struct err *e)
{
    struct view *given;
    struct media m;
    char id[ID_TEXT];
    int rc;

    if (!d->given)
        return ST_OK;
    if ((rc = media_load(rq->db, rq->visitor.account, &d->picture, &m, e)) != ST_OK)
        return rc == ST_NOTFOUND ? ST_OK : rc;
    given = view_section(v, "picture_given");
    id_format(&d->picture, id);
    view_text(given, "id", id);
    if (m.kind == MEDIA_RESULT) {
        view_text(given, "thumb", url_for(rq, "picture_thumb", &d->picture, NULL));
        view_int(given, "width", m.width);
        view_int(given, "height", m.height);
    } else {
        view_text(given, "size", arena_printf(rq->arena, "%" PRId64 " kB", (m.bytes + 999) / 1000));
    }
    return ST_OK;
}

static void
show_mode(struct request *rq, struct view *v, const struct draft *d)
{
    const struct mode *m = &modes[d->mode];
    bool canvas = mode_asks(d->mode, ASKS_MASK);

    view_text(v, "mode", m->route);
    view_text(v, "title_here", T(m->title));
    view_text(v, "button", T(m->button));
    view_text(v, "words_label", m->words != NULL ? T(m->words) : NULL);
    view_text(v, "words_hint", m->example != NULL ? T(m->example) : NULL);
    view_int(v, "words_rows", d->mode == MODE_CREATE ? 4 : 2);
    view_text(v, "action", url_for(rq, m->send, NULL, NULL));
    view_text(v, "script", url_static(rq, "studio.js"));
    view_text(v, "mask_script", canvas ? url_static(rq, "mask.js") : NULL);
    view_flag(v, "has_examples", d->mode == MODE_CREATE);
    view_int(v, "upload_max", rq->conf->media.upload_max);
    view_int(v, "upload_mb", rq->conf->media.upload_max / 1000000);
    view_int(v, "frames_max", DRAFT_FRAMES_MAX);
    for (int n = 2; n <= 4; n += 2) {
        struct view *item = view_item(v, "factors");

        view_int(item, "n", n);
        view_flag(item, "checked", d->factor == n);
    }
    view_flag(v, "mask_needed", !mode_goes_without_mask(rq->conf, d->mode));
    show_asked(v, d->mode);
    show_modes(rq, v, d);
}

/* True when something that the page folds away is wrong or differs from the standard. */
static bool
needs_more(struct request *rq, const struct draft *d, bool sent)
{
    static const int folded[] = {DRAFT_NEGATIVE, DRAFT_STEPS,          DRAFT_GUIDANCE,
                                 DRAFT_SAMPLER,  DRAFT_IMAGE_GUIDANCE, DRAFT_SEED};

    for (size_t i = 0; sent && i < sizeof folded / sizeof folded[0]; i++) {
        if (rq->values[folded[i]].error != NULL)
            return true;
    }
    return d->text[DRAFT_NEGATIVE][0] != '\0' || d->text[DRAFT_SEED][0] != '\0';
}

static int
studio_page(struct request *rq, struct response *rs, const struct draft *d, const char *error,
            struct err *e)
{
    struct view *v = view_new(rq->arena);
    bool sent = rq->route->method == METHOD_POST;
    char key[ID_TEXT];
    int rc;

    if (d->text[DRAFT_PROMPT] == NULL || d->text[DRAFT_NEGATIVE] == NULL)
        return err_set(e, ST_NOMEM, "Please try again later.", "draft");
    id_format(&d->submit_key, key);
    view_text(v, "submit_key", key);
    view_text(v, "csrf", rq->csrf);
    view_text(v, "form_error", error);
    if (d->refused)
        view_text(v, "appeal", url_for(rq, "support", NULL, "about=appeal"));
    view_int(v, "prompt_max", JOB_PROMPT_MAX);
    view_int(v, "steps_max", rq->conf->model.steps_max);
    view_int(v, "guidance_min", STUDIO_GUIDANCE_MIN);
    view_int(v, "guidance_max", STUDIO_GUIDANCE_MAX);
    view_flag(v, "more", needs_more(rq, d, sent));
    show_mode(rq, v, d);
    show_fields(rq, v, d, sent);
    show_sizes(rq, v, d);
    show_choices(v, d);
    show_examples(rq, v);
    show_price(rq, v, d);
    if ((rc = show_given(rq, v, d, e)) != ST_OK)
        return rc;
    if (sent)
        rs->status = 422;
    return page_render(rq, rs, "studio", sent ? N_("Please check: create") : modes[d->mode].title,
                       v, e);
}

static int
check_offered(const struct request *rq, struct err *e)
{
    if (mode_offered(rq->conf, mode_of(rq)))
        return ST_OK;
    return err_set(e, ST_NOTFOUND, "This site does not offer that at the moment.", NULL);
}

static int
studio_show(struct request *rq, struct response *rs, struct err *e)
{
    struct draft d;
    int rc = check_offered(rq, e);

    if (rc == ST_OK)
        rc = draft_start(rq, mode_of(rq), &d, e);
    return rc == ST_OK ? studio_page(rq, rs, &d, NULL, e) : rc;
}

/* The form again, with what is in the way. */
static int
studio_again(struct request *rq, struct response *rs, const struct draft *d, int why, struct err *e)
{
    int rc = studio_page(rq, rs, d, arena_strdup(rq->arena, e->message), e);

    if (rc == ST_OK && why == ST_FUNDS)
        rs->status = 402;
    return rc;
}

static int
studio_send(struct request *rq, struct response *rs, struct err *e)
{
    struct studio_order order;
    const char *flag = NULL;
    struct draft d;
    struct id job;
    int rc;

    if ((rc = check_offered(rq, e)) != ST_OK || (rc = draft_sent(rq, mode_of(rq), &d, e)) != ST_OK)
        return rc;
    if (rq->errors > 0)
        return studio_page(rq, rs, &d, NULL, e);
    if ((rc = studio_funds_check(draft_price(rq, &d), rq->visitor.credits, e)) != ST_OK)
        return studio_again(rq, rs, &d, rc, e);
    draft_order(rq, &d, &order);
    rc = words_check(rq->conf, order.prompt != NULL ? order.prompt : "", &flag, e);
    if ((d.refused = rc == ST_DENIED))
        return studio_again(rq, rs, &d, rc, e);
    if (rc == ST_OK)
        rc = studio_submit(rq->db, rq->conf, rq->visitor.account, &order, &job, e);
    if (rc == ST_OK && flag != NULL)
        rc = flag_store_prompt(rq->db, rq->visitor.account, &job, flag, e);
    /* Credits spent elsewhere, or a picture gone, since the page began. */
    if (rc == ST_FUNDS || rc == ST_NOTFOUND)
        return studio_again(rq, rs, &d, rc, e);
    if (rc != ST_OK)
        return rc;
    return response_redirect(rq, rs, url_for(rq, "job", &job, NULL), e);
}

/* A mode's page and its form. */
#define MODE_ROUTES(name, path, form, body)                                                        \
    {name,      METHOD_GET,        path, studio_show, ROUTE_SIGNED_IN, CSRF_NONE,                  \
     RATE_PAGE, &draft_start_form, 0},                                                             \
    {                                                                                              \
        name "_send", METHOD_POST, path, studio_send, ROUTE_SIGNED_IN | ROUTE_FREE, CSRF_TOKEN,    \
            RATE_SUBMIT, form, body                                                                \
    }

const struct route studio_routes[] = {
    MODE_ROUTES("create", "/create", &draft_drawing_form, BODY_MAX),
    MODE_ROUTES("create_picture", "/create/picture", &draft_drawing_form, FILES_MAX),
    MODE_ROUTES("create_edit", "/create/edit", &draft_drawing_form, FILES_MAX),
    MODE_ROUTES("create_cleanup", "/create/cleanup", &draft_mending_form, FILES_MAX),
    MODE_ROUTES("create_animate", "/create/animate", &draft_drawing_form, FILES_MAX),
    MODE_ROUTES("create_upscale", "/create/upscale", &draft_mending_form, FILES_MAX),
    {"job", METHOD_GET, "/jobs/{id}", job_show, ROUTE_SIGNED_IN, CSRF_NONE, RATE_PAGE, NULL, 0},
    {"job_status", METHOD_GET, "/jobs/{id}/status", job_status, ROUTE_SIGNED_IN | ROUTE_CONDITIONAL,
     CSRF_NONE, RATE_POLL, &job_status_form, 0},
    {"job_preview", METHOD_GET, "/jobs/{id}/preview", job_preview, ROUTE_SIGNED_IN, CSRF_NONE,
     RATE_POLL, &job_status_form, 0},
    {"job_cancel", METHOD_POST, "/jobs/{id}/cancel", job_cancel_send, ROUTE_SIGNED_IN, CSRF_TOKEN,
     RATE_SUBMIT, NULL, 1024},
    {0},
};
