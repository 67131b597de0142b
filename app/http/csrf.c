/*
 * CSRF tokens; see csrf.h. Two independent checks: the token, and the headers by which browsers
 * tell where a request comes from. Old browsers send no such header, and pass by the token alone.
 */
#include "app/http/csrf.h"

#include <stdio.h>
#include <string.h>

#include "app/http/app.h"
#include "app/http/cookie.h"
#include "app/http/form.h"
#include "app/http/http.h"
#include "common/arena.h"
#include "common/conf.h"
#include "common/err.h"
#include "common/language.h"

#define GUEST_COOKIE "gempix-form"
#define GUEST_SECONDS 86400

void
csrf_token(const char *cookie_token, const void *secret, char out[CSRF_TEXT])
{
    static const char label[] = "gempix form";
    uint8_t text[sizeof label + CRYPTO_SHA256], mac[CRYPTO_SHA256];

    memcpy(text, label, sizeof label);
    memcpy(text + sizeof label, secret, CRYPTO_SHA256);
    crypto_hmac_sha256(cookie_token, strlen(cookie_token), text, sizeof text, mac);
    crypto_base64url(mac, sizeof mac, out, CSRF_TEXT);
    crypto_wipe(text, sizeof text);
}

bool
csrf_origin_ok(const char *fetch_site, const char *origin, const char *site, const char *scheme,
               const char *host)
{
    char here[300];
    int n;

    /* "none" is a visitor who typed the address; a form of ours is "same-origin". */
    if (fetch_site[0] != '\0' && strcmp(fetch_site, "same-origin") != 0 &&
        strcmp(fetch_site, "none") != 0)
        return false;
    if (origin[0] == '\0' || strcmp(origin, site) == 0)
        return true;
    n = snprintf(here, sizeof here, "%s://%s", scheme, host);
    return n > 0 && (size_t)n < sizeof here && host[0] != '\0' && strcmp(origin, here) == 0;
}

int
csrf_start(struct request *rq, struct err *e)
{
    struct exchange *x = rq->internal;
    char name[COOKIE_NAME], token[CSRF_TEXT];

    if (x->session[0] == '\0') {
        cookie_name(GUEST_COOKIE, x->app->tls, name);
        if (!cookie_find(x->cookie, name, x->guest, sizeof x->guest) ||
            strlen(x->guest) != TOKEN_TEXT - 1) {
            uint8_t secret[TOKEN_BYTES];
            crypto_random(secret, sizeof secret);
            crypto_base64url(secret, sizeof secret, x->guest, sizeof x->guest);
            x->guest_new = true;
        }
    }
    csrf_token(x->session[0] != '\0' ? x->session : x->guest, x->app->secret, token);
    rq->csrf = arena_strdup(rq->arena, token);
    return rq->csrf != NULL ? ST_OK : err_set(e, ST_NOMEM, "Please try again later.", "csrf");
}

static const char sentence[] = N_("This form is no longer valid, or it did not come from this "
                                  "site. Please load the page again "
                                  "and send the form once more.");

int
csrf_check_origin(struct request *rq, struct err *e)
{
    const struct exchange *x = rq->internal;

    /* A browser that tells neither is told apart by its Referer. */
    if (!csrf_origin_ok(x->fetch_site, x->origin, rq->conf->site.url, x->scheme, x->host) ||
        (x->fetch_site[0] == '\0' && x->origin[0] == '\0' && rq->referer_path[0] == '\0'))
        return err_set(e, ST_DENIED, sentence, "the request comes from another site");
    return ST_OK;
}

int
csrf_check(struct request *rq, struct err *e)
{
    const struct exchange *x = rq->internal;
    const struct pair *pair = form_pair(&x->pairs, CSRF_FIELD);
    const char *sent = pair != NULL ? pair->value : x->csrf_header;
    size_t len = strlen(rq->csrf);

    if (!csrf_origin_ok(x->fetch_site, x->origin, rq->conf->site.url, x->scheme, x->host))
        return err_set(e, ST_DENIED, sentence, "the request comes from another site");
    if (x->guest_new || strlen(sent) != len || !crypto_equal(sent, rq->csrf, len))
        return err_set(e, ST_DENIED, sentence, "token missing or wrong");
    return ST_OK;
}

int
csrf_finish(struct request *rq, struct response *rs, struct err *e)
{
    struct exchange *x = rq->internal;

    if (!x->guest_new || rq->csrf == NULL || strstr(text_cstr(&rs->body), rq->csrf) == NULL)
        return ST_OK;
    rs->no_store = true;
    return cookie_set(rs, x->app->tls, GUEST_COOKIE, x->guest, GUEST_SECONDS, e);
}
