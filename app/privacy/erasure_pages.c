/*
 * Pages about the end of an account: asking for it, what somebody sees who signs in during the time
 * of grace, and the public page that verifies receipts. The rules are in common/erasure.c.
 */
#include <inttypes.h>
#include <stddef.h>
#include <string.h>

#include "app/http/http.h"
#include "app/privacy/password_proof_pages.h"
#include "app/privacy/policy.h"
#include "app/privacy/policy_cache.h"
#include "app/routes.h"
#include "app/view/view.h"
#include "common/clock.h"
#include "common/conf.h"
#include "common/erasure.h"
#include "common/err.h"
#include "common/language.h"
#include "common/register.h"
#include "common/subscription.h"

#define BODY_MAX 8192
#define RECEIPT_BODY_MAX 262144
#define RECEIPT_MAX 60000
#define PLANS_MAX 50

static const struct field receipt_fields[] = {
    {"receipt", N_("Receipt"), FIELD_TEXT, 1, RECEIPT_MAX, true, NULL},
};
static const struct form receipt_form = {receipt_fields, 1};

/* --- asking --- */

/* A plan that goes on would go on being paid. */
static int
has_plan(struct request *rq, bool *has, struct err *e)
{
    struct subscription list[PLANS_MAX];
    int count, rc = subscription_list(rq->db, rq->visitor.account, list, PLANS_MAX, &count, e);

    *has = false;
    for (int i = 0; rc == ST_OK && i < count; i++)
        *has = *has ||
               ((list[i].state == SUBSCRIPTION_ACTIVE || list[i].state == SUBSCRIPTION_PAST_DUE) &&
                !list[i].ends);
    return rc;
}

/* What goes and what stays, from the register. */
static int
put_kinds(struct request *rq, struct view *v, struct err *e)
{
    const struct policy *p;
    int rc = policy_cached(rq->conf, &p, e);

    for (const struct register_thing *t = rc == ST_OK ? p->data->things[REGISTER_TABLE] : NULL;
         t != NULL; t = t->next) {
        if (t->owner == NULL || t->whose != REGISTER_MEMBER || t->export_as == NULL)
            continue;
        if (t->erase.action == REGISTER_DELETE)
            view_text(view_item(v, "going"), "name", T(t->about));
        else if (strcmp(t->owner, "id") != 0)
            view_text(view_item(v, "staying"), "name", T(t->about));
    }
    return rc;
}

static int
ask_page(struct request *rq, struct response *rs, const struct password_proof *wrong, struct err *e)
{
    struct view *v = view_new(rq->arena);
    bool plan;
    char number[NUMBER_TEXT];
    int rc;

    if ((rc = password_proof_show(rq, wrong, v, e)) != ST_OK ||
        (rc = has_plan(rq, &plan, e)) != ST_OK || (rc = put_kinds(rq, v, e)) != ST_OK)
        return rc;
    view_flag(v, "plan", plan);
    view_int(v, "days", rq->conf->policy.grace);
    language_number(rq->visitor.credits, number);
    view_text(v, "credits", rq->visitor.credits > 0 ? number : NULL);
    view_text(v, "email", rq->visitor.email);
    rs->no_store = true;
    if (wrong != NULL)
        rs->status = 422;
    return page_render(
        rq, rs, "erase",
        wrong != NULL ? N_("Please check: delete your account") : N_("Delete your account"), v, e);
}

static int
ask_show(struct request *rq, struct response *rs, struct err *e)
{
    return ask_page(rq, rs, NULL, e);
}

static int
ask_send(struct request *rq, struct response *rs, struct err *e)
{
    struct password_proof proof;
    bool plan;
    int rc;

    if ((rc = has_plan(rq, &plan, e)) != ST_OK)
        return rc;
    if (plan)
        return ask_page(rq, rs, NULL, e);
    if ((rc = password_proof_check(rq, &proof, e)) != ST_OK)
        return rc;
    if (proof.password_error != NULL || proof.code_error != NULL)
        return ask_page(rq, rs, &proof, e);
    rc = erasure_ask(rq->db, rq->conf, rq->visitor.account, rq->conf->policy.grace * CLOCK_DAY, e);
    if (rc != ST_OK)
        return rc;
    rc = response_flash(rq, rs, "erasure_asked", e);
    return rc == ST_OK ? response_redirect(rq, rs, url_for(rq, "home", NULL, NULL), e) : rc;
}

