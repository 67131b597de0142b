/*
 * Explore: pictures that their owners have published, for everybody. One query makes a page, places
 * are pictures and not counts, and for visitors without a session caches may keep it: it holds no
 * form. Only the copies are handed out; the file itself holds the prompt. Reporting is
 * report_pages.c, publishing publish_pages.c, the feed feed_pages.c.
 */
#include "app/explore/explore_pages.h"

#include <stdio.h>

#include "app/explore/explore_store.h"
#include "app/http/url.h"
#include "app/routes.h"
#include "app/view/view.h"
#include "common/arena.h"
#include "common/err.h"
#include "common/language.h"
#include "common/media.h"

#define PAGE 24
#define PAGE_SECONDS 60  /* how long a cache may be behind */
#define COPY_SECONDS 300 /* ... with a picture that was taken back */

static const struct field list_fields[] = {
    {"before", N_("Place"), FIELD_ID, 0, 0, false, NULL},
};
static const struct form list_form = {list_fields, 1};

int
explore_cache(struct request *rq, struct response *rs, int seconds, struct err *e)
{
    char value[40];

    if (rq->visitor.account != 0)
        return ST_OK;
    snprintf(value, sizeof value, "public, max-age=%d", seconds);
    rs->no_store = false;
    return response_header(rs, "Cache-Control", value, e);
}

void
explore_show(struct request *rq, struct view *out, const struct explore_item *item)
{
    char date[DATE_TEXT];

    view_text(out, "url", url_for(rq, "shown", &item->public_id, NULL));
    view_text(out, "thumb", url_for(rq, "shown_thumb", &item->public_id, NULL));
    view_text(out, "view", url_for(rq, "shown_view", &item->public_id, NULL));
    if (item->film)
        view_text(out, "film", url_for(rq, "shown_film", &item->public_id, NULL));
    view_int(out, "thumb_width", media_copy_width(item->width, item->height, MEDIA_THUMB_SIDE));
    view_int(out, "view_width", media_copy_width(item->width, item->height, MEDIA_VIEW_SIDE));
    view_int(out, "view_height", media_copy_width(item->height, item->width, MEDIA_VIEW_SIDE));
    view_flag(out, "two_sizes", item->width > MEDIA_THUMB_SIDE || item->height > MEDIA_THUMB_SIDE);
    view_flag(out, "beside", item->film || item->name[0] != '\0');
    if (item->name[0] != '\0')
        view_text(out, "name", item->name);
    if (item->prompt[0] != '\0')
        view_text(out, "prompt", item->prompt);
    language_date(item->published_at, date);
    view_text(out, "date", date);
}

static int
explore_list(struct request *rq, struct response *rs, struct err *e)
{
    struct explore_item *items = arena_calloc(rq->arena, PAGE + 1, sizeof *items);
    const struct value *place = &rq->values[0];
    struct view *v = view_new(rq->arena);
    int64_t before = 0;
    int count, rc;

    if (items == NULL)
        return err_set(e, ST_NOMEM, "Please try again later.", "explore");
    if (place->present && place->error == NULL &&
        (rc = explore_store_place(rq->db, &place->id, &before, e)) != ST_OK && rc != ST_NOTFOUND)
        return rc;
    if ((rc = explore_store_list(rq->db, before, items, PAGE + 1, &count, e)) != ST_OK)
        return rc;
    for (int i = 0; i < count && i < PAGE; i++)
        explore_show(rq, view_item(v, "pictures"), &items[i]);
    if (count > PAGE) {
        char last[ID_TEXT];
        id_format(&items[PAGE - 1].public_id, last);
        view_text(v, "older",
                  url_for(rq, "explore", NULL, arena_printf(rq->arena, "before=%s", last)));
    }
    if (before > 0)
        view_text(v, "newest", url_for(rq, "explore", NULL, NULL));
    view_flag(v, "any", count > 0);
    view_text(v, "feed", url_for(rq, "explore_feed", NULL, NULL));
    view_text(v, "create", url_for(rq, "create", NULL, NULL));
    if ((rc = explore_cache(rq, rs, PAGE_SECONDS, e)) != ST_OK)
        return rc;
    return page_render(rq, rs, "explore", N_("Explore"), v, e);
}

