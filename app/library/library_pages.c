/*
 * "My pictures": the gallery, newest first, with its filters. A single picture is picture_pages.c,
 * what is done with several selection_pages.c.
 */
#include <string.h>

#include "app/http/http.h"
#include "app/library/expiry.h"
#include "app/library/filter_pages.h"
#include "app/library/library_store.h"
#include "app/library/picture_pages.h"
#include "app/library/selection_pages.h"
#include "app/routes.h"
#include "app/view/view.h"
#include "common/arena.h"
#include "common/clock.h"
#include "common/err.h"
#include "common/language.h"
#include "common/media.h"

#define PAGE 24 /* pictures on a page: whole rows of 2, 3, 4 and 6 */

static void
show_item(struct request *rq, struct view *v, const struct library_item *item, int64_t now)
{
    struct view *out = view_item(v, "pictures");
    char words[EXPIRY_WORDS], iso[32], id[ID_TEXT];

    id_format(&item->public_id, id);
    view_text(out, "id", id);
    view_text(out, "url", url_for(rq, "picture", &item->public_id, NULL));
    view_text(out, "thumb", url_for(rq, "picture_thumb", &item->public_id, NULL));
    view_int(out, "thumb_width", media_copy_width(item->width, item->height, MEDIA_THUMB_SIDE));
    if (item->width > MEDIA_THUMB_SIDE || item->height > MEDIA_THUMB_SIDE) {
        view_text(out, "view", url_for(rq, "picture_view", &item->public_id, NULL));
        view_int(out, "view_width", media_copy_width(item->width, item->height, MEDIA_VIEW_SIDE));
    }
    view_int(out, "width", item->width);
    view_int(out, "height", item->height);
    view_text(out, "prompt", item->prompt[0] != '\0' ? item->prompt : T("Picture"));
    view_flag(out, "film", item->film);
    view_flag(out, "saved", item->saved || item->expires_at == 0);
    if (item->expires_at != 0) {
        expiry_words(item->expires_at, now, words, sizeof words);
        view_text(out, "expires", words);
        clock_iso(item->expires_at, iso, sizeof iso);
        view_text(out, "expires_at", iso);
        view_flag(out, "soon", item->expires_at - now < CLOCK_HOUR);
    }
    age_words(item->created_at, now, words, sizeof words);
    view_text(out, "age", words);
}

/* The form as it was sent. */
static void
show_filters(struct request *rq, struct view *v, const struct library_query *query)
{
    view_text(v, "filters", url_for(rq, "pictures", NULL, NULL));
    view_text(v, "words", rq->values[FILTER_WORDS].text);
    view_flag(v, "only_saved", query->saved);
    view_text(v, "from", query->from > 0 ? rq->values[FILTER_FROM].text : "");
    view_text(v, "to", query->to > 0 ? rq->values[FILTER_TO].text : "");
    for (int i = 0; filter_kinds[i] != NULL; i++) {
        struct view *kind = view_item(v, "kinds");
        bool chosen = rq->values[FILTER_KIND].error == NULL && rq->values[FILTER_KIND].i == i;
        view_text(kind, "word", filter_kinds[i]);
        view_text(kind, "label", T(filter_kind_labels[i]));
        view_flag(kind, "chosen", chosen);
    }
    view_flag(v, "filtered", filter_any(query));
    view_flag(v, "more_filters",
              query->from > 0 || query->to > 0 ||
                  (query->kinds != NULL && query->kinds[0] != '\0'));
}

/* "3 pictures deleted. Undo", as long as that is possible. */
static int
show_deletion(struct request *rq, struct view *v, struct err *e)
{
    const struct value *deleted = &rq->values[FILTER_DELETED];
    int64_t count, until;
    struct view *undo;
    char id[ID_TEXT], iso[32], words[EXPIRY_WORDS];
    int rc;

    if (!deleted->present || deleted->error != NULL)
        return ST_OK;
    rc = media_restorable(rq->db, rq->visitor.account, &deleted->id, &count, &until, e);
    if (rc != ST_OK || count == 0)
        return rc;
    undo = view_section(v, "undo");
    id_format(&deleted->id, id);
    view_text(undo, "deletion", id);
    view_text(undo, "action", url_for(rq, "pictures_restore", NULL, NULL));
    view_int(undo, "count", count);
    view_flag(undo, "one", count == 1);
    expiry_words(until, clock_now(), words, sizeof words);
    view_text(undo, "left", words);
    clock_iso(until, iso, sizeof iso);
    view_text(undo, "until", iso);
    return ST_OK;
}

static const char *
address_below(struct request *rq, const char *filters, const struct library_item *last)
{
    char id[ID_TEXT];

    id_format(&last->public_id, id);
    return url_for(
        rq, "pictures", NULL,
        arena_printf(rq->arena, "%s%sbefore=%s", filters, filters[0] != '\0' ? "&" : "", id));
}

