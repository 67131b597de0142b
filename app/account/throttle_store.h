/*
 * All SQL of delays and of the gate. Knows no rules: throttle.c has them.
 */
#ifndef GEMPIX_APP_ACCOUNT_THROTTLE_STORE_H
#define GEMPIX_APP_ACCOUNT_THROTTLE_STORE_H

#include "app/account/throttle.h"

int throttle_store_prepare(struct db *db, struct err *e);
/* Whether an account with this address knows a browser whose token has the hash. */
int throttle_store_known(struct db *db, const char *email_key, const uint8_t hash[32],
                         int64_t since, bool *known, struct err *e);
/* Until when the bucket has to wait; 0 = free. */
int throttle_store_look(struct db *db, const uint8_t bucket[THROTTLE_BUCKET], int64_t *free_at,
                        struct err *e);
/* One more try at `now`; a count whose last try was before `stale` begins anew. */
int throttle_store_count(struct db *db, const uint8_t bucket[THROTTLE_BUCKET], int64_t now,
                         int64_t stale, struct err *e);
int throttle_store_forget(struct db *db, const uint8_t bucket[THROTTLE_BUCKET], struct err *e);
/* A lock of the database server, which ends with the connection; waits at most `seconds`. */
int throttle_store_lock(struct db *db, const char *name, double seconds, bool *got, struct err *e);
int throttle_store_unlock(struct db *db, const char *name, struct err *e);

#endif
