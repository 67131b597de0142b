/*
 * All SQL about the second step. Knows no rules: second.c has them.
 */
#ifndef GEMPIX_APP_ACCOUNT_SECOND_STORE_H
#define GEMPIX_APP_ACCOUNT_SECOND_STORE_H

#include "app/account/second.h"
#include "common/crypto.h"

int second_store_prepare(struct db *db, struct err *e);
int second_store_load(struct db *db, int64_t account, struct second_state *out, struct err *e);
/* A fresh number; where the step is on already, nothing changes. */
int second_store_begin(struct db *db, int64_t account, const uint8_t nonce[16], int64_t now,
                       struct err *e);
int second_store_confirm(struct db *db, int64_t account, int64_t now, struct err *e);
/* *fresh is false where this step or a later one was used before. */
int second_store_use(struct db *db, int64_t account, int64_t step, bool *fresh, struct err *e);
int second_store_end(struct db *db, int64_t account, struct err *e);
int second_store_add_code(struct db *db, int64_t account, const uint8_t hash[CRYPTO_SHA256],
                          int64_t now, struct err *e);
int second_store_drop_codes(struct db *db, int64_t account, struct err *e);
/* *had is false where there is no such code. */
int second_store_use_code(struct db *db, int64_t account, const uint8_t hash[CRYPTO_SHA256],
                          bool *had, struct err *e);

#endif
