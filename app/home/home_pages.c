/*
 * The pages that need no account: landing, about, privacy, terms. They read no tables.
 */
#include "app/http/http.h"
#include "app/routes.h"
#include "app/view/view.h"
#include "common/conf.h"
#include "common/err.h"

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

static int
home_show(struct request *rq, struct response *rs, struct err *e)
{
    struct view *v = page_view(rq);

    view_text(v, "hero", url_static(rq, "hero.svg"));
    return page_render(rq, rs, "home", "Pictures from words", v, e);
}

static int
about_show(struct request *rq, struct response *rs, struct err *e)
{
    return page_render(rq, rs, "about", "About", page_view(rq), e);
}

static int
privacy_show(struct request *rq, struct response *rs, struct err *e)
{
    return page_render(rq, rs, "privacy", "Privacy", page_view(rq), e);
}

static int
terms_show(struct request *rq, struct response *rs, struct err *e)
{
    return page_render(rq, rs, "terms", "Terms", page_view(rq), e);
}

const struct route home_routes[] = {
    {"home", METHOD_GET, "/", home_show, 0, CSRF_NONE, RATE_PAGE, NULL, 0},
    {"about", METHOD_GET, "/about", about_show, 0, CSRF_NONE, RATE_PAGE, NULL, 0},
    {"privacy", METHOD_GET, "/privacy", privacy_show, 0, CSRF_NONE, RATE_PAGE, NULL, 0},
    {"terms", METHOD_GET, "/terms", terms_show, 0, CSRF_NONE, RATE_PAGE, NULL, 0},
    {0},
};
