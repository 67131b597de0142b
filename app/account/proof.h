/*
 * Proofs that a mailbox is somebody's: a random token in a mailed link, its hash in the database,
 * used once, over after a while. No HTTP here, no SQL text (proof_store.c has it).
 */
#ifndef GEMPIX_APP_ACCOUNT_PROOF_H
#define GEMPIX_APP_ACCOUNT_PROOF_H

#include <stdint.h>

struct account_addressee;
struct conf;
struct db;
struct err;

#define PROOF_TOKEN 44 /* base64url of 32 bytes and the NUL */

enum proof_kind {
    PROOF_CONFIRM, /* the address of an account */
    PROOF_RESET,   /* a new password */
    PROOF_MOVE,    /* the new address of an account */
    PROOF_STEP,    /* the password was right, the second step is still to come; never mailed */
};

int proof_prepare(struct db *db, struct err *e);

/* Inside the transaction that makes an account: the letter that welcomes and asks to confirm; where
 * the address has an owner, the letter that tells the owner instead. */
int proof_welcome(struct db *db, const struct conf *conf, const struct account_addressee *to,
                  const char *email_key, struct err *e);
/* The link once more. 0, ST_CONFLICT (confirmed already), ST_LIMIT (too many letters), ST_DB. */
int proof_ask_confirm(struct db *db, const struct conf *conf, int64_t account, struct err *e);
/* The link to a new password, when the address has an account; the same result and about the same
 * work when it has none. 0, ST_INVALID (no address), ST_DB. */
int proof_ask_reset(struct db *db, const struct conf *conf, const char *email, struct err *e);

/* Whose link it is. */
struct proof_owner {
    int64_t account;
    char email[255], display_name[81 * 4];
    char asked[255], asked_key[255]; /* the address that the link was mailed to */
};
/* 0 or ST_NOTFOUND with a sentence: unknown, used or over. */
int proof_look(struct db *db, enum proof_kind kind, const char *token, struct proof_owner *out,
               struct err *e);
/* The address is proven. 0, ST_NOTFOUND, ST_CONFLICT (it has another owner), ST_DB. */
int proof_confirm(struct db *db, const char *token, struct err *e);
/* A new address: a link goes there and a letter to the old one; where the new one has an owner, the
 * owner gets a letter instead of the link, which the asker cannot see. 0, ST_INVALID (the address),
 * ST_LIMIT (too many letters), ST_DB. The password was checked before. */
int proof_ask_move(struct db *db, const struct conf *conf, int64_t account, const char *email,
                   struct err *e);
/* The new address counts; both are told. 0, ST_NOTFOUND, ST_CONFLICT (it has an owner), ST_DB. */
int proof_move(struct db *db, const struct conf *conf, const char *token, struct err *e);
/* Half way in: a token that stands for the right password, for ten minutes and five wrong codes.
 * The caller wipes it. */
int proof_step(struct db *db, int64_t account, char token[PROOF_TOKEN], struct err *e);
int proof_step_wrong(struct db *db, const char *token, int64_t account, struct err *e);
int proof_step_done(struct db *db, int64_t account, struct err *e);
/* The new password: all sessions of the account end, its other links too, a letter tells. 0 and
 * *account, ST_NOTFOUND, ST_INVALID (the password), ST_CONFLICT, ST_DB. */
int proof_reset(struct db *db, const struct conf *conf, const char *token, const char *password,
                int64_t *account, struct err *e);

#endif
