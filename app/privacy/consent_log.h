/*
 * What is done with a visitor's consent: the log that proves it, and the events that need it.
 */
#ifndef GEMPIX_APP_PRIVACY_CONSENT_LOG_H
#define GEMPIX_APP_PRIVACY_CONSENT_LOG_H

#include <stdbool.h>
#include <stdint.h>

#include "common/crypto.h"

struct db;
struct err;
struct request;

#define CONSENT_VERSION 11 /* YYYY-MM-DD and the NUL */

struct consent_entry {
    bool accepted;
    int64_t decided_at;
    char version[CONSENT_VERSION]; /* of the policy that was in force */
};

int consent_store_prepare(struct db *db, struct err *e);
/* `account` 0 = not signed in. */
int consent_store_add(struct db *db, const uint8_t hash[CRYPTO_SHA256], int64_t account,
                      const struct consent_entry *entry, struct err *e);
/* The newest under this word. 0 or ST_NOTFOUND. */
int consent_store_last(struct db *db, const uint8_t hash[CRYPTO_SHA256], struct consent_entry *out,
                       struct err *e);
/* A page was opened. Says neither by whom nor from where. */
int consent_store_event(struct db *db, const char *route, int64_t at, struct err *e);

/* For the dispatcher, after a page was made: notes it where its visitor has agreed to that. */
int consent_visited(struct request *rq, struct err *e);

#endif
