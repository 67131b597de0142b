/*
 * Requests about personal data: the queue by due date, one with all that happened, and its answer,
 * extension or refusal, with texts to begin with. The rules and the letters are common/rights.h's.
 * A change and its row in the audit log are one transaction.
 */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "app/admin/admin_pages.h"
#include "app/routes.h"
#include "app/view/view.h"
#include "common/arena.h"
#include "common/clock.h"
#include "common/db.h"
#include "common/err.h"
#include "common/language.h"
#include "common/rights_answers.h"
#include "common/rights_store.h"
#include "common/text.h"

#define LIST_MAX 100
#define EVENTS_MAX 100
#define SOON (7 * CLOCK_DAY)
#define ANSWER_BODY 65536

static const struct field list_fields[] = {
    {"done", N_("State"), FIELD_CHECK, 0, 0, false, NULL},
};
static const struct form list_form = {list_fields, 1};

static const struct field look_fields[] = {
    {"text", N_("Text"), FIELD_INT, 0, 1000, false, NULL},
};
static const struct form look_form = {look_fields, 1};

enum { WORDS, ACT, MONTHS, REASON, LIMIT };
enum { ACT_ANSWER, ACT_EXTEND, ACT_REFUSE };
static const char *const acts[] = {"answer", "extend", "refuse", NULL};
static const struct field answer_fields[] = {
    [WORDS] = {"words", N_("Words"), FIELD_TEXT, 1, RIGHTS_BODY_MAX, true, NULL},
    [ACT] = {"act", N_("Decision"), FIELD_CHOICE, 0, 0, true, acts},
    [MONTHS] = {"months", N_("Months"), FIELD_INT, 1, RIGHTS_MONTHS_MORE, false, NULL},
    [REASON] = {"reason", N_("Reason"), FIELD_CHOICE, 0, 0, false, rights_refusals},
    [LIMIT] = {"limit", N_("Only store"), FIELD_CHECK, 0, 0, false, NULL},
};
static const struct form answer_form = {answer_fields, 5};

int
admin_rights_prepare(struct db *db, struct err *e)
{
    return rights_prepare(db, e);
}

int
admin_rights_waiting(struct db *db, struct admin_waiting *out, struct err *e)
{
    struct rights list[LIST_MAX];
    size_t count;
    int rc = rights_store_list(db, 0, 0, list, LIST_MAX, &count, e);

    out->about = N_("the first answer is due on");
    if (rc == ST_OK && count > 0) {
        out->count = (int64_t)count;
        out->due = list[0].due_at;
    }
    return rc;
}

/* --- the queue --- */

/* Of a member who asks that their data are used less. */
static bool
may_limit(const struct rights *r)
{
    return r->account != 0 && (strcmp(rights_kinds[r->kind], "restrict") == 0 ||
                               strcmp(rights_kinds[r->kind], "object") == 0);
}

/* "in 12 days", "today", "3 days late". */
static void
put_left(struct view *v, const struct rights *r)
{
    int64_t left = r->due_at - clock_now(), days = (left < 0 ? -left : left) / CLOCK_DAY;
    char text[120];

    if (r->done_at != 0 || r->due_at == 0)
        return;
    if (left < 0)
        snprintf(text, sizeof text, TN("%" PRId64 " day late", "%" PRId64 " days late", days),
                 days);
    else if (days == 0)
        snprintf(text, sizeof text, "%s", T("due today"));
    else
        snprintf(text, sizeof text, TN("due in %" PRId64 " day", "due in %" PRId64 " days", days),
                 days);
    view_text(v, "left", text);
    view_flag(v, "late", left < 0);
    view_flag(v, "soon", left >= 0 && left <= SOON);
}

static void
put_head(struct view *v, const struct rights *r)
{
    view_text(v, "kind", rights_kind_label(r->kind));
    view_text(v, "state", rights_state_label(r->state));
    view_flag(v, "member", r->account != 0);
    view_text(v, "why_not", r->refusal != 0 ? rights_refusal_label(r->refusal) : NULL);
    admin_put_time(v, "asked", r->asked_at);
    admin_put_time(v, "due", r->due_at);
    admin_put_time(v, "done", r->done_at);
    put_left(v, r);
}

