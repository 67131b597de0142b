/*
 * "My pictures": the gallery, newest first. A single picture is picture_pages.c.
 */
#include <string.h>

#include "app/http/http.h"
#include "app/library/expiry.h"
#include "app/library/library_store.h"
#include "app/library/picture_pages.h"
#include "app/routes.h"
#include "app/view/view.h"
#include "common/arena.h"
#include "common/clock.h"
#include "common/err.h"

#define PAGE 24 /* pictures on a page: whole rows of 2, 3, 4 and 6 */

static const struct field list_fields[] = {
    {"before", "Place", FIELD_ID, 0, 0, false, NULL},
};
static const struct form list_form = {list_fields, 1};

static void
show_item(struct request *rq, struct view *v, const struct library_item *item, int64_t now)
{
    struct view *out = view_item(v, "pictures");
    char words[EXPIRY_WORDS];

    view_text(out, "url", url_for(rq, "picture", &item->public_id, NULL));
    view_text(out, "thumb", url_for(rq, "picture_thumb", &item->public_id, NULL));
    view_int(out, "width", item->width);
    view_int(out, "height", item->height);
    view_text(out, "prompt", item->prompt[0] != '\0' ? item->prompt : "Picture");
    view_flag(out, "saved", item->saved || item->expires_at == 0);
    expiry_words(item->expires_at, now, words, sizeof words);
    if (words[0] != '\0')
        view_text(out, "expires", words);
    age_words(item->created_at, now, words, sizeof words);
    view_text(out, "age", words);
}

static int
pictures_show(struct request *rq, struct response *rs, struct err *e)
{
    struct view *v = view_new(rq->arena);
    struct library_item *items = arena_calloc(rq->arena, PAGE + 1, sizeof *items);
    int64_t before = 0, now = clock_now();
    int count, rc;

    if (items == NULL)
        return err_set(e, ST_NOMEM, "Please try again later.", "gallery");
    if (rq->values[0].present && rq->values[0].error == NULL) {
        rc = library_store_place(rq->db, rq->visitor.account, &rq->values[0].id, &before, e);
        if (rc != ST_OK && rc != ST_NOTFOUND) /* a picture long gone: begin with the newest */
            return rc;
    }
    if ((rc = library_store_list(rq->db, rq->visitor.account, before, now, items, PAGE + 1, &count,
                                 e)) != ST_OK)
        return rc;
    for (int i = 0; i < count && i < PAGE; i++)
        show_item(rq, v, &items[i], now);
    if (count > PAGE) {
        char last[ID_TEXT];
        id_format(&items[PAGE - 1].public_id, last);
        view_text(v, "older",
                  url_for(rq, "pictures", NULL, arena_printf(rq->arena, "before=%s", last)));
    }
    if (before > 0)
        view_text(v, "newest", url_for(rq, "pictures", NULL, NULL));
    view_flag(v, "any", count > 0);
    view_text(v, "create", url_for(rq, "create", NULL, NULL));
    return page_render(rq, rs, "pictures", "My pictures", v, e);
}

const struct route library_routes[] = {
    {"pictures", METHOD_GET, "/pictures", pictures_show, ROUTE_SIGNED_IN, CSRF_NONE, RATE_PAGE,
     &list_form, 0},
    {"picture", METHOD_GET, "/pictures/{id}", picture_show, ROUTE_SIGNED_IN, CSRF_NONE, RATE_PAGE,
     NULL, 0},
    {"picture_file", METHOD_GET, "/pictures/{id}/file", picture_file, ROUTE_SIGNED_IN, CSRF_NONE,
     RATE_PAGE, NULL, 0},
    {"picture_thumb", METHOD_GET, "/pictures/{id}/thumb", picture_thumb, ROUTE_SIGNED_IN, CSRF_NONE,
     RATE_PAGE, NULL, 0},
    {"picture_download", METHOD_GET, "/pictures/{id}/download", picture_download, ROUTE_SIGNED_IN,
     CSRF_NONE, RATE_PAGE, NULL, 0},
    {"picture_keep", METHOD_POST, "/pictures/{id}/keep", picture_keep, ROUTE_SIGNED_IN, CSRF_TOKEN,
     RATE_SUBMIT, &picture_keep_form, 1024},
    {"picture_delete", METHOD_GET, "/pictures/{id}/delete", picture_delete_ask, ROUTE_SIGNED_IN,
     CSRF_NONE, RATE_PAGE, NULL, 0},
    {"picture_delete_send", METHOD_POST, "/pictures/{id}/delete", picture_delete_send,
     ROUTE_SIGNED_IN, CSRF_TOKEN, RATE_SUBMIT, NULL, 1024},
    {0},
};
