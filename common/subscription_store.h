/*
 * All SQL of subscriptions and of what is particular to the purchases of their months. Private to
 * subscription.c, subscription_ask.c and subscription_expiry.c.
 */
#ifndef GEMPIX_COMMON_SUBSCRIPTION_STORE_H
#define GEMPIX_COMMON_SUBSCRIPTION_STORE_H

#include "common/subscription.h"

int subscription_store_prepare(struct db *db, struct err *e);

/* ST_CONFLICT when the form's key is taken. `s` has what was sold; the rest is not read. */
int subscription_store_insert(struct db *db, const struct subscription *s,
                              const struct id *submit_key, int64_t now, struct err *e);

/* Which row is meant; the last locks and needs a transaction. */
enum subscription_by { SUBSCRIPTION_BY_KEY, SUBSCRIPTION_BY_OWNER, SUBSCRIPTION_BY_ID };
/* ST_NOTFOUND. The account is not looked at by SUBSCRIPTION_BY_ID. */
int subscription_store_find(struct db *db, enum subscription_by by, int64_t account,
                            const struct id *id, struct subscription *out, struct err *e);
int subscription_store_list(struct db *db, int64_t account, struct subscription *out, int max,
                            int *count, struct err *e);
/* Those to ask the processor about: unsure, or active with a month that ended before `before`. */
int subscription_store_silent(struct db *db, int64_t before, struct subscription *out, int max,
                              int *count, struct err *e);
/* How many of the account go on. */
int subscription_store_going(struct db *db, int64_t account, int64_t *count, struct err *e);
int subscription_store_attach(struct db *db, int64_t id, const char *session, struct err *e);
/* Writes what can change: the state, what the processor told, and the terms. */
int subscription_store_save(struct db *db, const struct subscription *s, struct err *e);

/* --- terms --- */

int subscription_store_offer(struct db *db, int64_t subscription,
                             const struct subscription_terms *t, int64_t now, struct err *e);
/* The newest at this price; ST_NOTFOUND. */
int subscription_store_terms(struct db *db, int64_t subscription, const char *price,
                             struct subscription_terms *out, struct err *e);

/* --- months --- */

struct subscription_month {
    struct id public_id, submit_key; /* of the purchase */
    const char *invoice;
    int64_t expires_at, now; /* expires_at 0 = never */
};
/* The purchase of one month, not paid yet. ST_CONFLICT when the invoice has one. */
int subscription_store_month(struct db *db, const struct subscription *s,
                             const struct subscription_month *m, struct err *e);
int subscription_store_has_month(struct db *db, const char *invoice, bool *has, struct err *e);

/* Purchases whose credits are due to expire: at most `max`. */
int subscription_store_due(struct db *db, int64_t now, struct id *out, int max, int *count,
                           struct err *e);
/* Credits that the account's jobs took since the movement with this key. */
int subscription_store_spent(struct db *db, int64_t account, const char *key, int64_t *spent,
                             struct err *e);
int subscription_store_expired(struct db *db, int64_t purchase, int64_t credits, struct err *e);

#endif
