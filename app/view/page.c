/*
 * Pages: a template with its view, inside the frame; and the pages for errors, which must come
 * whatever happens. The names that every template may use are listed in view.h and filled in here.
 */
#include <stdio.h>
#include <string.h>

#include "app/http/app.h"
#include "app/http/consent.h"
#include "app/http/flash.h"
#include "app/http/http.h"
#include "app/http/response.h"
#include "app/http/url.h"
#include "app/view/templates.h"
#include "app/view/theme.h"
#include "app/view/view.h"
#include "app/view/view_node.h"
#include "common/arena.h"
#include "common/clock.h"
#include "common/conf.h"
#include "common/err.h"
#include "common/json.h"
#include "common/language.h"
#include "common/log.h"
#include "common/processor.h"

#define ROUTES_MEMORY ((size_t)256 * 1024)

static const char broken[] = N_("Something went wrong on our side. Please try again later.");

/* What one rendering needs to find partials. */
struct finder {
    struct templates *templates;
    struct err failure; /* of the last partial that could not be had */
};

static const struct mustache *
find_partial(void *ctx, const char *name, size_t len)
{
    struct finder *f = ctx;
    const struct mustache *m;

    (void)templates_get(f->templates, name, len, &m, &f->failure);
    return m;
}

/* Renders one template into `out`. A partial that is missing or broken fails the page: a site with
 * holes helps nobody. */
static int
render(struct templates *templates, const char *name, const struct view *v, struct text *out,
       struct err *e)
{
    struct finder f = {.templates = templates};
    struct mustache_partials partials = {find_partial, &f};
    const struct mustache *m;
    struct err why;
    int rc;

    if (templates_get(templates, name, strlen(name), &m, &why) != ST_OK)
        return err_set(e, ST_INTERNAL, broken, "%s", why.message);
    rc = mustache_render(m, &view_data, v, &partials, out, e);
    if (rc == ST_OK && f.failure.code != ST_OK)
        rc = err_set(e, ST_INTERNAL, broken, "%s, used by %s", f.failure.message, name);
    return rc;
}

/* Addresses of all routes that need no id, under their names: the same for every page, so they are
 * made once in a process. NULL when out of memory. */
static const struct view *
all_routes(void)
{
    static struct view *made;
    struct arena *arena = made == NULL ? arena_new(ROUTES_MEMORY) : NULL;
    struct view *v;

    if (made != NULL || arena == NULL)
        return made;
    v = view_new(arena);
    for (const struct route *const *table = route_tables; *table != NULL; table++) {
        for (const struct route *r = *table; r->name != NULL; r++) {
            if (strchr(r->pattern, '{') == NULL)
                view_text(v, r->name, r->pattern);
        }
    }
    if (view_failed(v))
        arena_free(arena);
    else
        made = v;
    return made;
}

static void
put_routes(struct request *rq, struct view *v)
{
    view_share(v, "url", all_routes());
    if (rq->route != NULL)
        view_flag(view_section(v, "at"), rq->route->name, true);
}

/* Every language under its own name, with the link that chooses it. */
static void
put_languages(struct request *rq, struct view *v)
{
    for (int i = 0; i < LANGUAGES; i++) {
        struct view *item = view_item(v, "languages");

        view_text(item, "tag", languages[i].tag);
        view_text(item, "name", languages[i].name);
        view_flag(item, "current", i == language_current());
        view_text(
            item, "choose",
            url_for(rq, "language", NULL, arena_printf(rq->arena, "to=%s", languages[i].tag)));
    }
}

/* Every theme with the link that chooses it, and the word of the chosen one. */
static void
put_themes(struct request *rq, struct view *v)
{
    int chosen = theme_of(rq);

    if (chosen != THEME_AUTOMATIC)
        view_text(v, "theme", themes[chosen].word);
    for (int i = 0; i < THEMES; i++) {
        struct view *item = view_item(v, "themes");

        view_text(item, "name", T(themes[i].label));
        view_text(item, "icon", themes[i].icon);
        view_flag(item, "current", i == chosen);
        view_text(item, "choose",
                  url_for(rq, "theme", NULL, arena_printf(rq->arena, "to=%s", themes[i].word)));
    }
}

