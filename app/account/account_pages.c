/*
 * Pages of signing up, in and out. The rules are in account.c; sessions are app/http/session.c's.
 */
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "app/account/account.h"
#include "app/account/consent_age.h"
#include "app/account/device.h"
#include "app/account/enter_pages.h"
#include "app/account/next_path.h"
#include "app/account/second_pages.h"
#include "app/account/throttle.h"
#include "app/http/cookie.h"
#include "app/http/http.h"
#include "app/http/rate.h"
#include "app/http/session.h"
#include "app/routes.h"
#include "app/view/view.h"
#include "common/arena.h"
#include "common/conf.h"
#include "common/crypto.h"
#include "common/err.h"
#include "common/language.h"

#define BODY_MAX 16384 /* bytes; `next` may carry a whole prompt */

enum {
    SIGNUP_EMAIL,
    SIGNUP_NAME,
    SIGNUP_PASSWORD,
    SIGNUP_COUNTRY,
    SIGNUP_OF_AGE,
    SIGNUP_TERMS,
    SIGNUP_NEXT
};

static const struct field signup_fields[] = {
    [SIGNUP_EMAIL] = {"email", N_("E-mail address"), FIELD_LINE, 3, 254, true, NULL},
    [SIGNUP_NAME] = {"display_name", N_("Name"), FIELD_LINE, 1, 80, true, NULL},
    [SIGNUP_PASSWORD] = {"password", N_("Password"), FIELD_SECRET, 1, 1000, true, NULL},
    [SIGNUP_COUNTRY] = {"country", N_("Country"), FIELD_CHOICE, 0, 0, false, consent_codes},
    [SIGNUP_OF_AGE] = {"of_age", N_("Age"), FIELD_CHECK, 0, 1, false, NULL},
    [SIGNUP_TERMS] = {"terms", N_("Terms"), FIELD_CHECK, 0, 1, false, NULL},
    [SIGNUP_NEXT] = {"next", N_("Next page"), FIELD_LINE, 0, NEXT_PATH_MAX, false, NULL},
};
static const struct form signup_form = {signup_fields,
                                        sizeof signup_fields / sizeof signup_fields[0]};

enum { SIGNIN_EMAIL, SIGNIN_PASSWORD, SIGNIN_NEXT };

static const struct field signin_fields[] = {
    [SIGNIN_EMAIL] = {"email", N_("E-mail address"), FIELD_LINE, 1, 254, true, NULL},
    [SIGNIN_PASSWORD] = {"password", N_("Password"), FIELD_SECRET, 1, 1000, true, NULL},
    [SIGNIN_NEXT] = {"next", N_("Next page"), FIELD_LINE, 0, NEXT_PATH_MAX, false, NULL},
};
static const struct form signin_form = {signin_fields,
                                        sizeof signin_fields / sizeof signin_fields[0]};

static const struct field next_fields[] = {
    {"next", N_("Next page"), FIELD_LINE, 0, NEXT_PATH_MAX, false, NULL},
};
static const struct form next_form = {next_fields, 1};

/* An error record that lives as long as the request, so that a field can point at its sentence. */
static struct err *
arena_err(struct request *rq)
{
    static struct err full = {.message = "Please try again."};
    struct err *e = arena_alloc(rq->arena, sizeof *e);

    return e != NULL ? e : &full;
}

/* Where this form leads in the end: `next` when it is a path of ours, else the studio. */
static const char *
destination(struct request *rq, const struct value *next)
{
    return next_path_ok(next->text) ? next->text : url_for(rq, "create", NULL, NULL);
}

static void
set_error(struct request *rq, int field, const char *sentence)
{
    if (rq->values[field].error == NULL)
        rq->errors++;
    rq->values[field].error = sentence;
}

static void
show_error(struct view *v, const char *name, const struct value *value)
{
    view_text(v, name, value->error);
}

/* What both forms have in common: where they lead, and the link to the other one. */
static void
show_next(struct request *rq, struct view *v, const struct value *next)
{
    const char *query = next_path_query(rq->arena, next->text);

    if (query != NULL)
        view_text(v, "next", next->text);
    view_text(v, "signin_url", url_for(rq, "signin", NULL, query));
    view_text(v, "signup_url", url_for(rq, "signup", NULL, query));
    view_text(v, "csrf", rq->csrf);
}

/* The countries to choose from, and for each age its statement; the chosen country's is shown,
 * which the style sheet follows when another one is chosen. */
