/*
 * All SQL of refunds. Private to refund.c and refund_sums.c.
 */
#ifndef GEMPIX_COMMON_REFUND_STORE_H
#define GEMPIX_COMMON_REFUND_STORE_H

#include "common/refund.h"

int refund_store_prepare(struct db *db, struct err *e);
/* Inserts `r`, whose id it fills in. */
int refund_store_insert(struct db *db, struct refund *r, const char *reason, int64_t now,
                        struct err *e);
/* The newest of a purchase; id 0 where there is none. */
int refund_store_newest(struct db *db, int64_t purchase, struct refund *out, struct err *e);
/* By the processor's id, or by our own; ST_NOTFOUND. */
int refund_store_known(struct db *db, const char *refund_id, const struct id *public_id,
                       struct refund *out, struct err *e);
int refund_store_find(struct db *db, int64_t id, struct refund *out, struct err *e);
/* The same, locked: after the purchase, as everybody does. */
int refund_store_lock(struct db *db, int64_t id, struct refund *out, struct err *e);
int refund_store_state(struct db *db, int64_t id, enum refund_state state, int64_t now,
                       struct err *e);
/* What the processor calls it; "sent" unless it has ended meanwhile. */
int refund_store_sent(struct db *db, int64_t id, const char *refund_id, int64_t next_try_at,
                      struct err *e);
/* What the processor calls it, where that is not known yet. */
int refund_store_name(struct db *db, int64_t id, const char *refund_id, struct err *e);
int refund_store_later(struct db *db, int64_t id, int64_t next_try_at, struct err *e);
/* Ids that are due. */
int refund_store_due(struct db *db, int64_t now, int64_t *ids, int max, int *count, struct err *e);

/* --- sums that messages cannot tell --- */

struct refund_doubt {
    struct id purchase;
    char payment[256];
    int64_t doubts; /* how many there were */
};
int refund_store_doubt(struct db *db, int64_t purchase, struct err *e);
/* How many doubts there have been. */
int refund_store_doubtful(struct db *db, int64_t purchase, int64_t *doubts, struct err *e);
/* Purchases with doubts that are not settled. */
int refund_store_doubts(struct db *db, struct refund_doubt *out, int max, int *count,
                        struct err *e);
/* So many of them are. */
int refund_store_settled(struct db *db, int64_t purchase, int64_t doubts, struct err *e);

/* What the processor calls the payment of a purchase; and the purchase's public id. */
int refund_store_payment(struct db *db, int64_t purchase, char payment[256], struct id *public_id,
                         struct err *e);

#endif
