/*
 * Pages of the second step: at signing in, and for setting it up. The page at signing in carries a
 * token of its own that stands for the password shown before; it is worth nothing without a code,
 * and nothing after five wrong ones. The rules are in second.c.
 */
#include "app/account/second_pages.h"

#include <stddef.h>

#include "app/account/enter_pages.h"
#include "app/account/next_path.h"
#include "app/account/profile.h"
#include "app/account/proof.h"
#include "app/account/qr_picture.h"
#include "app/account/second.h"
#include "app/http/http.h"
#include "app/http/session.h"
#include "app/http/url.h"
#include "app/routes.h"
#include "app/view/view.h"
#include "common/arena.h"
#include "common/conf.h"
#include "common/crypto.h"
#include "common/err.h"
#include "common/language.h"

#define BODY_MAX 16384
#define FEW_CODES 3

enum { STEP_TOKEN, STEP_CODE, STEP_NEXT };
static const struct field step_fields[] = {
    [STEP_TOKEN] = {"token", N_("Link"), FIELD_LINE, PROOF_TOKEN - 1, PROOF_TOKEN - 1, true, NULL},
    [STEP_CODE] = {"code", N_("Code"), FIELD_LINE, 1, 40, true, NULL},
    [STEP_NEXT] = {"next", N_("Next page"), FIELD_LINE, 0, NEXT_PATH_MAX, false, NULL},
};
static const struct form step_form = {step_fields, 3};

static const struct field code_fields[] = {
    {"code", N_("Code"), FIELD_LINE, 1, 40, true, NULL},
};
static const struct form code_form = {code_fields, 1};

static const struct field password_fields[] = {
    {"password", N_("Password"), FIELD_SECRET, 1, 1000, true, NULL},
};
static const struct form password_form = {password_fields, 1};

static void
purpose_key(struct request *rq, uint8_t key[SECOND_KEY])
{
    session_derive(rq, "second step", key);
}

/* A code without the blanks that people and apps put into it. */
static const char *
tight(struct request *rq, const char *code)
{
    char *out = arena_strdup(rq->arena, code);
    size_t used = 0;

    for (const char *p = code; out != NULL && *p != '\0'; p++) {
        if (*p != ' ')
            out[used++] = *p;
    }
    if (out != NULL)
        out[used] = '\0';
    return out != NULL ? out : "";
}

/* --- at signing in --- */

static int
step_page(struct request *rq, struct response *rs, const char *token, const char *next,
          const char *error, struct err *e)
{
    struct view *v = view_new(rq->arena);

    view_text(v, "token", token);
    view_text(v, "next", next);
    view_text(v, "error", error);
    rs->no_store = true;
    if (error != NULL)
        rs->status = 422;
    return page_render(rq, rs, "step", error != NULL ? N_("Please check: code") : N_("Code"), v, e);
}

static int
let_in(struct request *rq, struct response *rs, int64_t account, const char *path,
       const char *notice, struct err *e)
{
    int rc = enter(rq, rs, account, e);

    if (rc == ST_OK && notice != NULL)
        rc = response_flash(rq, rs, notice, e);
    return rc == ST_OK ? response_redirect(rq, rs, path, e) : rc;
}

int
second_or_enter(struct request *rq, struct response *rs, int64_t account, const char *path,
                const char *notice, struct err *e)
{
    struct second_state s;
    char token[PROOF_TOKEN];
    int rc = second_look(rq->db, account, &s, e);

    if (rc != ST_OK)
        return rc;
    if (!s.on)
        return let_in(rq, rs, account, path, notice, e);
    if ((rc = proof_step(rq->db, account, token, e)) == ST_OK)
        rc = step_page(rq, rs, token, path, NULL, e);
    crypto_wipe(token, sizeof token);
    return rc;
}

static int
step_send(struct request *rq, struct response *rs, struct err *e)
{
    const char *token = rq->values[STEP_TOKEN].text, *next = rq->values[STEP_NEXT].text;
    struct proof_owner who;
    uint8_t key[SECOND_KEY];
    struct err why = {0};
    int rc;

    rc = rq->values[STEP_TOKEN].error == NULL ? proof_look(rq->db, PROOF_STEP, token, &who, &why)
                                              : ST_NOTFOUND;
    if (rc == ST_NOTFOUND)
        return response_redirect(rq, rs, url_for(rq, "signin", NULL, NULL), e);
    if (rc == ST_OK && rq->values[STEP_CODE].error != NULL)
        return step_page(rq, rs, token, next, rq->values[STEP_CODE].error, e);
    if (rc == ST_OK) {
        purpose_key(rq, key);
        rc = second_check(rq->db, key, who.account, tight(rq, rq->values[STEP_CODE].text), &why);
        crypto_wipe(key, sizeof key);
    }
    if (rc == ST_DENIED) {
        rc = proof_step_wrong(rq->db, token, who.account, e);
        return rc == ST_OK ? step_page(rq, rs, token, next, why.message, e) : rc;
    }
    if (rc != ST_OK) {
        *e = why;
        return rc;
    }
    if ((rc = proof_step_done(rq->db, who.account, e)) != ST_OK)
        return rc;
    rq->second_done = true;
    return let_in(rq, rs, who.account,
                  next_path_ok(next) ? next : url_for(rq, "create", NULL, NULL), NULL, e);
}