static int
list_show(struct request *rq, struct response *rs, struct err *e)
{
    bool done = rq->values[0].i == 1;
    struct rights *list = arena_calloc(rq->arena, LIST_MAX, sizeof *list);
    struct view *v = admin_view(rq);
    size_t count;
    int rc;

    if (list == NULL)
        return err_set(e, ST_NOMEM, "Please try again later.", "requests");
    if ((rc = admin_note(rq, AUDIT_RIGHTS_LIST, NULL, "", e)) != ST_OK ||
        (rc = rights_store_list(rq->db, 0, done, list, LIST_MAX, &count, e)) != ST_OK)
        return rc;
    view_flag(v, "over", done);
    view_text(v, "waiting_url", url_for(rq, "admin_rights", NULL, NULL));
    view_text(v, "over_url", url_for(rq, "admin_rights", NULL, "done=1"));
    view_flag(v, "any", count > 0);
    for (size_t i = 0; i < count; i++) {
        struct view *item = view_item(v, "requests");

        put_head(item, &list[i]);
        view_text(item, "request", url_for(rq, "admin_right", &list[i].public_id, NULL));
    }
    return page_render(rq, rs, "admin-requests", N_("Requests"), v, e);
}

/* --- one request --- */

static int
put_said(struct request *rq, struct view *v, const struct rights *r, struct err *e)
{
    struct rights_event *list;
    char *body = NULL;
    size_t count;
    int rc = rights_store_body(rq->db, r->id, &body, e);

    if (rc != ST_OK ||
        (rc = rights_store_events(rq->db, r->id, &list, EVENTS_MAX, &count, e)) != ST_OK)
        goto out;
    view_text(v, "body", body);
    for (size_t i = 0; i < count; i++) {
        struct view *item;

        if (list[i].what == RIGHTS_ASKED) /* their words say it */
            continue;
        item = view_item(v, "events");
        admin_put_time(item, "at", list[i].created_at);
        view_flag(item, "ours", list[i].what >= RIGHTS_LONGER);
        view_text(item, "what", rights_what_label(list[i].what));
        view_text(item, "note", list[i].note[0] != '\0' ? list[i].note : NULL);
    }
    rights_events_free(list, count);
out:
    free(body);
    return rc;
}

/* Texts to begin with; `chosen` stands in the field, and -1 is the first that fits. */
static int
put_texts(struct request *rq, struct view *v, const struct rights *r, int64_t chosen, struct err *e)
{
    struct text words;

    for (size_t i = 0; i < rights_answer_count; i++) {
        struct view *item;

        if (!rights_answer_fits(&rights_answers[i], r))
            continue;
        if (chosen < 0)
            chosen = (int64_t)i;
        item = view_item(v, "texts");
        view_text(item, "label", T(rights_answers[i].label));
        view_flag(item, "current", chosen == (int64_t)i);
        view_text(
            item, "address",
            url_for(rq, "admin_right", &r->public_id, arena_printf(rq->arena, "text=%zu", i)));
        if (chosen != (int64_t)i)
            continue;
        text_init(&words, RIGHTS_BODY_MAX);
        rights_answer_put(&words, &rights_answers[i], r, rq->conf);
        view_text(v, "words", text_cstr(&words));
        if (words.failed)
            return err_set(e, ST_NOMEM, "Please try again later.", "text of an answer");
        text_release(&words);
    }
    return ST_OK;
}

static void
put_reasons(struct view *v, int chosen)
{
    for (int i = 1; rights_refusals[i] != NULL; i++) {
        struct view *item = view_item(v, "reasons");

        view_text(item, "word", rights_refusals[i]);
        view_text(item, "label", rights_refusal_label(i));
        view_flag(item, "chosen", i == chosen);
    }
}

