/*
 * The rules of the credit ledger: which books a movement touches, and that it happens once. Knows
 * no SQL (ledger_store.c) and no reason to move credits: job.c, sign-up and the operator have
 * those. docs/queue.md tells why the ledger looks like this.
 */
#include "common/ledger.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "common/db.h"
#include "common/err.h"
#include "common/ledger_store.h"

static const char broken[] = "Something went wrong on our side. Please try again later.";

int
ledger_prepare(struct db *db, struct err *e)
{
    return ledger_store_prepare(db, e);
}

/* Tells "moved already" from "the key belongs to something else". */
static int
same_again(struct db *db, const struct ledger_movement *m, struct err *e)
{
    char cause[16];
    int64_t account, held;
    int rc = ledger_store_find(db, m->key, cause, &account, &held, e);

    if (rc != ST_OK)
        return rc;
    if (strcmp(cause, m->cause) != 0 || account != m->account)
        return err_set(e, ST_CONFLICT, "These credits have been settled already.",
                       "ledger: %s is a %s of account %" PRId64, m->key, cause, account);
    err_clear(e);
    return ST_OK;
}

/* The transfer, its entries and the cache, inside one transaction. */
static int
post(struct db *db, void *arg, struct err *e)
{
    const struct ledger_movement *m = arg;
    int64_t transfer;
    int rc;

    rc = ledger_store_transfer(db, m, &transfer, e);
    if (rc == ST_CONFLICT)
        return same_again(db, m, e);
    if (rc == ST_OK)
        rc = ledger_store_entries(db, transfer, m, e);
    if (rc == ST_OK)
        rc = m->available >= 0 && m->held >= 0 ? ledger_store_add(db, m, e)
                                               : ledger_store_move(db, m, e);
    return rc;
}

static int
check_movement(const struct ledger_movement *m, struct err *e)
{
    if (m->account > 0 && m->amount > 0 && m->key[0] != '\0' && strlen(m->key) < LEDGER_KEY)
        return ST_OK;
    return err_set(e, ST_INTERNAL, broken, "ledger: account %" PRId64 ", amount %" PRId64 ", %s",
                   m->account, m->amount, m->key);
}

/* The movements between what a member may use and the outside. */
struct ledger_way {
    const char *cause, *from, *to;
    int sign; /* of what the member may use */
};
static const struct ledger_way granted = {"grant", "granted", "available", 1};
static const struct ledger_way sold = {"order", "sold", "available", 1};
static const struct ledger_way taken_back = {"refund", "available", "refunded", -1};
static const struct ledger_way returned = {"order", "refunded", "available", 1};
static const struct ledger_way expired = {"expire", "available", "expired", -1};

static int
move(struct db *db, const struct ledger_way *way, int64_t account, int64_t amount, const char *key,
     const char *note, struct err *e)
{
    struct ledger_movement m = {
        .account = account,
        .amount = amount,
        .key = key,
        .cause = way->cause,
        .from = way->from,
        .to = way->to,
        .note = note,
        .available = way->sign * amount,
    };
    int rc = check_movement(&m, e);

    return rc == ST_OK ? db_transaction(db, post, &m, e) : rc;
}

int
ledger_grant(struct db *db, int64_t account, int64_t amount, const char *key, const char *note,
             struct err *e)
{
    return move(db, &granted, account, amount, key, note != NULL ? note : "", e);
}

int
ledger_sell(struct db *db, int64_t account, int64_t amount, const char *key, const char *note,
            struct err *e)
{
    return move(db, &sold, account, amount, key, note, e);
}

int
ledger_take_back(struct db *db, int64_t account, int64_t amount, const char *key, const char *note,
                 struct err *e)
{
    return move(db, &taken_back, account, amount, key, note, e);
}

int
ledger_return(struct db *db, int64_t account, int64_t amount, const char *key, const char *note,
              struct err *e)
{
    return move(db, &returned, account, amount, key, note, e);
}

int
ledger_expire(struct db *db, int64_t account, int64_t amount, const char *key, const char *note,
              struct err *e)
{
    return move(db, &expired, account, amount, key, note, e);
}