/* --- during the grace --- */

static int
leaving_show(struct request *rq, struct response *rs, struct err *e)
{
    struct view *v = view_new(rq->arena);
    struct erasure r;
    char date[DATE_TEXT];
    int rc;

    if (!rq->visitor.leaving)
        return response_redirect(rq, rs, url_for(rq, "account", NULL, NULL), e);
    if ((rc = erasure_load(rq->db, rq->visitor.account, &r, e)) != ST_OK)
        return rc;
    language_date(r.due_at, date);
    view_text(v, "date", date);
    view_flag(v, "begun", r.begun);
    rs->no_store = true;
    return page_render(rq, rs, "leaving", N_("Your account will be deleted"), v, e);
}

static int
leaving_send(struct request *rq, struct response *rs, struct err *e)
{
    int rc = erasure_cancel(rq->db, rq->conf, rq->visitor.account, e);

    if (rc != ST_OK || (rc = response_flash(rq, rs, "erasure_cancelled", e)) != ST_OK)
        return rc;
    return response_redirect(rq, rs, url_for(rq, "account", NULL, NULL), e);
}

/* --- receipts --- */

static int
receipt_show(struct request *rq, struct response *rs, struct err *e)
{
    return page_render(rq, rs, "receipt", N_("Verify a deletion receipt"), view_new(rq->arena), e);
}

static int
receipt_send(struct request *rq, struct response *rs, struct err *e)
{
    static const char *const flags[] = {[RECEIPT_NONE] = "none",
                                        [RECEIPT_UNKNOWN] = "unknown",
                                        [RECEIPT_BROKEN] = "broken",
                                        [RECEIPT_CODE] = "code",
                                        [RECEIPT_TRUE] = "true"};
    struct view *v = view_new(rq->arena);
    const char *text = rq->values[0].text;
    struct receipt_check check = {.state = RECEIPT_NONE};
    char date[DATE_TEXT];
    int rc = ST_OK;

    if (rq->values[0].error == NULL && text != NULL)
        rc = erasure_verify(rq->db, text, &check, e);
    if (rc != ST_OK)
        return rc;
    language_date(check.done_at, date);
    view_flag(v, flags[check.state], true);
    view_text(v, "date", date);
    view_text(v, "receipt", text);
    view_int(v, "lines", check.lines);
    if (check.wrong > 0)
        view_int(v, "wrong", check.wrong);
    if (check.state != RECEIPT_TRUE && check.state != RECEIPT_CODE)
        rs->status = 422;
    return page_render(rq, rs, "receipt", N_("Verify a deletion receipt"), v, e);
}

const struct route erasure_routes[] = {
    {"erase", METHOD_GET, "/account/delete", ask_show, ROUTE_SIGNED_IN, CSRF_NONE, RATE_PAGE, NULL,
     0},
    {"erase_send", METHOD_POST, "/account/delete", ask_send, ROUTE_SIGNED_IN, CSRF_TOKEN, RATE_AUTH,
     &password_proof_form, BODY_MAX},
    {"leaving", METHOD_GET, "/account/leaving", leaving_show, ROUTE_SIGNED_IN | ROUTE_LEAVING,
     CSRF_NONE, RATE_PAGE, NULL, 0},
    {"leaving_send", METHOD_POST, "/account/leaving", leaving_send, ROUTE_SIGNED_IN | ROUTE_LEAVING,
     CSRF_TOKEN, RATE_PAGE, NULL, BODY_MAX},
    {"receipt", METHOD_GET, "/privacy/receipt", receipt_show, 0, CSRF_NONE, RATE_PAGE, NULL, 0},
    {"receipt_send", METHOD_POST, "/privacy/receipt", receipt_send, 0, CSRF_TOKEN, RATE_AUTH,
     &receipt_form, RECEIPT_BODY_MAX},
    {0},
};
