/*
 * Asking for what the law of data protection grants, with an account or without. A member proves
 * who asks, everybody else confirms the address by mail. What becomes of a request is
 * rights_state_pages.c; the rules are common/rights.h's.
 */
#include "app/http/rate.h"
#include "app/http/stamp.h"
#include "app/privacy/password_proof_pages.h"
#include "app/routes.h"
#include "app/view/view.h"
#include "common/arena.h"
#include "common/err.h"
#include "common/language.h"
#include "common/rights_store.h"

#define BODY_MAX 65536
#define LIST_MAX 20

/* PASSWORD and CODE stand where password_proof_check looks for them. */
enum { PASSWORD, CODE, KIND, WORDS, EMAIL, KEY, STAMP, TRAP, FIELDS };

static const struct field fields[FIELDS] = {
    [PASSWORD] = {"password", N_("Password"), FIELD_SECRET, 0, 1000, false, NULL},
    [CODE] = {"code", N_("Code"), FIELD_LINE, 0, 40, false, NULL},
    [KIND] = {"kind", N_("What you ask for"), FIELD_CHOICE, 0, 0, true, rights_kinds},
    [WORDS] = {"words", N_("Your words"), FIELD_TEXT, 1, RIGHTS_BODY_MAX, true, NULL},
    [EMAIL] = {"email", N_("E-mail address"), FIELD_LINE, 0, 254, false, NULL},
    [KEY] = {"key", N_("Form"), FIELD_ID, 0, 0, true, NULL},
    [STAMP] = {"stamp", N_("Form"), FIELD_LINE, 0, 80, false, NULL},
    [TRAP] = {"website", N_("Form"), FIELD_LINE, 0, 2000, false, NULL},
};
static const struct form ask_form = {fields, FIELDS};

/* What was typed stands there again, and what is wrong with it; `proof` may be NULL. */
static int
put_typed(struct request *rq, struct view *v, bool sent, const struct password_proof *proof,
          struct err *e)
{
    const struct value *typed = rq->values;
    bool chosen = sent && typed[KIND].error == NULL;
    char key[ID_TEXT];
    struct id fresh;

    for (int i = 0; rights_kinds[i] != NULL; i++) {
        struct view *item = view_item(v, "kinds");

        view_text(item, "word", rights_kinds[i]);
        view_text(item, "label", rights_kind_label(i));
        view_flag(item, "chosen", chosen && typed[KIND].i == i);
    }
    id_random(&fresh);
    id_format(sent && typed[KEY].error == NULL ? &typed[KEY].id : &fresh, key);
    view_text(v, "key", key);
    view_int(v, "words_max", RIGHTS_BODY_MAX);
    if (sent) {
        view_text(v, "kind_error", typed[KIND].error);
        view_text(v, "words_error", typed[WORDS].error);
        view_text(v, "email_error", typed[EMAIL].error);
        view_text(v, "words", typed[WORDS].text);
        view_text(v, "email", typed[EMAIL].text);
    }
    return rq->visitor.account != 0 ? password_proof_show(rq, proof, v, e) : ST_OK;
}

static int
put_list(struct request *rq, struct view *v, struct err *e)
{
    struct rights *list = arena_calloc(rq->arena, LIST_MAX, sizeof *list);
    size_t count = 0;
    int rc;

    if (list == NULL)
        return err_set(e, ST_NOMEM, "Please try again later.", "requests");
    rc = rights_store_list(rq->db, rq->visitor.account, 0, list, LIST_MAX, &count, e);
    view_flag(v, "any", count > 0);
    for (size_t i = 0; rc == ST_OK && i < count; i++) {
        struct view *item = view_item(v, "requests");
        char date[DATE_TEXT];

        language_date(list[i].asked_at, date);
        view_text(item, "label", rights_kind_label(list[i].kind));
        view_text(item, "date", date);
        view_text(item, "state", rights_state_label(list[i].state));
        view_text(item, "url", url_for(rq, "rights_own", &list[i].public_id, NULL));
    }
    return rc;
}

