/*
 * The cookie of consent: "y-WORD" or "n-WORD". Knows no log: app/privacy/ has it.
 */
#include "app/http/consent.h"

#include <stdio.h>
#include <string.h>

#include "app/http/app.h"
#include "app/http/cookie.h"
#include "app/http/http.h"
#include "common/err.h"

#define CONSENT_COOKIE "gempix-consent"
#define CONSENT_SECONDS ((int64_t)180 * 86400)
#define VALUE_TEXT (TOKEN_TEXT + 2)

/* The whole value, "" where there is none of ours. */
static void
find_value(const struct request *rq, char value[VALUE_TEXT])
{
    const struct exchange *x = rq->internal;
    char name[COOKIE_NAME];

    cookie_name(CONSENT_COOKIE, x->app->tls, name);
    if (!cookie_find(x->cookie, name, value, VALUE_TEXT) || strlen(value) != VALUE_TEXT - 1 ||
        (value[0] != 'y' && value[0] != 'n') || value[1] != '-')
        value[0] = '\0';
}

bool
consent_refused_by_browser(const struct request *rq)
{
    const struct exchange *x = rq->internal;

    return strcmp(x->gpc, "1") == 0;
}

enum consent
consent_of(const struct request *rq)
{
    char value[VALUE_TEXT];

    if (consent_refused_by_browser(rq))
        return CONSENT_REFUSED;
    find_value(rq, value);
    if (value[0] == '\0')
        return CONSENT_UNASKED;
    return value[0] == 'y' ? CONSENT_ACCEPTED : CONSENT_REFUSED;
}

bool
consent_word(const struct request *rq, uint8_t hash[CRYPTO_SHA256])
{
    char value[VALUE_TEXT];

    find_value(rq, value);
    if (value[0] == '\0')
        return false;
    crypto_sha256(value + 2, TOKEN_TEXT - 1, hash);
    return true;
}

int
consent_keep(struct request *rq, struct response *rs, bool accepted, uint8_t hash[CRYPTO_SHA256],
             struct err *e)
{
    const struct exchange *x = rq->internal;
    char value[VALUE_TEXT];

    find_value(rq, value);
    if (value[0] == '\0') {
        uint8_t secret[TOKEN_BYTES];
        crypto_random(secret, sizeof secret);
        crypto_base64url(secret, sizeof secret, value + 2, TOKEN_TEXT);
    }
    value[0] = accepted ? 'y' : 'n';
    value[1] = '-';
    crypto_sha256(value + 2, TOKEN_TEXT - 1, hash);
    return cookie_set(rs, x->app->tls, CONSENT_COOKIE, value, CONSENT_SECONDS, e);
}
