/*
 * What machines ask a site for: robots.txt, sitemap.xml, the manifest of the web app. They are
 * answers, not files, because they hold the site's own address and name.
 */
#include <stddef.h>
#include <string.h>

#include "app/http/http.h"
#include "app/routes.h"
#include "common/conf.h"
#include "common/err.h"
#include "common/json.h"
#include "common/language.h"
#include "common/processor.h"

#define CACHE "public, max-age=3600"
#define TEXT_MAX 16384

/* Pages that anybody may find, by route name; those that a site does not have are left out. */
static const char *const listed[] = {
    "home", "explore", "pricing", "about", "contact", "terms", "privacy", NULL,
};

/* The path of a page that takes no id, or NULL. */
static const char *
path_of(const char *name)
{
    for (const struct route *const *table = route_tables; *table != NULL; table++) {
        for (const struct route *r = *table; r->name != NULL; r++) {
            if (strcmp(r->name, name) == 0 && r->method == METHOD_GET)
                return r->pattern;
        }
    }
    return NULL;
}

static int
finish(struct response *rs, const char *type, struct err *e)
{
    rs->type = type;
    rs->no_store = false;
    if (rs->body.failed)
        return err_set(e, ST_NOMEM, "Please try again later.", "%s", type);
    return response_header(rs, "Cache-Control", CACHE, e);
}

static int
robots(struct request *rq, struct response *rs, struct err *e)
{
    /* Nothing of these is a secret: they are private to a member, or the same page again. */
    text_puts(&rs->body, "User-agent: *\nDisallow: /create\nDisallow: /jobs/\nDisallow: /pictures\n"
                         "Disallow: /account\nDisallow: /start\nDisallow: /language\n"
                         "Disallow: /theme\n\n");
    text_printf(&rs->body, "Sitemap: %s/sitemap.xml\n", rq->conf->site.url);
    return finish(rs, "text/plain; charset=utf-8", e);
}

static int
sitemap(struct request *rq, struct response *rs, struct err *e)
{
    text_puts(&rs->body, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
                         "<urlset xmlns=\"http://www.sitemaps.org/schemas/sitemap/0.9\">\n");
    for (size_t i = 0; listed[i] != NULL; i++) {
        const char *path = path_of(listed[i]);
        if (strcmp(listed[i], "pricing") == 0 && !processor_configured(rq->conf))
            path = NULL; /* a site that sells nothing has no prices */
        if (path != NULL)
            text_printf(&rs->body, "<url><loc>%s%s</loc></url>\n", rq->conf->site.url, path);
    }
    text_puts(&rs->body, "</urlset>\n");
    return finish(rs, "application/xml", e);
}

static void
put_icon(struct request *rq, struct text *t, const char *file, const char *sizes, const char *more)
{
    text_puts(t, "{\"src\":");
    json_put_string(t, url_static(rq, file));
    text_printf(t, ",\"sizes\":\"%s\"%s}", sizes, more);
}

static int
manifest(struct request *rq, struct response *rs, struct err *e)
{
    struct text *t = &rs->body;

    text_puts(t, "{\"name\":");
    json_put_string(t, rq->conf->site.name);
    text_puts(t, ",\"description\":");
    json_put_string(t, T("Pictures from words, made on ordinary processors."));
    text_puts(t, ",\"lang\":");
    json_put_string(t, languages[language_current()].tag);
    text_puts(t,
              ",\"id\":\"/\",\"start_url\":\"/create\",\"scope\":\"/\",\"display\":\"standalone\","
              "\"background_color\":\"#04241b\",\"theme_color\":\"#04241b\",\"icons\":[");
    put_icon(rq, t, "favicon.svg", "any", ",\"type\":\"image/svg+xml\"");
    text_putc(t, ',');
    put_icon(rq, t, "icon-192.png", "192x192", ",\"type\":\"image/png\"");
    text_putc(t, ',');
    put_icon(rq, t, "icon-512.png", "512x512",
             ",\"type\":\"image/png\",\"purpose\":\"any maskable\"");
    text_puts(t, "]}");
    return finish(rs, "application/manifest+json", e);
}

const struct route machine_routes[] = {
    {"robots", METHOD_GET, "/robots.txt", robots, 0, CSRF_NONE, RATE_PAGE, NULL, 0},
    {"sitemap", METHOD_GET, "/sitemap.xml", sitemap, 0, CSRF_NONE, RATE_PAGE, NULL, 0},
    {"manifest", METHOD_GET, "/manifest.webmanifest", manifest, 0, CSRF_NONE, RATE_PAGE, NULL, 0},
    {0},
};