static void
put_visitor(struct request *rq, struct view *v)
{
    struct view *who;

    view_flag(v, "guest", rq->visitor.account == 0);
    if (rq->visitor.account == 0)
        return;
    who = view_section(v, "signed_in");
    view_text(who, "display_name", rq->visitor.display_name);
    view_text(who, "email", rq->visitor.email);
    view_int(who, "credits", rq->visitor.credits);
    view_flag(who, "one_credit", rq->visitor.credits == 1);
    view_flag(who, "unproven", !rq->visitor.verified);
    view_flag(who, "staff", rq->visitor.staff);
    view_text(who, "restriction", rq->visitor.restriction);
}

/* What other sites show of a page that is shared; none of it for private pages. */
static void
put_meta(struct request *rq, struct view *v)
{
    const char *site = rq->conf->site.url;
    struct view *meta;

    if (rq->route == NULL || rq->method != METHOD_GET ||
        (rq->route->flags & ROUTE_SIGNED_IN) != 0 || ROUTE_PERMISSION(rq->route->flags) != 0)
        return;
    meta = view_section(v, "shared");
    view_text(meta, "address", arena_printf(rq->arena, "%s%s", site, rq->path));
    view_text(meta, "picture", arena_printf(rq->arena, "%s%s", site, url_static(rq, "share.jpg")));
}

/* A changed policy, until the member has put the notice away. */
static void
put_notice(struct request *rq, struct view *v)
{
    const struct exchange *x = rq->internal;
    const char *version;
    struct view *notice;

    if (rq->visitor.account == 0 || x->app->notice == NULL ||
        (version = x->app->notice(rq)) == NULL)
        return;
    notice = view_section(v, "policy_notice");
    view_text(notice, "version", version);
    view_text(notice, "read",
              url_for(rq, "policy_version", NULL, arena_printf(rq->arena, "date=%s", version)));
}

static struct view *
frame_view(struct request *rq, const struct flash *flash)
{
    const struct exchange *x = rq->internal;
    struct view *v = view_new(rq->arena);

    view_text(v, "language", languages[language_current()].tag);
    view_text(v, "site_name", rq->conf->site.name);
    view_text(v, "contact", rq->conf->site.contact);
    view_text(v, "csrf", rq->csrf);
    view_text(v, "css", url_static(rq, "site.css"));
    view_text(v, "icon", url_static(rq, "favicon.svg"));
    view_text(v, "icons", url_static(rq, "icons.svg"));
    view_text(v, "touch_icon", url_static(rq, "icon-180.png"));
    view_flag(v, "sells", processor_configured(rq->conf));
    view_flag(v, "test_payments", x->app->test_payments);
    put_routes(rq, v);
    put_meta(rq, v);
    put_languages(rq, v);
    put_themes(rq, v);
    put_visitor(rq, v);
    put_notice(rq, v);
    view_flag(v, "ask_consent", consent_of(rq) == CONSENT_UNASKED);
    if (flash != NULL) {
        struct view *notice = view_section(v, "flash");
        view_text(notice, "kind", flash->kind);
        view_text(notice, "text", T(flash->text));
    }
    return v;
}

/* Page and frame share their names: the page's own win inside the page, the frame's inside the
 * frame. */
static int
render_both(struct request *rq, struct response *rs, const char *name, const char *title,
            struct view *v, struct view *frame, struct err *e)
{
    struct exchange *x = rq->internal;
    struct text content;
    int rc;

