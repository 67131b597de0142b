/*
 * All SQL about known browsers. Knows no rules: device.c has them.
 */
#ifndef GEMPIX_APP_ACCOUNT_DEVICE_STORE_H
#define GEMPIX_APP_ACCOUNT_DEVICE_STORE_H

#include <stdbool.h>
#include <stdint.h>

#include "app/account/device.h"
#include "common/crypto.h"

int device_store_prepare(struct db *db, struct err *e);
/* How many browsers the account knows, and how many of this family and region. */
int device_store_count(struct db *db, int64_t account, const struct device *d, int64_t *all,
                       int64_t *same, struct err *e);
/* The browser was seen; *known is false where the account has none with this hash. */
int device_store_touch(struct db *db, int64_t account, const uint8_t hash[CRYPTO_SHA256],
                       const struct device *d, int64_t now, bool *known, struct err *e);
int device_store_insert(struct db *db, int64_t account, const uint8_t hash[CRYPTO_SHA256],
                        const struct device *d, int64_t now, struct err *e);
int device_store_known(struct db *db, int64_t account, const uint8_t hash[CRYPTO_SHA256],
                       int64_t since, bool *known, struct err *e);

#endif
