/*
 * All SQL of sessions. Private to session.c, which owns the rules.
 */
#ifndef GEMPIX_APP_HTTP_SESSION_STORE_H
#define GEMPIX_APP_HTTP_SESSION_STORE_H

#include <stdint.h>

#include "app/http/http.h"
#include "app/http/session.h"
#include "common/crypto.h"

struct arena;
struct db;
struct err;

int session_store_prepare(struct db *db, struct err *e);
/* The living session of this hash: not over at `now`, last seen after `idle_since`. Session,
   account and balance in one query; strings in the arena. ST_NOTFOUND. */
int session_store_load(struct db *db, const uint8_t hash[CRYPTO_SHA256], int64_t now,
                       int64_t idle_since, struct arena *arena, struct visitor *out,
                       int64_t *last_seen, struct err *e);
int session_store_touch(struct db *db, const uint8_t hash[CRYPTO_SHA256], int64_t now,
                        struct err *e);
int session_store_insert(struct db *db, const uint8_t hash[CRYPTO_SHA256], int64_t account,
                         const struct whence *whence, bool second, int64_t now, int64_t expires_at,
                         struct err *e);
/* A code of the second step was shown in it. */
int session_store_second(struct db *db, const uint8_t hash[CRYPTO_SHA256], int64_t now,
                         struct err *e);
/* One session of a list. */
struct session_found {
    uint8_t hash[CRYPTO_SHA256];
    struct whence whence;
    int64_t created_at, last_seen_at;
};
/* The account's living sessions, the latest first. */
int session_store_list(struct db *db, int64_t account, int64_t now, int64_t idle_since,
                       struct session_found *out, size_t max, size_t *count, struct err *e);
/* 0 also when there was none. */
int session_store_delete(struct db *db, const uint8_t hash[CRYPTO_SHA256], struct err *e);

#endif