/* --- setting it up --- */

int
second_put(struct request *rq, struct view *v, struct err *e)
{
    struct second_state s;
    struct view *out = view_section(v, "second");
    char date[DATE_TEXT];
    int rc = second_look(rq->db, rq->visitor.account, &s, e);

    if (rc != ST_OK)
        return rc;
    view_flag(out, "on", s.on);
    view_int(out, "codes", s.codes);
    view_flag(out, "few", s.codes < FEW_CODES);
    if (s.on) {
        language_date(s.since, date);
        view_text(out, "since", date);
    }
    return ST_OK;
}

static int
back(struct request *rq, struct response *rs, struct err *e)
{
    return response_redirect(rq, rs, url_for(rq, "account", NULL, NULL), e);
}

/* Groups of four letters, as people type them. */
static const char *
spaced(struct request *rq, const char *base32)
{
    char out[2 * TOTP_BASE32];
    size_t used = 0;
    const char *kept;

    for (size_t i = 0; base32[i] != '\0'; i++) {
        if (i > 0 && i % 4 == 0)
            out[used++] = ' ';
        out[used++] = base32[i];
    }
    out[used] = '\0';
    kept = arena_strdup(rq->arena, out);
    crypto_wipe(out, sizeof out);
    return kept;
}

static int
load_secret(struct request *rq, struct second_state *s, uint8_t secret[TOTP_SECRET], struct err *e)
{
    uint8_t key[SECOND_KEY];
    int rc = second_look(rq->db, rq->visitor.account, s, e);

    if (rc == ST_OK) {
        purpose_key(rq, key);
        second_secret(key, rq->visitor.account, s, secret);
        crypto_wipe(key, sizeof key);
    }
    return rc;
}

static int
setup_page(struct request *rq, struct response *rs, const char *error, struct err *e)
{
    struct view *v = view_new(rq->arena);
    struct second_state s;
    uint8_t secret[TOTP_SECRET];
    char base32[TOTP_BASE32];
    int rc = load_secret(rq, &s, secret, e);

    if (rc != ST_OK)
        return rc;
    if (!s.begun)
        return back(rq, rs, e);
    totp_base32(secret, base32);
    view_text(v, "secret", spaced(rq, base32));
    view_text(v, "error", error);
    crypto_wipe(secret, sizeof secret);
    crypto_wipe(base32, sizeof base32);
    if (error != NULL)
        rs->status = 422;
    return page_render(rq, rs, "second", N_("Second step"), v, e);
}

static int
setup_show(struct request *rq, struct response *rs, struct err *e)
{
    return setup_page(rq, rs, NULL, e);
}

/* What apps read from the picture: the address that all of them know. */
static int
picture_show(struct request *rq, struct response *rs, struct err *e)
{
    struct second_state s;
    uint8_t secret[TOTP_SECRET];
    char base32[TOTP_BASE32];
    struct text words;
    int rc = load_secret(rq, &s, secret, e);

    if (rc == ST_OK && !s.begun)
        rc = err_set(e, ST_NOTFOUND, "There is nothing at this address.", NULL);
    if (rc != ST_OK)
        return rc;
    totp_base32(secret, base32);
    text_init(&words, 2000);
    text_puts(&words, "otpauth://totp/");
    url_encode(&words, rq->conf->site.name);
    text_puts(&words, ":");
    url_encode(&words, rq->visitor.email);
    text_printf(&words, "?secret=%s&issuer=", base32);
    url_encode(&words, rq->conf->site.name);
    rc = words.failed ? err_set(e, ST_NOMEM, "Please try again later.", "qr words")
                      : qr_picture(text_cstr(&words), &rs->body, e);
    rs->type = "image/svg+xml";
    rs->no_store = true;
    text_release(&words);
    crypto_wipe(secret, sizeof secret);
    crypto_wipe(base32, sizeof base32);
    return rc;
}

