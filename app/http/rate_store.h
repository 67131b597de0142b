/*
 * All SQL of rate limits. Private to rate.c.
 */
#ifndef GEMPIX_APP_HTTP_RATE_STORE_H
#define GEMPIX_APP_HTTP_RATE_STORE_H

#include <stdint.h>

#include "common/crypto.h"

struct db;
struct err;

int rate_store_prepare(struct db *db, struct err *e);
/* Counts one hit; *hits is the number in this window, this one included. */
int rate_store_hit(struct db *db, const uint8_t bucket[CRYPTO_SHA256], int64_t starts_at,
                   int64_t *hits, struct err *e);

#endif
