/*
 * All SQL of reconciliation. Private to reconcile.c.
 */
#ifndef GEMPIX_COMMON_RECONCILE_STORE_H
#define GEMPIX_COMMON_RECONCILE_STORE_H

#include <stdbool.h>

#include "common/reconcile.h"

/* A paid purchase as it is compared. */
struct reconcile_purchase {
    int64_t id, amount, refunded, credits;
    int64_t sold; /* credits that the ledger entered for it */
    int64_t paid_at;
    char payment[256], session[256]; /* "" = none */
    bool disputed;                   /* open or lost */
    bool seen;
};

/* A refund that the processor was told of. */
struct reconcile_refund {
    int64_t purchase;
    int64_t amount;               /* that went, minor units: 0 while it is on its way or failed */
    int64_t created_at, moved_at; /* moved_at: when it ended, or else began */
    char object[256];             /* the processor's id, "" = not told */
    bool seen;
};

int reconcile_store_prepare(struct db *db, struct err *e);
/* The purchases paid since then, by payment id; *out is heap memory (free()). */
int reconcile_store_purchases(struct db *db, int64_t since, struct reconcile_purchase **out,
                              size_t *count, struct err *e);
/* One by its payment or its session, whenever it was paid; id 0 where there is none. */
int reconcile_store_find(struct db *db, const char *payment, const char *session,
                         struct reconcile_purchase *out, struct err *e);
/* Those of ours since then; *out is heap memory (free()). */
int reconcile_store_refunds(struct db *db, int64_t since, struct reconcile_refund **out,
                            size_t *count, struct err *e);
/* One by the processor's id; purchase 0 where there is none. */
int reconcile_store_refund(struct db *db, const char *object, struct reconcile_refund *out,
                           struct err *e);
int reconcile_store_write(struct db *db, struct reconcile_report *r, const struct difference *list,
                          struct err *e);
int reconcile_store_newest(struct db *db, struct reconcile_report *out, struct err *e);
int reconcile_store_list(struct db *db, int64_t run, struct difference *out, int max, int *count,
                         struct err *e);

#endif
