/*
 * The payment processor as seen from here: its API by HTTPS, and the signatures of its webhooks.
 * Knows no purchases. The protocol: Stripe's API reference, "Checkout Sessions", "Idempotent
 * requests", "Webhook signatures"; the version is pinned below, so that the processor's changes do
 * not reach us unasked.
 */
#ifndef GEMPIX_COMMON_PROCESSOR_H
#define GEMPIX_COMMON_PROCESSOR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct conf;
struct err;
struct json;

#define PROCESSOR_VERSION "2024-06-20"
#define PROCESSOR_KEY 256

/* A name and a value of a form, as the API takes them: {"line_items[0][price]", "price_1"}. */
struct processor_field {
    const char *name, *value;
};

/* Is anything for sale: plans, a key and a webhook secret? */
bool processor_configured(const struct conf *conf);
/* Does the key move real money? ST_IO or ST_INVALID where the key cannot be had. */
int processor_is_live(const struct conf *conf, bool *live, struct err *e);

/* POST with fields (the last has a NULL name), or GET where they are NULL. The key makes a repeated
   POST the same one; it is repeated by itself when the network or the processor fails in a way that
   may pass. *out is the answer (json_free). 0; ST_INVALID when the processor refuses the request
   (detail: what it says), ST_NOTFOUND, ST_LIMIT, ST_IO when it could not be reached, ST_INTERNAL.
 */
int processor_call(const struct conf *conf, const char *path, const struct processor_field *fields,
                   const char *idempotency_key, struct json **out, struct err *e);

/* Checks a webhook's signature header against the raw body with any of the secrets (two while they
   are being changed): scheme v1, constant time, no more than five minutes off `now` (microseconds).
   0, ST_DENIED (detail: why), ST_IO. */
int processor_verify(const struct conf *conf, const char *header, const void *body, size_t len,
                     int64_t now, struct err *e);

#endif
