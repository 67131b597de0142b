/*
 * The second step of signing in: a code of an authenticator app, or one of ten recovery codes. No
 * HTTP here, no SQL text (second_store.c has it).
 *
 * `key` is the site's own for this purpose. The app's secret is made from it, the account's public
 * id and a random number in the database: neither alone opens anything.
 */
#ifndef GEMPIX_APP_ACCOUNT_SECOND_H
#define GEMPIX_APP_ACCOUNT_SECOND_H

#include <stdbool.h>
#include <stdint.h>

#include "app/account/totp.h"

struct conf;
struct db;
struct err;

#define SECOND_KEY 32
#define SECOND_CODES 10 /* recovery codes of an account */
#define SECOND_CODE 15  /* "abcd-efgh-jkmn" and the NUL */

struct second_state {
    bool on;           /* signing in asks for it */
    bool begun;        /* a secret exists, the first code has not been seen */
    int64_t since;     /* µs UTC, of `on` */
    int codes;         /* recovery codes left */
    uint8_t nonce[16]; /* of the secret */
    int64_t last_step;
};

int second_prepare(struct db *db, struct err *e);
int second_look(struct db *db, int64_t account, struct second_state *out, struct err *e);
/* The secret that the app is to know. The caller wipes it. */
void second_secret(const uint8_t key[SECOND_KEY], int64_t account, const struct second_state *s,
                   uint8_t out[TOTP_SECRET]);
/* A new secret, to be confirmed by its first code. 0, ST_CONFLICT (it is on already), ST_DB. */
int second_begin(struct db *db, int64_t account, struct err *e);
/* The first code: from now on signing in asks. Writes recovery codes, which are never seen again,
 * and a letter. 0, ST_DENIED (wrong code), ST_CONFLICT (nothing was begun), ST_DB. */
int second_confirm(struct db *db, const struct conf *conf, const uint8_t key[SECOND_KEY],
                   int64_t account, const char *code, char codes[SECOND_CODES][SECOND_CODE],
                   struct err *e);
/* New recovery codes; the old ones are over. */
int second_renew(struct db *db, const uint8_t key[SECOND_KEY], int64_t account,
                 char codes[SECOND_CODES][SECOND_CODE], struct err *e);
/* Signing in asks no more. A letter tells. */
int second_end(struct db *db, const struct conf *conf, int64_t account, struct err *e);
/* Uses up a code of the app or a recovery code. 0, ST_DENIED (wrong, or used before), ST_DB. */
int second_check(struct db *db, const uint8_t key[SECOND_KEY], int64_t account, const char *code,
                 struct err *e);

#endif