static void
put_ages(struct request *rq, struct view *v, bool sent)
{
    struct whence whence;
    int chosen;

    session_whence(rq, &whence);
    chosen = sent ? (int)rq->values[SIGNUP_COUNTRY].i : consent_age_find(whence.region);
    for (int i = 0; consent_ages[i].code != NULL; i++) {
        struct view *item = view_item(v, "countries");

        view_text(item, "code", consent_ages[i].code);
        view_text(item, "country", T(consent_ages[i].name));
        view_int(item, "years", consent_ages[i].years);
        view_flag(item, "chosen", i == chosen);
    }
    for (int years = CONSENT_AGE_LEAST; years <= CONSENT_AGE_MOST; years++) {
        struct view *item = view_item(v, "statements");

        view_int(item, "years", years);
        view_flag(item, "now", years == consent_ages[chosen].years);
    }
}

static int
signup_page(struct request *rq, struct response *rs, const struct value *next, struct err *e)
{
    struct view *v = view_new(rq->arena);
    bool sent = rq->route->method == METHOD_POST;

    show_next(rq, v, next);
    view_text(v, "terms_url", url_for(rq, "terms", NULL, NULL));
    view_text(v, "privacy_url", url_for(rq, "privacy", NULL, NULL));
    view_int(v, "welcome", rq->conf->credits.welcome);
    view_flag(v, "has_welcome", rq->conf->credits.welcome > 0);
    view_flag(v, "one_welcome", rq->conf->credits.welcome == 1);
    view_int(v, "password_min", ACCOUNT_PASSWORD_MIN);
    put_ages(rq, v, sent);
    if (sent) {
        view_text(v, "email", rq->values[SIGNUP_EMAIL].text);
        view_text(v, "display_name", rq->values[SIGNUP_NAME].text);
        view_flag(v, "of_age", rq->values[SIGNUP_OF_AGE].i != 0);
        view_flag(v, "terms", rq->values[SIGNUP_TERMS].i != 0);
        show_error(v, "email_error", &rq->values[SIGNUP_EMAIL]);
        show_error(v, "display_name_error", &rq->values[SIGNUP_NAME]);
        show_error(v, "password_error", &rq->values[SIGNUP_PASSWORD]);
        show_error(v, "of_age_error", &rq->values[SIGNUP_OF_AGE]);
        show_error(v, "terms_error", &rq->values[SIGNUP_TERMS]);
        view_flag(v, "failed", true);
        rs->status = 422;
    }
    return page_render(rq, rs, "signup", sent ? N_("Please check: sign up") : N_("Sign up"), v, e);
}

static int
signup_show(struct request *rq, struct response *rs, struct err *e)
{
    return signup_page(rq, rs, &rq->values[0], e);
}

/* The checks of single fields that the form table cannot express, so that all are told at once. */
static void
signup_check(struct request *rq)
{
    struct err *why = arena_err(rq);
    char key[255];

    if (rq->values[SIGNUP_EMAIL].error == NULL &&
        account_email_key(rq->values[SIGNUP_EMAIL].text, key, why) != ST_OK)
        set_error(rq, SIGNUP_EMAIL, why->message);
    why = arena_err(rq);
    if (rq->values[SIGNUP_PASSWORD].error == NULL &&
        account_password_check(rq->values[SIGNUP_PASSWORD].text, rq->values[SIGNUP_EMAIL].text,
                               why) != ST_OK)
        set_error(rq, SIGNUP_PASSWORD, why->message);
    if (rq->values[SIGNUP_OF_AGE].i == 0)
        set_error(rq, SIGNUP_OF_AGE, T("Confirm your age to open an account."));
    if (rq->values[SIGNUP_TERMS].i == 0)
        set_error(rq, SIGNUP_TERMS, T("Accept the terms to open an account."));
}

/* Accounts of one network have one code, from which the network cannot be read; /24 of IPv4, /48 of
 * IPv6. */
static void
network_code(const struct request *rq, uint8_t out[CRYPTO_SHA256])
{
    uint8_t client[64], key[32];
    size_t len = rate_client(rq->client, client);

    if (len == 4)
        len = 3;
    else if (len == 8)
        len = 6;
    session_derive(rq, "sign-up network", key);
    crypto_hmac_sha256(key, sizeof key, client, len, out);
}

static int
signup_send(struct request *rq, struct response *rs, struct err *e)
{
    uint8_t network[CRYPTO_SHA256];
    const struct account_new n = {.network = network,
                                  .email = rq->values[SIGNUP_EMAIL].text,
                                  .language = languages[language_current()].tag,
                                  .display_name = rq->values[SIGNUP_NAME].text,
                                  .password = rq->values[SIGNUP_PASSWORD].text,
                                  .of_age = rq->values[SIGNUP_OF_AGE].i != 0};
    int64_t account;
    int rc;

    network_code(rq, network);
    signup_check(rq);
    if (rq->errors > 0)
        return signup_page(rq, rs, &rq->values[SIGNUP_NEXT], e);
    rc = account_create(rq->db, rq->conf, &n, &account, e);
    if (rc == ST_CONFLICT || rc == ST_INVALID) {
        set_error(rq, SIGNUP_EMAIL, e->message);
        return signup_page(rq, rs, &rq->values[SIGNUP_NEXT], e);
    }
    if (rc != ST_OK || (rc = enter(rq, rs, account, e)) != ST_OK ||
        (rc = response_flash(rq, rs, "welcome", e)) != ST_OK)
        return rc;
    return response_redirect(rq, rs, destination(rq, &rq->values[SIGNUP_NEXT]), e);
}

