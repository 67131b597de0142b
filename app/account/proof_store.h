/*
 * All SQL about proofs. Knows no rules: proof.c has them.
 */
#ifndef GEMPIX_APP_ACCOUNT_PROOF_STORE_H
#define GEMPIX_APP_ACCOUNT_PROOF_STORE_H

#include <stdbool.h>
#include <stdint.h>

#include "app/account/proof.h"
#include "common/crypto.h"

struct proof_row {
    uint8_t token_hash[CRYPTO_SHA256];
    enum proof_kind kind;
    int64_t account;               /* 0 = none */
    const char *email, *email_key; /* "" = none */
    int64_t created_at, expires_at;
};

int proof_store_prepare(struct db *db, struct err *e);
int proof_store_insert(struct db *db, const struct proof_row *row, struct err *e);
/* How often the address was written to since then, for this kind. */
int proof_store_count(struct db *db, enum proof_kind kind, const char *email_key, int64_t since,
                      int64_t *count, struct err *e);
/* 0, ST_NOTFOUND or as db_query; `lock` inside a transaction that uses it up. */
int proof_store_find(struct db *db, enum proof_kind kind, const uint8_t hash[CRYPTO_SHA256],
                     int64_t now, bool lock, struct proof_owner *out, struct err *e);
/* One more wrong try; *over from the `most`th on. */
int proof_store_try(struct db *db, const uint8_t hash[CRYPTO_SHA256], int most, bool *over,
                    struct err *e);
/* All of the account's proofs of the kind. */
int proof_store_drop(struct db *db, enum proof_kind kind, int64_t account, struct err *e);

#endif
