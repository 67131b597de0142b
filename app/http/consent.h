/*
 * Whether a visitor has agreed to what is not essential. The answer is kept in a cookie of theirs,
 * with a random word under which the log of consents can prove it. Sec-GPC: 1, the browser's
 * Global Privacy Control, is a refusal (P7).
 */
#ifndef GEMPIX_APP_HTTP_CONSENT_H
#define GEMPIX_APP_HTTP_CONSENT_H

#include <stdbool.h>
#include <stdint.h>

#include "common/crypto.h"

struct err;
struct request;
struct response;

enum consent { CONSENT_UNASKED, CONSENT_REFUSED, CONSENT_ACCEPTED };

enum consent consent_of(const struct request *rq);
/* The browser refuses for every site. */
bool consent_refused_by_browser(const struct request *rq);
/* The hash of the word in the visitor's cookie; false where there is none. */
bool consent_word(const struct request *rq, uint8_t hash[CRYPTO_SHA256]);
/* Keeps the answer in the cookie, under the word that is there or a new one; fills its hash. */
int consent_keep(struct request *rq, struct response *rs, bool accepted,
                 uint8_t hash[CRYPTO_SHA256], struct err *e);

#endif