/* Into the studio with the same words; who has no account opens one on the way. */
static const char *
try_words(struct request *rq, const char *prompt)
{
    const char *query;
    struct text t;

    text_init(&t, 8192);
    text_puts(&t, "prompt=");
    url_encode(&t, prompt);
    query = t.failed ? NULL : arena_strndup(rq->arena, text_cstr(&t), t.len);
    text_release(&t);
    return url_for(rq, "start", NULL, query);
}

static int
explore_one(struct request *rq, struct response *rs, struct err *e)
{
    struct view *v = view_new(rq->arena);
    struct explore_item item;
    int rc;

    if ((rc = explore_store_load(rq->db, &rq->ids[0], &item, e)) != ST_OK)
        return rc;
    explore_show(rq, v, &item);
    if (item.prompt[0] != '\0')
        view_text(v, "try", try_words(rq, item.prompt));
    view_text(v, "explore", url_for(rq, "explore", NULL, NULL));
    view_text(v, "report", url_for(rq, "report", &item.public_id, NULL));
    view_text(v, "create", url_for(rq, "create", NULL, NULL));
    if ((rc = explore_cache(rq, rs, PAGE_SECONDS, e)) != ST_OK)
        return rc;
    return page_render(rq, rs, "shown", N_("Published picture"), v, e);
}

static int
send_copy(struct request *rq, struct response *rs, const char *kind, const char *type,
          struct err *e)
{
    char key[STORE_KEY];
    struct media copy;
    int rc;

    if ((rc = explore_store_copy(rq->db, &rq->ids[0], kind, &copy, e)) != ST_OK ||
        (rc = explore_cache(rq, rs, COPY_SECONDS, e)) != ST_OK)
        return rc;
    media_key(&copy, key);
    return response_media(rq, rs, key, type, NULL, e);
}

static int
shown_thumb(struct request *rq, struct response *rs, struct err *e)
{
    return send_copy(rq, rs, "thumb", "image/jpeg", e);
}

static int
shown_view(struct request *rq, struct response *rs, struct err *e)
{
    return send_copy(rq, rs, "view", "image/jpeg", e);
}

static int
shown_film(struct request *rq, struct response *rs, struct err *e)
{
    return send_copy(rq, rs, "shown", "video/mp4", e);
}

const struct route explore_routes[] = {
    {"explore", METHOD_GET, "/explore", explore_list, 0, CSRF_NONE, RATE_PAGE, &list_form, 0},
    {"explore_feed", METHOD_GET, "/explore/feed", explore_feed, ROUTE_ANYBODY, CSRF_NONE, RATE_PAGE,
     NULL, 0},
    {"shown", METHOD_GET, "/explore/{id}", explore_one, 0, CSRF_NONE, RATE_PAGE, NULL, 0},
    {"shown_thumb", METHOD_GET, "/explore/{id}/thumb", shown_thumb, ROUTE_ANYBODY, CSRF_NONE,
     RATE_PAGE, NULL, 0},
    {"shown_view", METHOD_GET, "/explore/{id}/view", shown_view, ROUTE_ANYBODY, CSRF_NONE,
     RATE_PAGE, NULL, 0},
    {"shown_film", METHOD_GET, "/explore/{id}/film", shown_film, ROUTE_ANYBODY, CSRF_NONE,
     RATE_PAGE, NULL, 0},
    {"report", METHOD_GET, "/explore/{id}/report", report_ask, 0, CSRF_NONE, RATE_PAGE, NULL, 0},
    {"report_send", METHOD_POST, "/explore/{id}/report", report_send, 0, CSRF_TOKEN, RATE_AUTH,
     &report_form, 8192},
    {"publish", METHOD_GET, "/pictures/{id}/publish", publish_ask, ROUTE_SIGNED_IN | ROUTE_PROVEN,
     CSRF_NONE, RATE_PAGE, NULL, 0},
    {"publish_send", METHOD_POST, "/pictures/{id}/publish", publish_send,
     ROUTE_FREE | ROUTE_SIGNED_IN | ROUTE_PROVEN, CSRF_TOKEN, RATE_SUBMIT, &publish_form, 1024},
    {"unpublish_send", METHOD_POST, "/pictures/{id}/unpublish", unpublish_send, ROUTE_SIGNED_IN,
     CSRF_TOKEN, RATE_SUBMIT, NULL, 1024},
    {0},
};
