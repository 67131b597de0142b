/*
 * All SQL of the credit ledger. Transfers and entries are inserted and read, never changed; the
 * grants of sql/grants.sql refuse anything else. Knows no rules: they are in ledger.c.
 */
#include "common/ledger_store.h"

#include <stdio.h>

#include "common/clock.h"
#include "common/db.h"
#include "common/err.h"

enum {
    TRANSFER,
    ENTRIES,
    MOVE,
    ADD,
    FIND,
    BALANCE,
    LOCK,
    CHECK,
};

static const char *const statements[] = {
    [TRANSFER] = "INSERT INTO ledger_transfer"
                 " (idempotency_key, cause, account_id, job_id, note, created_at)"
                 " VALUES (?, ?, ?, ?, ?, ?)",
    [ENTRIES] = "INSERT INTO ledger_entry (transfer_id, book, account_id, amount)"
                " VALUES (?, ?, ?, ?), (?, ?, ?, ?)",
    [MOVE] = "UPDATE balance SET available = available + ?, held = held + ?"
             " WHERE account_id = ? AND available + ? >= 0 AND held + ? >= 0",
    [ADD] = "INSERT INTO balance (account_id, available, held) VALUES (?, ?, ?)"
            " ON DUPLICATE KEY UPDATE available = available + VALUES(available),"
            " held = held + VALUES(held)",
    [FIND] = "SELECT t.cause, t.account_id,"
             " (SELECT SUM(e.amount) FROM ledger_entry e"
             " WHERE e.transfer_id = t.id AND e.book = 'held')"
             " FROM ledger_transfer t WHERE t.idempotency_key = ?",
    [BALANCE] = "SELECT available, held FROM balance WHERE account_id = ?",
    [LOCK] = "SELECT available, held FROM balance WHERE account_id = ? FOR UPDATE",
    /* One statement sees one snapshot, so a busy site can be checked while it works. */
    [CHECK] =
        "SELECT"
        " (SELECT COUNT(*) FROM (SELECT account_id FROM balance"
        "  UNION SELECT account_id FROM ledger_entry) a),"
        " (SELECT COUNT(*) FROM ledger_transfer),"
        " (SELECT COUNT(*) FROM (SELECT t.id FROM ledger_transfer t"
        "  LEFT JOIN ledger_entry e ON e.transfer_id = t.id GROUP BY t.id"
        "  HAVING COUNT(e.book) < 2 OR SUM(e.amount) <> 0"
        "  OR SUM(e.account_id <> t.account_id) <> 0) u),"
        " (SELECT COUNT(*) FROM (SELECT account_id FROM (SELECT account_id, available, held"
        "   FROM balance UNION ALL SELECT account_id, IF(book = 'available', -amount, 0),"
        "   IF(book = 'held', -amount, 0) FROM ledger_entry) x"
        "  GROUP BY account_id HAVING SUM(available) <> 0 OR SUM(held) <> 0) w),"
        " (SELECT COUNT(*) FROM job j LEFT JOIN (SELECT t.job_id,"
        "   SUM(t.cause = 'hold') holds, SUM(t.cause = 'capture') captures,"
        "   SUM(t.cause = 'release') releases, SUM(IF(t.cause = 'hold', e.amount, 0)) held,"
        "   SUM(IF(t.cause = 'hold', 0, -e.amount)) settled"
        "   FROM ledger_transfer t JOIN ledger_entry e ON e.transfer_id = t.id AND e.book = 'held'"
        "   WHERE t.job_id IS NOT NULL GROUP BY t.job_id) l ON l.job_id = j.id"
        "  WHERE COALESCE(l.holds, 0) <> (j.price > 0) OR COALESCE(l.held, 0) <> j.price"
        "  OR COALESCE(l.captures, 0) <> (j.price > 0 AND j.state = 'done')"
        "  OR COALESCE(l.releases, 0) <> (j.price > 0 AND j.state IN ('failed', 'cancelled'))"
        "  OR COALESCE(l.settled, 0) <> IF(j.state IN ('queued', 'running'), 0, j.price))"
        " + (SELECT COUNT(DISTINCT t.job_id) FROM ledger_transfer t"
        "  LEFT JOIN job j ON j.id = t.job_id WHERE t.job_id IS NOT NULL AND j.id IS NULL)",
};