/* `why` = what is wrong with the whole. */
static int
show(struct request *rq, struct response *rs, bool sent, const char *stamp, const char *why,
     const struct password_proof *proof, struct err *e)
{
    struct view *v = view_new(rq->arena);
    bool member = rq->visitor.account != 0;
    int rc = put_typed(rq, v, sent, proof, e);

    if (rc == ST_OK && member)
        rc = put_list(rq, v, e);
    if (rc != ST_OK)
        return rc;
    view_flag(v, "member", member);
    view_text(v, "address", member ? rq->visitor.email : NULL);
    view_text(v, "why", why);
    view_text(v, "stamp", stamp != NULL ? stamp : stamp_make(rq));
    rs->no_store = true;
    return page_render(rq, rs, "rights",
                       sent ? N_("Please check: a request about your data")
                            : N_("A request about your data"),
                       v, e);
}

static int
ask_show(struct request *rq, struct response *rs, struct err *e)
{
    return show(rq, rs, false, NULL, NULL, NULL, e);
}

/* Comes back with everything typed. */
static int
refuse(struct request *rq, struct response *rs, int status, const char *stamp, const char *why,
       const struct password_proof *proof, struct err *e)
{
    rs->status = status;
    return show(rq, rs, true, stamp, why, proof, e);
}

static int
after_ask(struct request *rq, struct response *rs, const struct id *request, struct err *e)
{
    bool member = rq->visitor.account != 0;
    int rc = response_flash(rq, rs, member ? "rights_asked" : "rights_mailed", e);

    if (rc != ST_OK)
        return rc;
    return response_redirect(
        rq, rs,
        member ? url_for(rq, "rights_own", request, NULL) : url_for(rq, "rights", NULL, NULL), e);
}

static int
ask_send(struct request *rq, struct response *rs, struct err *e)
{
    struct value *v = rq->values;
    const struct rights_asker who = {rq->visitor.account, v[EMAIL].text,
                                     languages[language_current()].tag};
    const char *stamp = v[STAMP].text, *why;
    struct password_proof proof = {0};
    struct err cause = {0};
    struct id request;
    bool again;
    int rc;

    if (who.account == 0 && v[EMAIL].error == NULL && v[EMAIL].len == 0) {
        v[EMAIL].error = T("Without an address we cannot answer. Please fill it in.");
        rq->errors++;
    }
    why = stamp_suspect(rq, stamp, v[TRAP].text, v[WORDS].text, &again);
    stamp = again ? stamp : NULL;
    if (rq->errors > 0 || why != NULL)
        return refuse(rq, rs, 422, stamp, rq->errors > 0 ? NULL : why, NULL, e);
    if (who.account != 0 && (rc = password_proof_check(rq, &proof, e)) != ST_OK)
        return rc;
    if (proof.password_error != NULL || proof.code_error != NULL)
        return refuse(rq, rs, 422, stamp, NULL, &proof, e);
    if ((rc = rate_count(rq, RATE_WRITE, &cause)) == ST_OK)
        rc = rights_ask(rq->db, rq->conf, &who, (int)v[KIND].i, v[WORDS].text, &v[KEY].id, &request,
                        &cause);
    if (rc == ST_LIMIT || rc == ST_INVALID)
        return refuse(rq, rs, rc == ST_LIMIT ? 429 : 422, stamp, cause.message, NULL, e);
    if (rc != ST_OK) {
        *e = cause;
        return rc;
    }
    return after_ask(rq, rs, &request, e);
}

const struct route rights_routes[] = {
    {"rights", METHOD_GET, "/privacy/request", ask_show, 0, CSRF_NONE, RATE_PAGE, NULL, 0},
    {"rights_send", METHOD_POST, "/privacy/request", ask_send, 0, CSRF_TOKEN, RATE_AUTH, &ask_form,
     BODY_MAX},
    {0},
};
