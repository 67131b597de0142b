/*
 * The payment processor's API and signatures; see processor.h. Keys are read when they are needed,
 * so that a changed file counts at once, and wiped after use. Read next: purchase_event.c.
 */
#include "common/processor.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/clock.h"
#include "common/conf.h"
#include "common/crypto.h"
#include "common/err.h"
#include "common/fetch.h"
#include "common/json.h"
#include "common/text.h"

#define ANSWER_MAX ((size_t)1 << 20)
#define DEPTH 32
#define SECRETS 512 /* bytes of the file with webhook secrets */
#define TOLERANCE (5 * CLOCK_MINUTE)
#define BODY_MAX ((size_t)64 << 10)
#define ATTEMPTS 3

static const char away[] = "The payment service cannot be reached. Please try again in a moment.";

bool
processor_configured(const struct conf *conf)
{
    return conf->billing.plans[0] != '\0' && conf->billing.key_file[0] != '\0' &&
           conf->billing.webhook_secret_file[0] != '\0';
}

static int
read_key(const struct conf *conf, char key[PROCESSOR_KEY], struct err *e)
{
    int rc = conf_secret(conf->billing.key_file, key, PROCESSOR_KEY, e);

    if (rc == ST_OK && strncmp(key, "sk_", 3) != 0 && strncmp(key, "rk_", 3) != 0)
        rc = err_set(e, ST_INVALID, away, "billing.key_file holds no secret key of the processor");
    return rc;
}

int
processor_is_live(const struct conf *conf, bool *live, struct err *e)
{
    char key[PROCESSOR_KEY];
    int rc = read_key(conf, key, e);

    *live = rc == ST_OK && strncmp(key + 2, "_live_", 6) == 0;
    crypto_wipe(key, sizeof key);
    return rc;
}

/* --- calls --- */

