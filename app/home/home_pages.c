/*
 * The pages that need no account: landing, about, terms, contact. They read no tables.
 * Next: machine_pages.c, what machines ask for.
 */
#include <inttypes.h>
#include <stddef.h>

#include "app/home/showcase.h"
#include "app/http/http.h"
#include "app/http/url.h"
#include "app/routes.h"
#include "app/view/view.h"
#include "common/arena.h"
#include "common/conf.h"
#include "common/err.h"
#include "common/language.h"

#define PROMPT_MAX 500 /* bytes that the landing page's box takes */

/* Names that all of these pages may use. */
static struct view *
page_view(struct request *rq)
{
    struct view *v = view_new(rq->arena);

    view_text(v, "site_name", rq->conf->site.name);
    if (rq->conf->site.contact[0] != '\0')
        view_text(v, "contact", rq->conf->site.contact);
    view_text(v, "create_url", url_for(rq, "create", NULL, NULL));
    view_text(v, "signup_url", url_for(rq, "signup", NULL, NULL));
    view_text(v, "about_url", url_for(rq, "about", NULL, NULL));
    view_text(v, "privacy_url", url_for(rq, "privacy", NULL, NULL));
    view_text(v, "terms_url", url_for(rq, "terms", NULL, NULL));
    view_flag(v, "guest", rq->visitor.account == 0);
    view_int(v, "welcome", rq->conf->credits.welcome);
    view_flag(v, "has_welcome", rq->conf->credits.welcome > 0);
    view_flag(v, "one_welcome", rq->conf->credits.welcome == 1);
    view_int(v, "transient_hours", (rq->conf->media.transient + 3599) / 3600);
    view_flag(v, "one_hour", rq->conf->media.transient <= 3600);
    return v;
}

/* "prompt=…" with `more` behind it. Arena memory. */
static const char *
prompt_query(struct request *rq, const char *prompt, const char *more)
{
    struct text t;
    const char *out;

    text_init(&t, 4 * PROMPT_MAX);
    text_puts(&t, "prompt=");
    url_encode(&t, prompt);
    text_puts(&t, more);
    out = t.failed ? NULL : arena_strndup(rq->arena, text_cstr(&t), t.len);
    text_release(&t);
    return out;
}

/* A picture that was made, and the studio with its words and its seed. */
static void
show_shots(struct request *rq, struct view *v)
{
    for (const struct showcase *s = showcase; s->file != NULL; s++) {
        struct view *item = view_item(v, "shots");
        const char *seed = arena_printf(rq->arena, "&seed=%d", s->seed);

        view_text(item, "file", url_static(rq, s->file));
        view_text(item, "prompt", s->prompt);
        view_int(item, "side", SHOWCASE_SIDE);
        view_text(item, "url", url_for(rq, "start", NULL, prompt_query(rq, s->prompt, seed)));
    }
}

static void
show_frames(struct request *rq, struct view *v)
{
    for (const struct showcase_frame *f = showcase_frames; f->file != NULL; f++) {
        struct view *item = view_item(v, "frames");

        view_text(item, "file", url_static(rq, f->file));
        view_int(item, "step", f->step);
        view_int(item, "side", FRAME_SIDE);
    }
    view_text(v, "final", url_static(rq, showcase[0].file));
    view_text(v, "final_prompt", showcase[0].prompt);
    view_int(v, "final_side", SHOWCASE_SIDE);
    view_int(v, "final_step", SHOWCASE_STEPS);
}

static int
home_show(struct request *rq, struct response *rs, struct err *e)
{
    struct view *v = page_view(rq);

    view_text(v, "start_url", url_for(rq, "start", NULL, NULL));
    view_int(v, "prompt_max", PROMPT_MAX);
    show_frames(rq, v);
    show_shots(rq, v);
    return page_render(rq, rs, "home", N_("Pictures from words"), v, e);
}

enum { START_PROMPT, START_SEED };

static const struct field start_fields[] = {
    [START_PROMPT] = {"prompt", N_("Prompt"), FIELD_LINE, 0, PROMPT_MAX, false, NULL},
    [START_SEED] = {"seed", N_("Seed"), FIELD_INT, 0, 4294967295.0, false, NULL},
};
static const struct form start_form = {start_fields, sizeof start_fields / sizeof start_fields[0]};

/* From the landing page's box to the studio; who has no account yet opens one first and finds the
 * words in the studio afterwards. What does not fit is left behind: the studio asks again. */
static int
start(struct request *rq, struct response *rs, struct err *e)
{
    const struct value *prompt = &rq->values[START_PROMPT], *seed = &rq->values[START_SEED];
    const char *more = "", *studio;
    struct text next;
    int rc;

    if (seed->present && seed->error == NULL)
        more = arena_printf(rq->arena, "&seed=%" PRId64, seed->i);
    studio =
        url_for(rq, "create", NULL, prompt->len > 0 ? prompt_query(rq, prompt->text, more) : NULL);
    if (rq->visitor.account != 0)
        return response_redirect(rq, rs, studio, e);
    text_init(&next, 8 * PROMPT_MAX);
    text_puts(&next, "next=");
    url_encode(&next, studio);
    rc = next.failed ? err_set(e, ST_NOMEM, "Please try again later.", "start")
                     : response_redirect(rq, rs, url_for(rq, "signup", NULL, text_cstr(&next)), e);
    text_release(&next);
    return rc;
}

static int
about_show(struct request *rq, struct response *rs, struct err *e)
{
    struct view *v = page_view(rq);

    show_frames(rq, v);
    return page_render(rq, rs, "about", N_("About"), v, e);
}

static int
terms_show(struct request *rq, struct response *rs, struct err *e)
{
    return page_render(rq, rs, "terms", N_("Terms"), page_view(rq), e);
}

static int
contact_show(struct request *rq, struct response *rs, struct err *e)
{
    return page_render(rq, rs, "contact", N_("Contact"), page_view(rq), e);
}

const struct route home_routes[] = {
    {"home", METHOD_GET, "/", home_show, ROUTE_SHARED, CSRF_NONE, RATE_PAGE, NULL, 0},
    {"start", METHOD_GET, "/start", start, 0, CSRF_NONE, RATE_PAGE, &start_form, 0},
    {"about", METHOD_GET, "/about", about_show, ROUTE_SHARED, CSRF_NONE, RATE_PAGE, NULL, 0},
    {"terms", METHOD_GET, "/terms", terms_show, ROUTE_SHARED, CSRF_NONE, RATE_PAGE, NULL, 0},
    {"contact", METHOD_GET, "/contact", contact_show, ROUTE_SHARED, CSRF_NONE, RATE_PAGE, NULL, 0},
    {0},
};
