/*
 * Reports of published pictures: the queue, one picture with what was said about it, the decision.
 * The rules are in verdicts.c.
 */
#include <stdio.h>
#include <string.h>

#include "app/admin/admin_pages.h"
#include "app/admin/verdicts.h"
#include "app/routes.h"
#include "app/view/view.h"
#include "common/err.h"
#include "common/language.h"
#include "common/media.h"

#define CASES_MAX 50
#define REPORTS_MAX 20

static const struct field reason_fields[] = {
    {"reason", N_("Reason"), FIELD_TEXT, 3, ADMIN_REASON_MAX, true, NULL},
};
static const struct form reason_form = {reason_fields, 1};

static const struct {
    const char *word, *label;
} reasons[] = {
    {"illegal", N_("against the law")}, {"minor", N_("a child")},
    {"person", N_("a real person")},    {"sexual", N_("sexual")},
    {"violence", N_("violent")},        {"hate", N_("hateful")},
    {"rights", N_("copyright")},        {"other", N_("something else")},
};

int
admin_reports_prepare(struct db *db, struct err *e)
{
    return verdicts_prepare(db, e);
}

int
admin_reports_waiting(struct db *db, struct admin_waiting *out, struct err *e)
{
    out->about = N_("the oldest report is from");
    return verdicts_waiting(db, &out->count, &out->due, e);
}

static const char *
label_of(const char *word, size_t len)
{
    for (size_t i = 0; i < sizeof reasons / sizeof reasons[0]; i++) {
        if (strlen(reasons[i].word) == len && memcmp(reasons[i].word, word, len) == 0)
            return T(reasons[i].label);
    }
    return "";
}

static int
queue_show(struct request *rq, struct response *rs, struct err *e)
{
    struct verdict_case cases[CASES_MAX];
    struct view *v = admin_view(rq);
    size_t count;
    int rc = verdicts_list(rq->db, cases, CASES_MAX, &count, e);

    if (rc != ST_OK)
        return rc;
    view_flag(v, "any", count > 0);
    for (size_t i = 0; i < count; i++) {
        struct view *item = view_item(v, "cases");

        view_text(item, "url", url_for(rq, "admin_report", &cases[i].id, NULL));
        view_int(item, "reports", cases[i].reports);
        admin_put_time(item, "oldest", cases[i].oldest);
        for (const char *at = cases[i].reasons; *at != '\0';) {
            size_t len = strcspn(at, ",");

            view_text(view_item(item, "reasons"), "label", label_of(at, len));
            at += len + (at[len] == ',');
        }
    }
    return page_render(rq, rs, "admin-reports", N_("Reports"), v, e);
}

static int
case_page(struct request *rq, struct response *rs, const char *wrong, struct err *e)
{
    struct verdict_report reports[REPORTS_MAX];
    struct view *v = admin_view(rq);
    struct verdict_picture p;
    size_t count;
    int rc = verdicts_load(rq->db, &rq->ids[0], &p, e);

    if (rc != ST_OK || (rc = admin_note(rq, AUDIT_REPORT_LOOK, &p.id, "", e)) != ST_OK ||
        (rc = verdicts_reports(rq->db, p.publication, reports, REPORTS_MAX, &count, e)) != ST_OK)
        return rc;
    view_flag(v, "hidden", p.hidden);
    if (!p.hidden) {
        view_text(v, "view", url_for(rq, "shown_view", &p.id, NULL));
        view_int(v, "width", media_copy_width(p.width, p.height, MEDIA_VIEW_SIDE));
        view_int(v, "height", media_copy_width(p.height, p.width, MEDIA_VIEW_SIDE));
        view_text(v, "hide", url_for(rq, "admin_report_hide", &p.id, NULL));
    }
    if (p.open > 0)
        view_text(v, "dismiss", url_for(rq, "admin_report_dismiss", &p.id, NULL));
    admin_put_time(v, "published", p.published_at);
    view_text(v, "owner_name", p.display_name);
    view_text(v, "owner", url_for(rq, "admin_person", &p.owner, NULL));
    for (size_t i = 0; i < count; i++) {
        struct view *item = view_item(v, "reports");

        view_text(item, "reason", label_of(reports[i].reason, strlen(reports[i].reason)));
        view_text(item, "note", reports[i].note[0] != '\0' ? reports[i].note : NULL);
        view_flag(item, "open", reports[i].open);
        admin_put_time(item, "at", reports[i].created_at);
    }
    if (wrong != NULL) {
        view_text(v, wrong, rq->values[0].error);
        rs->status = 422;
    }
    return page_render(rq, rs, "admin-report", N_("Reported picture"), v, e);
}

static int
case_show(struct request *rq, struct response *rs, struct err *e)
{
    return case_page(rq, rs, NULL, e);
}

static int
pass(struct request *rq, struct response *rs, bool hide, struct err *e)
{
    const struct verdict v = {rq->conf, rq->visitor.account, &rq->ids[0], rq->values[0].text, hide};
    int rc;

    if (rq->errors > 0)
        return case_page(rq, rs, hide ? "hide_error" : "dismiss_error", e);
    if ((rc = verdicts_pass(rq->db, &v, e)) != ST_OK ||
        (rc = response_flash(rq, rs, hide ? "picture_hidden" : "reports_dismissed", e)) != ST_OK)
        return rc;
    return response_redirect(rq, rs, url_for(rq, "admin_reports", NULL, NULL), e);
}

static int
hide_send(struct request *rq, struct response *rs, struct err *e)
{
    return pass(rq, rs, true, e);
}

static int
dismiss_send(struct request *rq, struct response *rs, struct err *e)
{
    return pass(rq, rs, false, e);
}

const struct route admin_reports_routes[] = {
    {"admin_reports", METHOD_GET, "/admin/reports", queue_show, ROUTE_STAFF(PERM_REPORTS),
     CSRF_NONE, RATE_PAGE, NULL, 0},
    {"admin_report", METHOD_GET, "/admin/reports/{id}", case_show, ROUTE_STAFF(PERM_REPORTS),
     CSRF_NONE, RATE_PAGE, NULL, 0},
    {"admin_report_hide", METHOD_POST, "/admin/reports/{id}/hide", hide_send,
     ROUTE_STAFF(PERM_REPORTS), CSRF_TOKEN, RATE_PAGE, &reason_form, ADMIN_BODY},
    {"admin_report_dismiss", METHOD_POST, "/admin/reports/{id}/dismiss", dismiss_send,
     ROUTE_STAFF(PERM_REPORTS), CSRF_TOKEN, RATE_PAGE, &reason_form, ADMIN_BODY},
    {0},
};
