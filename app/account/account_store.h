/*
 * All SQL about accounts. Knows no rules: account.c has them and is its only caller.
 */
#ifndef GEMPIX_APP_ACCOUNT_ACCOUNT_STORE_H
#define GEMPIX_APP_ACCOUNT_ACCOUNT_STORE_H

#include <stdbool.h>
#include <stdint.h>

#include "common/crypto.h"
#include "common/ids.h"

struct db;
struct err;

struct account_row {
    struct id public_id;
    const char *email;     /* as typed, trimmed */
    const char *email_key; /* lower case */
    const char *display_name;
    const char *password_hash; /* PHC string */
    int64_t confirmed_at;      /* when the age was confirmed and the account made, µs UTC */
};

int account_store_prepare(struct db *db, struct err *e);

/* Inserts an active account; *id is its row. 0, ST_CONFLICT (address taken) or as db_run. */
int account_store_insert(struct db *db, const struct account_row *row, int64_t *id, struct err *e);

/* What signing in needs to know. */
struct account_secret {
    int64_t id;
    struct id public_id;
    bool active;
    char hash[CRYPTO_PASSWORD_TEXT];
};
/* 0, ST_NOTFOUND or as db_query. The caller wipes *out. */
int account_store_secret(struct db *db, const char *email_key, struct account_secret *out,
                         struct err *e);

#endif