int
ledger_hold(struct db *db, int64_t account, int64_t job, int64_t amount, struct err *e)
{
    char key[LEDGER_KEY];
    struct ledger_balance have;
    struct ledger_movement m = {
        .account = account,
        .job = job,
        .amount = amount,
        .key = key,
        .cause = "hold",
        .from = "available",
        .to = "held",
        .note = "",
        .available = -amount,
        .held = amount,
    };
    int rc;

    snprintf(key, sizeof key, "job:%" PRId64 ":hold", job);
    if ((rc = check_movement(&m, e)) == ST_OK)
        rc = db_transaction(db, post, &m, e);
    if (rc == ST_FUNDS && ledger_store_balance(db, account, &have, NULL) == ST_OK)
        err_setf(e, ST_FUNDS, "This needs %" PRId64 " credits and you have %" PRId64 ".", amount,
                 have.available);
    return rc;
}

/* Only what was held can be settled, and only whole. */
static int
settle_body(struct db *db, void *arg, struct err *e)
{
    struct ledger_movement *m = arg;
    char key[LEDGER_KEY], cause[16];
    int64_t account, held;
    int rc;

    snprintf(key, sizeof key, "job:%" PRId64 ":hold", m->job);
    rc = ledger_store_find(db, key, cause, &account, &held, e);
    if (rc != ST_OK && rc != ST_NOTFOUND)
        return rc;
    if (rc == ST_NOTFOUND || account != m->account || held != m->amount)
        return err_set(e, ST_INTERNAL, broken,
                       "ledger: %s %" PRId64 " of account %" PRId64 " but %s holds %" PRId64,
                       m->cause, m->amount, m->account, key, held);
    if ((rc = post(db, m, e)) == ST_FUNDS)
        rc = err_set(e, ST_INTERNAL, broken, "ledger: %s: less is held than the entries say", key);
    return rc;
}

static int
settle(struct db *db, struct ledger_movement *m, struct err *e)
{
    char key[LEDGER_KEY];
    int rc;

    snprintf(key, sizeof key, "job:%" PRId64 ":settle", m->job);
    m->key = key;
    m->from = "held";
    m->note = "";
    m->held = -m->amount;
    rc = check_movement(m, e);
    return rc == ST_OK ? db_transaction(db, settle_body, m, e) : rc;
}

int
ledger_capture(struct db *db, int64_t account, int64_t job, int64_t amount, struct err *e)
{
    struct ledger_movement m = {
        .account = account,
        .job = job,
        .amount = amount,
        .cause = "capture",
        .to = "spent",
    };

    return settle(db, &m, e);
}

int
ledger_release(struct db *db, int64_t account, int64_t job, int64_t amount, struct err *e)
{
    struct ledger_movement m = {
        .account = account,
        .job = job,
        .amount = amount,
        .cause = "release",
        .to = "available",
        .available = amount,
    };

    return settle(db, &m, e);
}

int
ledger_hold_refund(struct db *db, int64_t account, int64_t refund, int64_t amount, struct err *e)
{
    char key[LEDGER_KEY];
    struct ledger_movement m = {
        .account = account,
        .amount = amount,
        .key = key,
        .cause = "hold",
        .from = "available",
        .to = "held",
        .note = "Refund",
        .available = -amount,
        .held = amount,
    };
    int rc;

    snprintf(key, sizeof key, "refund:%" PRId64 ":hold", refund);
    rc = check_movement(&m, e);
    return rc == ST_OK ? db_transaction(db, post, &m, e) : rc;
}

int
ledger_settle_refund(struct db *db, int64_t account, int64_t refund, int64_t amount, bool paid,
                     struct err *e)
{
    char key[LEDGER_KEY];
    struct ledger_movement m = {
        .account = account,
        .amount = amount,
        .key = key,
        .cause = paid ? "refund" : "release",
        .from = "held",
        .to = paid ? "refunded" : "available",
        .note = "Refund",
        .available = paid ? 0 : amount,
        .held = -amount,
    };
    int rc;

    snprintf(key, sizeof key, "refund:%" PRId64 ":settle", refund);
    rc = check_movement(&m, e);
    return rc == ST_OK ? db_transaction(db, post, &m, e) : rc;
}

int
ledger_balance(struct db *db, int64_t account, struct ledger_balance *out, struct err *e)
{
    return ledger_store_balance(db, account, out, e);
}

int
ledger_lock(struct db *db, int64_t account, struct ledger_balance *out, struct err *e)
{
    return ledger_store_lock(db, account, out, e);
}

int
ledger_check(struct db *db, struct ledger_report *out, struct err *e)
{
    return ledger_store_check(db, out, e);
}
