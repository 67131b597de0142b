/*
 * The credit ledger: append-only double entry. A job's price is held when it is submitted, then
 * captured or released exactly once. Amounts are whole credits, always > 0 here.
 *
 * Every call runs inside the caller's db_transaction, so that credits and states move together or
 * not at all. A repeated idempotency key moves nothing and returns 0.
 */
#ifndef GEMPIX_COMMON_LEDGER_H
#define GEMPIX_COMMON_LEDGER_H

#include <stdbool.h>
#include <stdint.h>

struct db;
struct err;

struct ledger_balance {
    int64_t available;
    int64_t held;
};

/* Prepares this module's statements on the connection. Call once after db_open. */
int ledger_prepare(struct db *db, struct err *e);

/* granted -> available. `key` such as "welcome:17"; `note` for the member's ledger page. */
int ledger_grant(struct db *db, int64_t account, int64_t amount, const char *key, const char *note,
                 struct err *e);
/* sold -> available: credits that were paid for. */
int ledger_sell(struct db *db, int64_t account, int64_t amount, const char *key, const char *note,
                struct err *e);
/* available -> refunded: what was sold and given back. ST_FUNDS when so much is not available. */
int ledger_take_back(struct db *db, int64_t account, int64_t amount, const char *key,
                     const char *note, struct err *e);
/* refunded -> available: what was taken back belongs to the member after all. */
int ledger_return(struct db *db, int64_t account, int64_t amount, const char *key, const char *note,
                  struct err *e);
/* available -> expired: credits that were to be used until now. ST_FUNDS. */
int ledger_expire(struct db *db, int64_t account, int64_t amount, const char *key, const char *note,
                  struct err *e);
/* available -> held for a job. ST_FUNDS (message: needed and have) when available is too small. */
int ledger_hold(struct db *db, int64_t account, int64_t job, int64_t amount, struct err *e);
/* held -> spent; and held -> available. The first settlement of a job wins; a second of the same
 * kind returns 0, of the other kind ST_CONFLICT. */
int ledger_capture(struct db *db, int64_t account, int64_t job, int64_t amount, struct err *e);
int ledger_release(struct db *db, int64_t account, int64_t job, int64_t amount, struct err *e);

/* available -> held for a refund that is on its way; then held -> refunded when the money went, or
 * held -> available when it did not. As with jobs, the first settlement wins. */
int ledger_hold_refund(struct db *db, int64_t account, int64_t refund, int64_t amount,
                       struct err *e);
int ledger_settle_refund(struct db *db, int64_t account, int64_t refund, int64_t amount, bool paid,
                         struct err *e);

/* Zeros for an account without movements. */
int ledger_balance(struct db *db, int64_t account, struct ledger_balance *out, struct err *e);
/* The same, and nobody else moves this account's credits before the caller's transaction ends. */
int ledger_lock(struct db *db, int64_t account, struct ledger_balance *out, struct err *e);

struct ledger_report {
    int64_t accounts; /* looked at */
    int64_t transfers;
    int64_t unbalanced;     /* transfers whose entries do not add up to zero */
    int64_t wrong_balances; /* accounts whose cache differs from its entries */
    int64_t wrong_holds;    /* jobs that disagree with the ledger: not held, held but ended, settled
                               but not ended, or settled with another amount */
};
/* Rebuilds everything from the entries and compares, in one consistent snapshot. 0 even when
 * differences are found: look at the report. */
int ledger_check(struct db *db, struct ledger_report *out, struct err *e);

#endif
