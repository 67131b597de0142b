/*
 * The feed of published pictures, as RFC 4287 has it (Atom). Names and words only where their
 * owners show them. It is XML, so it is written here and not by a template of a page.
 */
#include <string.h>

#include "app/explore/explore_pages.h"
#include "app/explore/explore_store.h"
#include "common/arena.h"
#include "common/clock.h"
#include "common/conf.h"
#include "common/err.h"
#include "common/language.h"

#define ENTRIES 40
#define FEED_SECONDS 300

static void
put_escaped(struct text *t, const char *s)
{
    for (; *s != '\0'; s++) {
        switch (*s) {
        case '&':
            text_puts(t, "&amp;");
            break;
        case '<':
            text_puts(t, "&lt;");
            break;
        case '>':
            text_puts(t, "&gt;");
            break;
        case '"':
            text_puts(t, "&quot;");
            break;
        default:
            text_putc(t, *s);
        }
    }
}

static void
put_element(struct text *t, const char *name, const char *value)
{
    text_printf(t, "<%s>", name);
    put_escaped(t, value);
    text_printf(t, "</%s>\n", name);
}

/* <link rel="…" type="…" href="site…"/> */
static void
put_link(struct request *rq, struct text *t, const char *rel, const char *type, const char *path)
{
    text_printf(t, "<link rel=\"%s\" type=\"%s\" href=\"", rel, type);
    put_escaped(t, rq->conf->site.url);
    put_escaped(t, path);
    text_puts(t, "\"/>\n");
}

static void
put_entry(struct request *rq, struct text *t, const struct explore_item *item)
{
    const char *page = url_for(rq, "shown", &item->public_id, NULL);
    const char *site = rq->conf->site.url;
    char at[32];

    clock_iso(item->published_at, at, sizeof at);
    text_puts(t, "<entry>\n");
    put_element(t, "title", item->prompt[0] != '\0' ? item->prompt : T("Picture"));
    put_element(t, "id", arena_printf(rq->arena, "%s%s", site, page));
    put_element(t, "published", at);
    put_element(t, "updated", at);
    text_puts(t, "<author>");
    put_element(t, "name", item->name[0] != '\0' ? item->name : rq->conf->site.name);
    text_puts(t, "</author>\n");
    put_link(rq, t, "alternate", "text/html", page);
    put_link(rq, t, "enclosure", item->film ? "video/mp4" : "image/jpeg",
             url_for(rq, item->film ? "shown_film" : "shown_view", &item->public_id, NULL));
    text_puts(t, "</entry>\n");
}

int
explore_feed(struct request *rq, struct response *rs, struct err *e)
{
    struct explore_item *items = arena_calloc(rq->arena, ENTRIES, sizeof *items);
    const char *self = url_for(rq, "explore_feed", NULL, NULL);
    struct text *t = &rs->body;
    char at[32];
    int count, rc;

    if (items == NULL)
        return err_set(e, ST_NOMEM, "Please try again later.", "feed");
    if ((rc = explore_store_list(rq->db, 0, items, ENTRIES, &count, e)) != ST_OK)
        return rc;
    clock_iso(count > 0 ? items[0].published_at : 0, at, sizeof at);
    text_clear(t);
    text_puts(t, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
                 "<feed xmlns=\"http://www.w3.org/2005/Atom\">\n");
    put_element(t, "title", rq->conf->site.name);
    put_element(t, "id", arena_printf(rq->arena, "%s%s", rq->conf->site.url, self));
    put_element(t, "updated", at);
    put_link(rq, t, "self", "application/atom+xml", self);
    put_link(rq, t, "alternate", "text/html", url_for(rq, "explore", NULL, NULL));
    for (int i = 0; i < count; i++)
        put_entry(rq, t, &items[i]);
    text_puts(t, "</feed>\n");
    if (t->failed)
        return err_set(e, ST_NOMEM, "Please try again later.", "feed");
    rs->type = "application/atom+xml";
    return explore_cache(rq, rs, FEED_SECONDS, e);
}