    if (view_failed(v) || view_failed(frame))
        return err_set(e, ST_NOMEM, "Please try again later.", "view of %s", name);
    text_init(&content, RESPONSE_MAX);
    templates_begin(x->app->templates, clock_monotonic());
    view_text(frame, "title", T(title));
    view_fall_back(v, frame);
    if ((rc = render(x->app->templates, name, v, &content, e)) != ST_OK)
        goto out;
    view_fall_back(v, NULL);
    view_fall_back(frame, v);
    view_borrow(frame, "content", text_cstr(&content));
    text_clear(&rs->body);
    if (view_failed(frame))
        rc = err_set(e, ST_NOMEM, "Please try again later.", "frame of %s", name);
    else
        rc = render(x->app->templates, "frame", frame, &rs->body, e);
out:
    text_release(&content);
    return rc;
}

int
page_render(struct request *rq, struct response *rs, const char *name, const char *title,
            struct view *v, struct err *e)
{
    const struct flash *flash = flash_find(rq);
    int rc = render_both(rq, rs, name, title, v, frame_view(rq, flash), e);

    if (rc == ST_OK && flash != NULL)
        rc = flash_shown(rq, rs, e);
    return rc;
}

/* --- error pages --- */

static const struct {
    int status;
    const char *heading, *sentence; /* the sentence when there is none in the error record */
    bool retry;
} kinds[] = {
    {400, N_("That could not be understood"), N_("Please go back and try again."), false},
    {402, N_("Not enough credits"), N_("There are not enough credits for this."), false},
    {403, N_("That is not allowed"), N_("Please load the page again and try once more."), false},
    {404, N_("Nothing here"), N_("There is nothing at this address."), false},
    {405, N_("Not in this way"), N_("This address cannot be used in this way."), false},
    {409, N_("Somebody was faster"), N_("This has changed in the meantime. Please look again."),
     true},
    {413, N_("Too large"), N_("That was too large to be accepted."), false},
    {415, N_("That could not be understood"), N_("This page takes forms only."), false},
    {429, N_("A little slower, please"), N_("Please wait a moment, then try again."), true},
    {503, N_("Back in a moment"),
     N_("We are busy behind the scenes. Please try again in a moment."), true},
    {500, N_("Something went wrong"), N_("It was our mistake, not yours. Please try again later."),
     true},
};
#define KINDS (sizeof kinds / sizeof kinds[0])

static size_t
kind_of(int status)
{
    size_t i = 0;

    while (i < KINDS - 1 && kinds[i].status != status)
        i++;
    return i;
}

static void
error_json(struct response *rs, int status, const char *sentence)
{
    rs->type = "application/json";
    text_clear(&rs->body);
    text_printf(&rs->body, "{\"error\":{\"status\":%d,\"message\":", status);
    json_put_string(&rs->body, sentence);
    text_puts(&rs->body, "}}");
}

void
page_error(struct request *rq, struct response *rs, int http_status, const struct err *e)
{
    size_t kind = kind_of(http_status);
    const char *sentence =
        e != NULL && e->message[0] != '\0' ? e->message : T(kinds[kind].sentence);
    struct view *v;
    struct err why = {0};

    rs->status = http_status;
    if (rq->wants_json) {
        error_json(rs, http_status, sentence);
        return;
    }
    v = view_new(rq->arena);
    view_int(v, "status", http_status);
    view_text(v, "heading", T(kinds[kind].heading));
    view_text(v, "message", sentence);
    view_flag(v, "retry", kinds[kind].retry);
    if (kinds[kind].retry && rq->method == METHOD_GET && rq->route != NULL)
        view_text(v, "again", url_for(rq, rq->route->name, rq->ids, NULL));
    if (render_both(rq, rs, "error", kinds[kind].heading, v, frame_view(rq, NULL), &why) == ST_OK)
        return;
    log_err(LOG_LEVEL_ERROR, "error page", &why);
    rs->type = "text/plain; charset=utf-8";
    text_clear(&rs->body);
    text_printf(&rs->body, "%d %s\n\n%s\n", http_status, T(kinds[kind].heading), sentence);
}