/* `why` = what is wrong with what was sent; NULL where it is only looked at. */
static int
request_page(struct request *rq, struct response *rs, const char *why, struct err *e)
{
    struct view *v = admin_view(rq);
    struct rights r;
    int64_t text = why == NULL && rq->values[0].present && rq->errors == 0 ? rq->values[0].i : -1;
    int rc;

    if ((rc = rights_store_load(rq->db, &rq->ids[0], 0, &r, e)) != ST_OK ||
        (rc = admin_note(rq, AUDIT_RIGHTS_LOOK, &r.public_id, "", e)) != ST_OK ||
        (rc = put_said(rq, v, &r, e)) != ST_OK)
        return rc;
    put_head(v, &r);
    view_text(v, "from", r.email[0] != '\0' ? r.email : NULL);
    view_text(v, "tongue", r.language[0] != '\0' ? r.language : NULL);
    if (r.state == RIGHTS_OPEN || r.state == RIGHTS_EXTENDED) {
        view_text(v, "answer_url", url_for(rq, "admin_right_answer", &r.public_id, NULL));
        view_flag(v, "may_limit", may_limit(&r));
        view_flag(v, "may_extend", r.state == RIGHTS_OPEN && r.due_at > clock_now());
        if ((rc = put_texts(rq, v, &r, text, e)) != ST_OK)
            return rc;
    }
    put_reasons(v, why != NULL ? (int)rq->values[REASON].i : 0);
    if (why != NULL) {
        view_text(v, "why", why);
        view_text(v, "words", rq->values[WORDS].text);
        rs->status = 422;
    }
    return page_render(rq, rs, "admin-request", N_("Request"), v, e);
}

static int
request_show(struct request *rq, struct response *rs, struct err *e)
{
    return request_page(rq, rs, NULL, e);
}

static int
answer_body(struct db *db, void *arg, struct err *e)
{
    static const enum audit_action notes[] = {AUDIT_RIGHTS_ANSWER, AUDIT_RIGHTS_EXTEND,
                                              AUDIT_RIGHTS_REFUSE};
    struct request *rq = arg;
    const char *words = rq->values[WORDS].text;
    int act = (int)rq->values[ACT].i;
    struct rights r;
    int rc = rights_store_load(db, &rq->ids[0], 0, &r, e);

    if (rc != ST_OK)
        return rc;
    if (act == ACT_ANSWER) {
        rc = rights_answer(db, rq->conf, &r, words, e);
        if (rc == ST_OK && rq->values[LIMIT].i == 1 && may_limit(&r))
            rc = rights_limit(db, r.account, true, e);
    } else if (act == ACT_EXTEND) {
        rc = rights_extend(db, rq->conf, &r, (int)rq->values[MONTHS].i, words, e);
    } else {
        rc = rights_refuse(db, rq->conf, &r, (int)rq->values[REASON].i, words, e);
    }
    return rc == ST_OK ? admin_note(rq, notes[act], &r.public_id, "", e) : rc;
}

/* What is wrong with the form as a whole; NULL = nothing. */
static const char *
complaint(const struct request *rq)
{
    for (int i = WORDS; i <= REASON; i++)
        if (rq->values[i].error != NULL)
            return rq->values[i].error;
    if (rights_answer_unfinished(rq->values[WORDS].text))
        return T("Something in brackets […] is still to be filled in.");
    if (rq->values[ACT].i == ACT_REFUSE && rq->values[REASON].i == 0)
        return T("Choose the legal reason of the refusal.");
    return NULL;
}

static int
answer_send(struct request *rq, struct response *rs, struct err *e)
{
    static const char *const notices[] = {"rights_answered", "rights_extended", "rights_refused"};
    const char *why = complaint(rq);
    int rc;

    if (why != NULL)
        return request_page(rq, rs, why, e);
    if ((rc = db_transaction(rq->db, answer_body, rq, e)) != ST_OK ||
        (rc = response_flash(rq, rs, notices[rq->values[ACT].i], e)) != ST_OK)
        return rc;
    return response_redirect(rq, rs, url_for(rq, "admin_rights", NULL, NULL), e);
}

const struct route admin_rights_routes[] = {
    {"admin_rights", METHOD_GET, "/admin/requests", list_show, ROUTE_STAFF(PERM_RIGHTS), CSRF_NONE,
     RATE_PAGE, &list_form, 0},
    {"admin_right", METHOD_GET, "/admin/requests/{id}", request_show, ROUTE_STAFF(PERM_RIGHTS),
     CSRF_NONE, RATE_PAGE, &look_form, 0},
    {"admin_right_answer", METHOD_POST, "/admin/requests/{id}/answer", answer_send,
     ROUTE_STAFF(PERM_RIGHTS), CSRF_TOKEN, RATE_SUBMIT, &answer_form, ANSWER_BODY},
    {0},
};
