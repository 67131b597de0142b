/*
 * Accounts: the rules of signing up and in. No HTTP here, no SQL text (account_store.c has it).
 */
#ifndef GEMPIX_APP_ACCOUNT_ACCOUNT_H
#define GEMPIX_APP_ACCOUNT_ACCOUNT_H

#include <stdbool.h>
#include <stdint.h>

struct conf;
struct db;
struct err;

#define ACCOUNT_PASSWORD_MIN 8   /* characters; 15 advised */
#define ACCOUNT_PASSWORD_MAX 256 /* bytes */
#define ACCOUNT_TERMS_VERSION "2026-11"

int account_prepare(struct db *db, struct err *e);

/* Trims and checks an address, writes its lower-case key. 0 or ST_INVALID with a sentence. */
int account_email_key(const char *email, char out[255], struct err *e);
/* Length, no composition rules, not a common password, not the address itself. */
int account_password_check(const char *password, const char *email, struct err *e);

/* What somebody may be called. 0 or ST_INVALID with a sentence. */
int account_name_check(const char *name, struct err *e);

struct account_new {
    const char *email, *display_name, *password;
    bool of_age;            /* must be true (P18) */
    bool verified;          /* somebody vouches for the address: no link is mailed */
    const char *language;   /* of its letters; NULL = not said */
    const uint8_t *network; /* 16 bytes, a keyed code; NULL = the operator makes it */
};
/* Creates the account with its welcome credits and its letter in one transaction. An address that
 * has an owner is no failure, so that nobody learns about it: a second account claims it, which can
 * never be confirmed, and the owner gets a letter. 0, ST_INVALID, ST_CONFLICT (verified alone:
 * address taken), ST_DB. */
int account_create(struct db *db, const struct conf *conf, const struct account_new *n,
                   int64_t *account, struct err *e);
/* 0 and *account; ST_DENIED for a wrong address or password, in the same time for both. An address
 * that several people claim may be its owner's, or the newest claimant's. `known`: the browser is,
 * so that it may wait where others are sent away. ST_TIMEOUT: too many at once. */
int account_sign_in(struct db *db, const char *email, const char *password, bool known,
                    int64_t *account, struct err *e);

#endif
