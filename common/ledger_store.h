/*
 * All SQL of the credit ledger. Private to ledger.c, which owns the rules: nothing else may write
 * these tables.
 */
#ifndef GEMPIX_COMMON_LEDGER_STORE_H
#define GEMPIX_COMMON_LEDGER_STORE_H

#include <stddef.h>
#include <stdint.h>

#include "common/ledger.h"

struct db;
struct err;

#define LEDGER_KEY 121 /* room for an idempotency key with its NUL */

/* A movement: `amount` leaves `from` and enters `to`; what that means for the two cached books is
 * worked out by ledger.c. */
struct ledger_movement {
    int64_t account;
    int64_t job;           /* 0 = none */
    int64_t amount;        /* > 0 */
    const char *key;       /* idempotency key */
    const char *cause;     /* of ledger_transfer.cause */
    const char *from, *to; /* of ledger_entry.book */
    const char *note;
    int64_t available, held; /* what the cache gains, or loses when negative */
};

int ledger_store_prepare(struct db *db, struct err *e);

/* Inserts the transfer. ST_CONFLICT when the key is taken. */
int ledger_store_transfer(struct db *db, const struct ledger_movement *m, int64_t *id,
                          struct err *e);
/* Inserts its two entries. */
int ledger_store_entries(struct db *db, int64_t transfer, const struct ledger_movement *m,
                         struct err *e);
/* Moves the cache, which must exist and may not become negative: ST_FUNDS. */
int ledger_store_move(struct db *db, const struct ledger_movement *m, struct err *e);
/* Moves the cache upwards, making its row when it is the account's first. */
int ledger_store_add(struct db *db, const struct ledger_movement *m, struct err *e);

/* The cause of the transfer with this key (a literal of ledger_transfer.cause) and what it moved in
 * book 'held'. ST_NOTFOUND. */
int ledger_store_find(struct db *db, const char *key, char cause[16], int64_t *account,
                      int64_t *held, struct err *e);

int ledger_store_balance(struct db *db, int64_t account, struct ledger_balance *out, struct err *e);
/* The same, and nobody else may move the account until the transaction ends. */
int ledger_store_lock(struct db *db, int64_t account, struct ledger_balance *out, struct err *e);
int ledger_store_check(struct db *db, struct ledger_report *out, struct err *e);

#endif
