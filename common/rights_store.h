/*
 * All SQL of requests under the law of data protection. Reading is for everybody who shows them;
 * what changes one is common/rights.h's: it keeps the rules and the letters.
 */
#ifndef GEMPIX_COMMON_RIGHTS_STORE_H
#define GEMPIX_COMMON_RIGHTS_STORE_H

#include <stddef.h>
#include <stdint.h>

#include "common/rights.h"

int rights_store_prepare(struct db *db, struct err *e);

/* --- reading --- */

/* Those that wait for an answer, the earliest due first; with `done` the answered and refused,
 * newest first. account 0 = anybody's; of one account all of them, newest first. */
int rights_store_list(struct db *db, int64_t account, int done, struct rights *out, size_t max,
                      size_t *count, struct err *e);
/* Those that are due by then, the first first, with what is needed to remind of them: no address.
 * For the steward, who prepares nothing else. */
int rights_store_prepare_due(struct db *db, struct err *e);
int rights_store_due(struct db *db, int64_t until, struct rights *out, size_t max, size_t *count,
                     struct err *e);
/* 0 or ST_NOTFOUND. `account` 0 = anybody's: for the operator. */
int rights_store_load(struct db *db, const struct id *public_id, int64_t account,
                      struct rights *out, struct err *e);
int rights_store_by_hash(struct db *db, const uint8_t hash[CRYPTO_SHA256], struct rights *out,
                         struct err *e);
int rights_store_by_key(struct db *db, const uint8_t key[CRYPTO_SHA256], struct rights *out,
                        struct err *e);
/* The person's words, heap memory (free()). 0, ST_NOTFOUND, ST_NOMEM, ST_DB. */
int rights_store_body(struct db *db, int64_t request, char **out, struct err *e);
/* Requests of this address, or of this account, since. */
int rights_store_since(struct db *db, int64_t account, const char *email, int64_t since,
                       int64_t *count, struct err *e);

struct rights_event {
    int64_t created_at;
    int what;   /* index into rights_whats */
    char *note; /* heap */
};
/* The history in order of time. rights_events_free(*out, *count). */
int rights_store_events(struct db *db, int64_t request, struct rights_event **out, size_t max,
                        size_t *count, struct err *e);
void rights_events_free(struct rights_event *list, size_t count); /* NULL is legal */

/* Since when the account's data are only stored, µs UTC; 0 = they are not. */
int rights_store_limited(struct db *db, int64_t account, int64_t *since, struct err *e);

/* --- changing: rights.c's --- */

/* `at` 0 = no more; where it is so already, its time stays. */
int rights_store_limit(struct db *db, int64_t account, int64_t at, struct err *e);

int rights_store_insert(struct db *db, struct rights *r, const char *body, const uint8_t *hash,
                        const uint8_t key[CRYPTO_SHA256], struct err *e);
int rights_store_event(struct db *db, int64_t request, enum rights_what what, const char *note,
                       int64_t now, int64_t *event, struct err *e);
/* From unverified to open. ST_CONFLICT when it is not unverified. */
int rights_store_confirm(struct db *db, int64_t request, int64_t now, int64_t due, struct err *e);
/* From open to extended, while it is not overdue. ST_CONFLICT otherwise. */
int rights_store_extend(struct db *db, int64_t request, int64_t now, int64_t due, struct err *e);
/* The end. ST_CONFLICT unless open or extended. */
int rights_store_end(struct db *db, int64_t request, enum rights_state state, int refusal,
                     int64_t now, struct err *e);

#endif
