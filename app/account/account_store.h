/*
 * All SQL about accounts. Knows no rules: account.c and proof.c have them.
 */
#ifndef GEMPIX_APP_ACCOUNT_ACCOUNT_STORE_H
#define GEMPIX_APP_ACCOUNT_ACCOUNT_STORE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/crypto.h"
#include "common/ids.h"
#include "common/language.h"

struct db;
struct err;

#define ACCOUNT_NETWORK 16 /* bytes of a network's code */

struct account_row {
    struct id public_id;
    const char *email;     /* as typed, trimmed */
    const char *email_key; /* lower case */
    const char *display_name;
    const char *password_hash; /* PHC string */
    int64_t confirmed_at;      /* when the age was confirmed and the account made, µs UTC */
    bool verified;             /* the address is known to be the owner's */
    const char *language;      /* tag, "" = not said */
};

int account_store_prepare(struct db *db, struct err *e);

/* Inserts an active account; *id is its row. 0, ST_CONFLICT (the address has an owner, or the
 * public id is there already) or as db_run. */
int account_store_insert(struct db *db, const struct account_row *row, int64_t *id, struct err *e);
/* From which network it was opened, as a keyed code. */
int account_store_origin(struct db *db, int64_t account, const uint8_t network[ACCOUNT_NETWORK],
                         int64_t now, struct err *e);
/* The row of a public id. 0, ST_NOTFOUND or as db_query. */
int account_store_find(struct db *db, const struct id *public_id, int64_t *id, struct err *e);

/* What signing in needs to know. */
struct account_secret {
    int64_t id;
    bool active, verified;
    char email[255];
    char display_name[81 * 4];
    char hash[CRYPTO_PASSWORD_TEXT];
};
#define ACCOUNT_CANDIDATES 2

/* Who an address may be: its owner first, then whoever claimed it last. *count is 0 to
 * ACCOUNT_CANDIDATES. 0 or as db_query. The caller wipes out[]. */
int account_store_secrets(struct db *db, const char *email_key,
                          struct account_secret out[ACCOUNT_CANDIDATES], size_t *count,
                          struct err *e);
/* The same of one account. 0, ST_NOTFOUND or as db_query. */
int account_store_secret(struct db *db, int64_t account, struct account_secret *out, struct err *e);
/* ST_CONFLICT: the address has another owner. Harmless when repeated. */
int account_store_verify(struct db *db, int64_t account, int64_t now, struct err *e);
int account_store_password(struct db *db, int64_t account, const char *hash, struct err *e);
int account_store_rename(struct db *db, int64_t account, const char *name, struct err *e);
/* The tag of the language for letters, "" where none was chosen or there is no such account. */
int account_store_language(struct db *db, int64_t account, char out[LANGUAGE_TAG], struct err *e);
int account_store_speak(struct db *db, int64_t account, const char *tag, struct err *e);
/* The account gets a new address that is proven. ST_CONFLICT: it has another owner. */
int account_store_move(struct db *db, int64_t account, const char *email, const char *email_key,
                       int64_t now, struct err *e);
/* Ends all sessions of the account but the one with the hash `keep`, which may be NULL. */
int account_store_end_sessions(struct db *db, int64_t account, const uint8_t *keep, struct err *e);

#endif
