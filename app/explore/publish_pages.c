/*
 * Publishing one's own picture: a page that says what others will see, with two choices, and taking
 * it back. The rules are publish.c's.
 */
#include <stdio.h>

#include "app/explore/explore_pages.h"
#include "app/explore/publish.h"
#include "app/view/view.h"
#include "common/err.h"
#include "common/language.h"
#include "common/media.h"

enum { SHOW_NAME, SHOW_PROMPT };

static const struct field fields[] = {
    [SHOW_NAME] = {"show_name", N_("Your name"), FIELD_CHECK, 0, 0, false, NULL},
    [SHOW_PROMPT] = {"show_prompt", N_("Your words"), FIELD_CHECK, 0, 0, false, NULL},
};
const struct form publish_form = {fields, 2};

int
publish_ask(struct request *rq, struct response *rs, struct err *e)
{
    struct view *v = view_new(rq->arena);
    struct publish_status status;
    struct media m;
    int rc;

    if ((rc = media_load(rq->db, rq->visitor.account, &rq->ids[0], &m, e)) != ST_OK ||
        (rc = publish_find(rq->db, &m, &status, e)) != ST_OK)
        return rc;
    if (m.kind != MEDIA_RESULT)
        return err_set(e, ST_NOTFOUND, "There is no such picture.", NULL);
    view_text(v, "csrf", rq->csrf);
    view_text(v, "action", url_for(rq, "publish", &m.public_id, NULL));
    view_text(v, "page", url_for(rq, "picture", &m.public_id, NULL));
    view_text(v, "view", url_for(rq, "picture_view", &m.public_id, NULL));
    view_int(v, "width", m.width);
    view_int(v, "height", m.height);
    view_text(v, "name", rq->visitor.display_name);
    view_flag(v, "show_name", status.show_name);
    view_flag(v, "show_prompt", status.show_prompt);
    view_flag(v, "kept", m.expires_at == 0);
    return page_render(rq, rs, "publish", N_("Publish this picture?"), v, e);
}

int
publish_send(struct request *rq, struct response *rs, struct err *e)
{
    int rc = publish_picture(rq->db, rq->visitor.account, &rq->ids[0], rq->values[SHOW_NAME].i == 1,
                             rq->values[SHOW_PROMPT].i == 1, e);

    if (rc != ST_OK || (rc = response_flash(rq, rs, "published", e)) != ST_OK)
        return rc;
    return response_redirect(rq, rs, url_for(rq, "picture", &rq->ids[0], NULL), e);
}

int
unpublish_send(struct request *rq, struct response *rs, struct err *e)
{
    int rc = publish_end(rq->db, rq->visitor.account, &rq->ids[0], e);

    if (rc != ST_OK || (rc = response_flash(rq, rs, "unpublished", e)) != ST_OK)
        return rc;
    return response_redirect(rq, rs, url_for(rq, "picture", &rq->ids[0], NULL), e);
}
