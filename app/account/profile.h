/*
 * What members change about their own account. No HTTP here, no SQL text (account_store.c has it).
 */
#ifndef GEMPIX_APP_ACCOUNT_PROFILE_H
#define GEMPIX_APP_ACCOUNT_PROFILE_H

#include <stdint.h>

struct conf;
struct db;
struct err;

/* 0, ST_INVALID (the name), ST_DB. */
int profile_rename(struct db *db, int64_t account, const char *name, struct err *e);
/* Ends all sessions but the one with the hash `keep`, and tells by letter. 0, ST_DENIED (`now` is
 * not the password), ST_INVALID (the new one), ST_DB. */
int profile_password(struct db *db, const struct conf *conf, int64_t account, const char *now,
                     const char *next, const uint8_t *keep, struct err *e);
/* Whether this is the account's password. 0, ST_DENIED or ST_DB. */
int profile_check(struct db *db, int64_t account, const char *password, struct err *e);

/* The language of the account's letters; NULL = none chosen. 0 or ST_DB. */
int profile_speak(struct db *db, int64_t account, const char *tag, struct err *e);

/* Ends all sessions of the account but the one with the hash `keep`, which may be NULL. */
int profile_end_sessions(struct db *db, int64_t account, const uint8_t *keep, struct err *e);

#endif