/* Counts a try to sign in. 0, or ST_LIMIT with the sentence for the page and the header for
 * programs. */
static int
count_try(struct request *rq, struct response *rs, struct throttle_place *place, struct err *e)
{
    uint8_t client[64], key[32];
    char device[DEVICE_TOKEN], text[16];
    struct throttle_who who = {
        .email = rq->values[SIGNIN_EMAIL].text, .client = client, .device = device, .key = key};
    struct err ignored;
    int seconds, rc;

    who.client_len = rate_client(rq->client, client);
    if (!request_cookie(rq, DEVICE_COOKIE, device, sizeof device))
        device[0] = '\0';
    session_derive(rq, "sign-in delay", key);
    rc = throttle_try(rq->db, &who, place, &seconds, e);
    if (rc == ST_LIMIT) {
        snprintf(text, sizeof text, "%d", seconds);
        (void)response_header(rs, "Retry-After", text, &ignored);
    }
    return rc;
}

static int
signin_page(struct request *rq, struct response *rs, const struct value *next, const char *error,
            struct err *e)
{
    struct view *v = view_new(rq->arena);

    show_next(rq, v, next);
    if (rq->route->method == METHOD_POST) {
        view_text(v, "email", rq->values[SIGNIN_EMAIL].text);
        view_text(v, "error", error);
        rs->status = 422;
    }
    return page_render(rq, rs, "signin",
                       error != NULL ? N_("Please check: sign in") : N_("Sign in"), v, e);
}

static int
signin_show(struct request *rq, struct response *rs, struct err *e)
{
    return signin_page(rq, rs, &rq->values[0], NULL, e);
}

static int
signin_send(struct request *rq, struct response *rs, struct err *e)
{
    const struct value *next = &rq->values[SIGNIN_NEXT];
    struct throttle_place place;
    struct err *why = arena_err(rq);
    int64_t account;
    int rc;

    if (rq->values[SIGNIN_EMAIL].error != NULL || rq->values[SIGNIN_PASSWORD].error != NULL)
        return signin_page(rq, rs, next, T("Enter your e-mail address and your password."), e);
    rc = count_try(rq, rs, &place, why);
    if (rc == ST_LIMIT) {
        rc = signin_page(rq, rs, next, why->message, e);
        rs->status = 429;
        return rc;
    }
    if (rc == ST_OK)
        rc = account_sign_in(rq->db, rq->values[SIGNIN_EMAIL].text,
                             rq->values[SIGNIN_PASSWORD].text, place.known, &account, why);
    if (rc == ST_DENIED)
        return signin_page(rq, rs, next, why->message, e);
    if (rc != ST_OK) {
        *e = *why;
        return rc;
    }
    if ((rc = throttle_right(rq->db, &place, e)) != ST_OK)
        return rc;
    return second_or_enter(rq, rs, account, destination(rq, next), NULL, e);
}

static int
signout(struct request *rq, struct response *rs, struct err *e)
{
    int rc;

    if ((rc = session_end(rq, rs, e)) != ST_OK ||
        (rc = response_flash(rq, rs, "signed_out", e)) != ST_OK)
        return rc;
    return response_redirect(rq, rs, url_for(rq, "home", NULL, NULL), e);
}

const struct route account_routes[] = {
    {"signup", METHOD_GET, "/signup", signup_show, ROUTE_GUEST, CSRF_NONE, RATE_PAGE, &next_form,
     0},
    {"signup_send", METHOD_POST, "/signup", signup_send, ROUTE_GUEST, CSRF_TOKEN, RATE_AUTH,
     &signup_form, BODY_MAX},
    {"signin", METHOD_GET, "/signin", signin_show, ROUTE_GUEST, CSRF_NONE, RATE_PAGE, &next_form,
     0},
    {"signin_send", METHOD_POST, "/signin", signin_send, ROUTE_GUEST, CSRF_TOKEN, RATE_AUTH,
     &signin_form, BODY_MAX},
    {"signout", METHOD_POST, "/signout", signout, 0, CSRF_TOKEN, RATE_PAGE, NULL, 1024},
    {0},
};