/* The form's password, when it is right; else the page that says so. *rc tells what came of it. */
static bool
password_fits(struct request *rq, struct response *rs, int *rc, struct err *e)
{
    struct err why = {0};
    struct view *v;

    if (rq->errors == 0) {
        *rc = profile_check(rq->db, rq->visitor.account, rq->values[0].text, &why);
        if (*rc == ST_OK)
            return true;
        if (*rc != ST_DENIED) {
            *e = why;
            return false;
        }
    }
    v = view_new(rq->arena);
    view_text(v, "error", rq->errors == 0 ? why.message : rq->values[0].error);
    view_text(v, "action", rq->path);
    rs->status = 422;
    *rc = page_render(rq, rs, "second-password", N_("Please check: password"), v, e);
    return false;
}

static int
codes_page(struct request *rq, struct response *rs, char codes[SECOND_CODES][SECOND_CODE],
           struct err *e)
{
    struct view *v = view_new(rq->arena);

    for (int i = 0; i < SECOND_CODES; i++)
        view_text(view_item(v, "codes"), "code", codes[i]);
    crypto_wipe(codes, SECOND_CODES * sizeof codes[0]);
    rs->no_store = true;
    return page_render(rq, rs, "second-codes", N_("Recovery codes"), v, e);
}

static int
begin_send(struct request *rq, struct response *rs, struct err *e)
{
    int rc;

    if (!password_fits(rq, rs, &rc, e))
        return rc;
    rc = second_begin(rq->db, rq->visitor.account, e);
    return rc == ST_OK ? response_redirect(rq, rs, url_for(rq, "second", NULL, NULL), e) : rc;
}

static int
confirm_send(struct request *rq, struct response *rs, struct err *e)
{
    char codes[SECOND_CODES][SECOND_CODE];
    uint8_t key[SECOND_KEY];
    struct err why = {0};
    int rc;

    if (rq->errors > 0)
        return setup_page(rq, rs, rq->values[0].error, e);
    purpose_key(rq, key);
    rc = second_confirm(rq->db, rq->conf, key, rq->visitor.account, tight(rq, rq->values[0].text),
                        codes, &why);
    crypto_wipe(key, sizeof key);
    if (rc == ST_DENIED)
        return setup_page(rq, rs, why.message, e);
    if (rc == ST_CONFLICT)
        return back(rq, rs, e);
    if (rc != ST_OK) {
        *e = why;
        return rc;
    }
    if ((rc = session_second(rq, e)) != ST_OK)
        return rc;
    return codes_page(rq, rs, codes, e);
}

static int
renew_send(struct request *rq, struct response *rs, struct err *e)
{
    char codes[SECOND_CODES][SECOND_CODE];
    uint8_t key[SECOND_KEY];
    int rc;

    if (!password_fits(rq, rs, &rc, e))
        return rc;
    purpose_key(rq, key);
    rc = second_renew(rq->db, key, rq->visitor.account, codes, e);
    crypto_wipe(key, sizeof key);
    return rc == ST_OK ? codes_page(rq, rs, codes, e) : rc;
}

static int
end_send(struct request *rq, struct response *rs, struct err *e)
{
    int rc;

    if (!password_fits(rq, rs, &rc, e))
        return rc;
    if ((rc = second_end(rq->db, rq->conf, rq->visitor.account, e)) != ST_OK ||
        (rc = response_flash(rq, rs, "second_off", e)) != ST_OK)
        return rc;
    return back(rq, rs, e);
}

const struct route second_routes[] = {
    {"step_send", METHOD_POST, "/signin/step", step_send, ROUTE_GUEST, CSRF_TOKEN, RATE_AUTH,
     &step_form, BODY_MAX},
    {"second", METHOD_GET, "/account/second", setup_show, ROUTE_SIGNED_IN, CSRF_NONE, RATE_PAGE,
     NULL, 0},
    {"second_send", METHOD_POST, "/account/second", confirm_send, ROUTE_SIGNED_IN, CSRF_TOKEN,
     RATE_AUTH, &code_form, BODY_MAX},
    {"second_picture", METHOD_GET, "/account/second/picture", picture_show, ROUTE_SIGNED_IN,
     CSRF_NONE, RATE_PAGE, NULL, 0},
    {"second_begin", METHOD_POST, "/account/second/begin", begin_send, ROUTE_SIGNED_IN, CSRF_TOKEN,
     RATE_AUTH, &password_form, BODY_MAX},
    {"second_codes", METHOD_POST, "/account/second/codes", renew_send, ROUTE_SIGNED_IN, CSRF_TOKEN,
     RATE_AUTH, &password_form, BODY_MAX},
    {"second_end", METHOD_POST, "/account/second/end", end_send, ROUTE_SIGNED_IN, CSRF_TOKEN,
     RATE_AUTH, &password_form, BODY_MAX},
    {0},
};