static int
find_place(struct request *rq, struct library_query *query, struct err *e)
{
    const struct value *before = &rq->values[FILTER_BEFORE];
    int rc;

    if (!before->present || before->error != NULL)
        return ST_OK;
    rc = library_store_place(rq->db, rq->visitor.account, &before->id, &query->before,
                             &query->before_job, e);
    return rc == ST_NOTFOUND ? ST_OK : rc; /* a picture long gone: begin with the newest */
}

static int
pictures_show(struct request *rq, struct response *rs, struct err *e)
{
    struct view *v = view_new(rq->arena);
    struct library_item *items = arena_calloc(rq->arena, PAGE, sizeof *items);
    struct library_query query = {0};
    int64_t now = clock_now();
    const char *filters;
    bool more;
    int count, rc;

    view_flag(v, "wrong_filter", !filter_read(rq->values, &query));
    if (items == NULL || (filters = filter_address(rq, &query)) == NULL)
        return err_set(e, ST_NOMEM, "Please try again later.", "gallery");
    if ((rc = find_place(rq, &query, e)) != ST_OK || (rc = show_deletion(rq, v, e)) != ST_OK ||
        (rc = library_store_list(rq->db, rq->visitor.account, &query, now, items, PAGE, &count,
                                 &more, e)) != ST_OK)
        return rc;
    for (int i = 0; i < count; i++)
        show_item(rq, v, &items[i], now);
    if (more)
        view_text(v, "older", address_below(rq, filters, &items[count - 1]));
    if (query.before > 0)
        view_text(v, "newest", url_for(rq, "pictures", NULL, filters[0] != '\0' ? filters : NULL));
    show_filters(rq, v, &query);
    clock_words(v);
    view_flag(v, "any", count > 0);
    view_flag(v, "nothing_yet", count == 0 && query.before == 0 && !filter_any(&query));
    view_text(v, "csrf", rq->csrf);
    view_text(v, "selection", url_for(rq, "pictures_selection", NULL, NULL));
    view_text(v, "here", filters);
    view_text(v, "script", url_static(rq, "library.js"));
    view_text(v, "create", url_for(rq, "create", NULL, NULL));
    return page_render(rq, rs, "pictures", N_("My pictures"), v, e);
}

const struct route library_routes[] = {
    {"pictures", METHOD_GET, "/pictures", pictures_show, ROUTE_SIGNED_IN, CSRF_NONE, RATE_PAGE,
     &filter_form, 0},
    {"pictures_selection", METHOD_POST, "/pictures/selection", selection_send, ROUTE_SIGNED_IN,
     CSRF_TOKEN, RATE_SUBMIT, &selection_form, 16384},
    {"pictures_restore", METHOD_POST, "/pictures/restore", selection_restore, ROUTE_SIGNED_IN,
     CSRF_TOKEN, RATE_SUBMIT, &restore_form, 1024},
    {"picture", METHOD_GET, "/pictures/{id}", picture_show, ROUTE_SIGNED_IN, CSRF_NONE, RATE_PAGE,
     NULL, 0},
    {"picture_file", METHOD_GET, "/pictures/{id}/file", picture_file, ROUTE_SIGNED_IN, CSRF_NONE,
     RATE_PAGE, NULL, 0},
    {"picture_thumb", METHOD_GET, "/pictures/{id}/thumb", picture_thumb, ROUTE_SIGNED_IN, CSRF_NONE,
     RATE_PAGE, NULL, 0},
    {"picture_view", METHOD_GET, "/pictures/{id}/view", picture_view, ROUTE_SIGNED_IN, CSRF_NONE,
     RATE_PAGE, NULL, 0},
    {"picture_download", METHOD_GET, "/pictures/{id}/download", picture_download, ROUTE_SIGNED_IN,
     CSRF_NONE, RATE_SUBMIT, &picture_download_form, 0},
    {"picture_source", METHOD_GET, "/pictures/{id}/source", picture_source, ROUTE_SIGNED_IN,
     CSRF_NONE, RATE_PAGE, NULL, 0},
    {"picture_source_keep", METHOD_POST, "/pictures/{id}/source", picture_source_keep,
     ROUTE_SIGNED_IN, CSRF_TOKEN, RATE_SUBMIT, &picture_keep_form, 1024},
    {"picture_keep", METHOD_POST, "/pictures/{id}/keep", picture_keep, ROUTE_SIGNED_IN, CSRF_TOKEN,
     RATE_SUBMIT, &picture_keep_form, 1024},
    {"picture_delete", METHOD_GET, "/pictures/{id}/delete", picture_delete_ask, ROUTE_SIGNED_IN,
     CSRF_NONE, RATE_PAGE, NULL, 0},
    {"picture_delete_send", METHOD_POST, "/pictures/{id}/delete", picture_delete_send,
     ROUTE_SIGNED_IN, CSRF_TOKEN, RATE_SUBMIT, NULL, 1024},
    {0},
};
