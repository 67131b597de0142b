/*
 * Reporting a published picture: a reason, and a few words if somebody likes. It needs no account
 * and keeps nothing about a visitor without one. The rows wait for the operator.
 */
#include <string.h>

#include "app/explore/explore_pages.h"
#include "app/explore/explore_store.h"
#include "app/view/view.h"
#include "common/clock.h"
#include "common/err.h"
#include "common/language.h"

#define NOTE_BYTES 1500 /* the column holds 500 characters */

enum { REASON, NOTE };

/* As the column has them. */
static const char *const reasons[] = {
    "illegal", "minor", "person", "sexual", "violence", "hate", "rights", "other", NULL,
};
static const char *const labels[] = {
    N_("It is against the law"),
    N_("It shows a child in a way it must not"),
    N_("It shows a real person who has not agreed"),
    N_("It is sexual"),
    N_("It is violent or cruel"),
    N_("It is hateful"),
    N_("It breaks a copyright or a trade mark"),
    N_("Something else"),
};

static const struct field fields[] = {
    [REASON] = {"reason", N_("Reason"), FIELD_CHOICE, 0, 0, true, reasons},
    [NOTE] = {"note", N_("What is wrong"), FIELD_TEXT, 0, NOTE_BYTES, false, NULL},
};
const struct form report_form = {fields, 2};

/* 500 characters at most, whole ones: a form field counts bytes. */
static void
cut(const char *from, char out[NOTE_BYTES + 1])
{
    size_t characters = 0, i = 0;

    for (; from[i] != '\0' && i < NOTE_BYTES; i++) {
        if (((unsigned char)from[i] & 0xC0) != 0x80 && ++characters > 500)
            break;
        out[i] = from[i];
    }
    out[i] = '\0';
}

static int
show(struct request *rq, struct response *rs, bool sent, struct err *e)
{
    struct view *v = view_new(rq->arena);
    struct explore_item item;
    int rc;

    if ((rc = explore_store_load(rq->db, &rq->ids[0], &item, e)) != ST_OK)
        return rc;
    explore_show(rq, v, &item);
    view_text(v, "csrf", rq->csrf);
    view_text(v, "action", url_for(rq, "report", &item.public_id, NULL));
    for (int i = 0; reasons[i] != NULL; i++) {
        struct view *reason = view_item(v, "reasons");
        view_text(reason, "word", reasons[i]);
        view_text(reason, "label", T(labels[i]));
        view_flag(reason, "chosen",
                  sent && rq->values[REASON].error == NULL && rq->values[REASON].i == i);
    }
    if (sent) {
        view_text(v, "reason_error", rq->values[REASON].error);
        view_text(v, "note_error", rq->values[NOTE].error);
        view_text(v, "note", rq->values[NOTE].text);
    }
    return page_render(rq, rs, "report", N_("Report this picture"), v, e);
}

int
report_ask(struct request *rq, struct response *rs, struct err *e)
{
    return show(rq, rs, false, e);
}

int
report_send(struct request *rq, struct response *rs, struct err *e)
{
    char note[NOTE_BYTES + 1];
    struct explore_item item;
    int rc;

    if (rq->errors > 0) {
        rs->status = 422;
        return show(rq, rs, true, e);
    }
    if ((rc = explore_store_load(rq->db, &rq->ids[0], &item, e)) != ST_OK)
        return rc;
    cut(rq->values[NOTE].text, note);
    rc = explore_store_report(rq->db, &rq->ids[0], reasons[rq->values[REASON].i], note,
                              rq->visitor.account, clock_now(), e);
    if (rc != ST_OK || (rc = response_flash(rq, rs, "reported", e)) != ST_OK)
        return rc;
    return response_redirect(rq, rs, url_for(rq, "explore", NULL, NULL), e);
}