static void
put_escaped(struct text *t, const char *s)
{
    for (; *s != '\0'; s++) {
        unsigned char c = (unsigned char)*s;

        if ((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
            strchr("-_.~", c) != NULL)
            text_putc(t, *s);
        else
            text_printf(t, "%%%02X", c);
    }
}

static void
put_form(struct text *t, const struct processor_field *fields)
{
    for (; fields->name != NULL; fields++) {
        if (t->len > 0)
            text_putc(t, '&');
        put_escaped(t, fields->name);
        text_putc(t, '=');
        put_escaped(t, fields->value);
    }
}

/* What an answer that is no success means. */
static int
judge(long status, const struct json *answer, struct err *e)
{
    const struct json *error = json_get(answer, "error");
    const char *what = json_text(error, "message", "no message");
    int code = status == 404   ? ST_NOTFOUND
               : status == 429 ? ST_LIMIT
               : status >= 500 ? ST_IO
                               : ST_INVALID;

    return err_set(e, code, away, "processor: %ld %s: %.300s", status,
                   json_text(error, "type", "error"), what);
}

static int
exchange(struct fetch *f, const struct fetch_request *r, struct json **out, struct err *e)
{
    struct fetch_answer answer = {0};
    struct err parse = {0};
    int rc = fetch_memory(f, r, &answer, e);

    if (rc != ST_OK) {
        rc = err_set(e, rc == ST_NOMEM ? ST_NOMEM : ST_IO, away, "processor: no answer");
        goto out;
    }
    if (json_parse(text_cstr(&answer.body), answer.body.len, DEPTH, out, &parse) != ST_OK)
        *out = NULL;
    if (answer.status < 200 || answer.status > 299)
        rc = judge(answer.status, *out, e);
    else if (*out == NULL)
        rc = err_set(e, ST_INTERNAL, away, "processor: the answer is no JSON");
    if (rc != ST_OK) {
        json_free(*out);
        *out = NULL;
    }
out:
    text_release(&answer.body);
    return rc;
}

int
processor_call(const struct conf *conf, const char *path, const struct processor_field *fields,
               const char *idempotency_key, struct json **out, struct err *e)
{
    struct fetch_options options = {.attempts = ATTEMPTS, .slow_s = 20, .connect_s = 5};
    char key[PROCESSOR_KEY], url[600], authorization[PROCESSOR_KEY + 32], once[300];
    const char *headers[] = {authorization, "Stripe-Version: " PROCESSOR_VERSION,
                             fields != NULL ? once : NULL, NULL};
    struct fetch_request r = {.url = url, .headers = headers, .max = ANSWER_MAX, .timeout_s = 20};
    struct fetch *f = NULL;
    struct text body;
    int rc;

    *out = NULL;
    text_init(&body, BODY_MAX);
    if ((rc = read_key(conf, key, e)) != ST_OK)
        return rc;
    snprintf(url, sizeof url, "%s%s", conf->billing.api, path);
    snprintf(authorization, sizeof authorization, "Authorization: Bearer %s", key);
    if (fields != NULL) {
        snprintf(once, sizeof once, "Idempotency-Key: %s", idempotency_key);
        put_form(&body, fields);
        r.method = "POST";
        r.body = text_cstr(&body);
        r.body_len = body.len;
        r.repeat = true; /* the key makes it the same request */
    }
    if (body.failed)
        rc = err_set(e, ST_TOOBIG, away, "processor: request of more than %zu bytes", BODY_MAX);
    else if ((rc = fetch_new(&options, &f, e)) == ST_OK)
        rc = exchange(f, &r, out, e);
    fetch_free(f);
    crypto_wipe(key, sizeof key);
    crypto_wipe(authorization, sizeof authorization);
    text_release(&body);
    return rc;
}

/* --- webhooks --- */

static int
refuse(struct err *e, const char *why)
{
    return err_set(e, ST_DENIED, "This is not signed by the payment service.", "webhook: %s", why);
}

/* HMAC-SHA256 over "TIME.BODY" as lower-case hex. */
static int
sign(const char *secret, size_t secret_len, const char *time, const void *body, size_t len,
     char hex[2 * CRYPTO_SHA256 + 1], struct err *e)
{
    uint8_t mac[CRYPTO_SHA256];
    size_t time_len = strlen(time);
    char *signed_bytes = malloc(time_len + 1 + len);

    if (signed_bytes == NULL)
        return err_set(e, ST_NOMEM, "Please try again later.", "webhook");
    memcpy(signed_bytes, time, time_len);
    signed_bytes[time_len] = '.';
    memcpy(signed_bytes + time_len + 1, body, len);
    crypto_hmac_sha256(secret, secret_len, signed_bytes, time_len + 1 + len, mac);
    crypto_hex(mac, sizeof mac, hex);
    free(signed_bytes);
    return ST_OK;
}

/* Does any v1 signature of the header fit? Every one is looked at, each in constant time. */
static bool
any_fits(const char *header, const char *hex)
{
    bool fits = false;

    for (const char *s = header; s != NULL;
         s = strchr(s, ',') != NULL ? strchr(s, ',') + 1 : NULL) {
        s += strspn(s, " ");
        if (strncmp(s, "v1=", 3) == 0 && strcspn(s + 3, ",") == 2 * CRYPTO_SHA256)
            fits |= crypto_equal(s + 3, hex, 2 * CRYPTO_SHA256);
    }
    return fits;
}

/* The header's time as text. */
static bool
find_time(const char *header, char out[24])
{
    for (const char *s = header; s != NULL;
         s = strchr(s, ',') != NULL ? strchr(s, ',') + 1 : NULL) {
        size_t len;

        s += strspn(s, " ");
        if (strncmp(s, "t=", 2) != 0)
            continue;
        len = strcspn(s + 2, ",");
        if (len == 0 || len > 15 || strspn(s + 2, "0123456789") < len)
            return false;
        memcpy(out, s + 2, len);
        out[len] = '\0';
        return true;
    }
    return false;
}

int
processor_verify(const struct conf *conf, const char *header, const void *body, size_t len,
                 int64_t now, struct err *e)
{
    char secrets[SECRETS], time[24], hex[2 * CRYPTO_SHA256 + 1];
    bool fits = false;
    int64_t off;
    int rc;

    if (!find_time(header, time))
        return refuse(e, "no time");
    off = now - strtoll(time, NULL, 10) * CLOCK_SECOND;
    if (off > TOLERANCE || off < -TOLERANCE)
        return refuse(e, "too old, or from the future");
    if ((rc = conf_secret(conf->billing.webhook_secret_file, secrets, sizeof secrets, e)) != ST_OK)
        return rc;
    for (char *s = secrets; *s != '\0' && rc == ST_OK;) {
        size_t secret = strcspn(s, "\r\n");

        if (secret > 0 && (rc = sign(s, secret, time, body, len, hex, e)) == ST_OK)
            fits |= any_fits(header, hex);
        s += secret;
        s += strspn(s, "\r\n");
    }
    crypto_wipe(secrets, sizeof secrets);
    if (rc == ST_OK && !fits)
        rc = refuse(e, "no signature fits");
    return rc;
}