static const struct db_set set = {"ledger", statements, sizeof statements / sizeof statements[0]};

int
ledger_store_prepare(struct db *db, struct err *e)
{
    return db_prepare(db, &set, e);
}

int
ledger_store_transfer(struct db *db, const struct ledger_movement *m, int64_t *id, struct err *e)
{
    struct db_done done;
    int rc;

    *id = 0;
    rc = db_run(db, &set, TRANSFER,
                DB_ARGS(db_text(m->key), db_text(m->cause), db_int(m->account),
                        m->job != 0 ? db_int(m->job) : db_null(), db_text(m->note),
                        db_int(clock_now())),
                &done, e);
    *id = done.insert_id;
    return rc;
}

int
ledger_store_entries(struct db *db, int64_t transfer, const struct ledger_movement *m,
                     struct err *e)
{
    return db_run(db, &set, ENTRIES,
                  DB_ARGS(db_int(transfer), db_text(m->from), db_int(m->account),
                          db_int(-m->amount), db_int(transfer), db_text(m->to), db_int(m->account),
                          db_int(m->amount)),
                  NULL, e);
}

int
ledger_store_move(struct db *db, const struct ledger_movement *m, struct err *e)
{
    struct db_done done;
    int rc;

    rc = db_run(db, &set, MOVE,
                DB_ARGS(db_int(m->available), db_int(m->held), db_int(m->account),
                        db_int(m->available), db_int(m->held)),
                &done, e);
    if (rc == ST_OK && done.affected != 1)
        rc = err_set(e, ST_FUNDS, "There are not enough credits.", "ledger: %s", m->key);
    return rc;
}

int
ledger_store_add(struct db *db, const struct ledger_movement *m, struct err *e)
{
    return db_run(db, &set, ADD, DB_ARGS(db_int(m->account), db_int(m->available), db_int(m->held)),
                  NULL, e);
}

int
ledger_store_find(struct db *db, const char *key, char cause[16], int64_t *account, int64_t *held,
                  struct err *e)
{
    struct db_rows *rows;
    int rc;

    cause[0] = '\0';
    *account = 0;
    *held = 0;
    if ((rc = db_query(db, &set, FIND, DB_ARGS(db_text(key)), &rows, e)) != ST_OK)
        return rc;
    if (db_next(rows)) {
        snprintf(cause, 16, "%s", db_get_text(rows, 0, NULL));
        *account = db_get_int(rows, 1);
        *held = db_get_int(rows, 2);
    } else {
        rc = err_set(e, ST_NOTFOUND, "There is no such movement of credits.", "ledger: %s", key);
    }
    db_rows_free(rows);
    return rc;
}

static int
read_balance(struct db *db, int statement, int64_t account, struct ledger_balance *out,
             struct err *e)
{
    struct db_rows *rows;
    int rc;

    *out = (struct ledger_balance){0};
    if ((rc = db_query(db, &set, statement, DB_ARGS(db_int(account)), &rows, e)) != ST_OK)
        return rc;
    if (db_next(rows)) {
        out->available = db_get_int(rows, 0);
        out->held = db_get_int(rows, 1);
    }
    db_rows_free(rows);
    return ST_OK;
}

int
ledger_store_balance(struct db *db, int64_t account, struct ledger_balance *out, struct err *e)
{
    return read_balance(db, BALANCE, account, out, e);
}

int
ledger_store_lock(struct db *db, int64_t account, struct ledger_balance *out, struct err *e)
{
    return read_balance(db, LOCK, account, out, e);
}

int
ledger_store_check(struct db *db, struct ledger_report *out, struct err *e)
{
    struct db_rows *rows;
    int rc;

    *out = (struct ledger_report){0};
    if ((rc = db_query(db, &set, CHECK, DB_NO_ARGS, &rows, e)) != ST_OK)
        return rc;
    if (db_next(rows)) {
        out->accounts = db_get_int(rows, 0);
        out->transfers = db_get_int(rows, 1);
        out->unbalanced = db_get_int(rows, 2);
        out->wrong_balances = db_get_int(rows, 3);
        out->wrong_holds = db_get_int(rows, 4);
    }
    db_rows_free(rows);
    return ST_OK;
}
