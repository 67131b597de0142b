/*
 * All SQL of refunds; see refund_store.h.
 */
#include "common/refund_store.h"

#include <stdio.h>
#include <string.h>

#include "common/db.h"
#include "common/err.h"

#define COLUMNS                                                                                    \
    "SELECT id, public_id, purchase_id, account_id, amount, credits, state, refund_id, attempts"   \
    " FROM refund "

enum {
    NEWEST,
    KNOWN,
    FIND,
    LOCK,
    STATE,
    SENT,
    NAME,
    LATER,
    DUE,
    PAYMENT,
    DOUBT,
    DOUBTFUL,
    DOUBTS,
    SETTLED
};

static const char *const statements[] = {
    [NEWEST] = COLUMNS "WHERE purchase_id = ? ORDER BY id DESC LIMIT 1",
    [KNOWN] = COLUMNS "WHERE refund_id = ? OR public_id = ? LIMIT 1",
    [FIND] = COLUMNS "WHERE id = ?",
    [LOCK] = COLUMNS "WHERE id = ? FOR UPDATE",
    [STATE] = "UPDATE refund SET state = ?, ended_at = ? WHERE id = ?",
    [SENT] = "UPDATE refund SET state = IF(state = 'asked', 'sent', state), refund_id = ?,"
             " attempts = attempts + 1, next_try_at = ? WHERE id = ?",
    [NAME] = "UPDATE refund SET refund_id = ? WHERE id = ? AND refund_id IS NULL",
    [LATER] = "UPDATE refund SET attempts = attempts + 1, next_try_at = ? WHERE id = ?",
    [DUE] = "SELECT id FROM refund WHERE state IN ('asked', 'sent') AND next_try_at <= ?"
            " ORDER BY next_try_at LIMIT ?",
    [PAYMENT] = "SELECT COALESCE(payment_id, ''), public_id FROM purchase WHERE id = ?",
    [DOUBT] = "UPDATE purchase SET refund_doubts = refund_doubts + 1 WHERE id = ?",
    [DOUBTFUL] = "SELECT refund_doubts FROM purchase WHERE id = ?",
    [DOUBTS] = "SELECT public_id, payment_id, refund_doubts FROM purchase WHERE refund_doubts > 0"
               " AND refund_doubts > refund_settled AND payment_id IS NOT NULL LIMIT ?",
    [SETTLED] = "UPDATE purchase SET refund_settled = ? WHERE id = ?",
};
static const struct db_set set = {"refund", statements, sizeof statements / sizeof statements[0]};

/* What begins with a wish: the site's and the operator's alone. */
static const char *const new_statements[] = {
    "INSERT INTO refund (public_id, purchase_id, account_id, amount, credits, asked_by, reason,"
    " next_try_at, created_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
};
static const struct db_set new_set = {"new refund", new_statements, 1};

static const char *const states[] = {"asked", "sent", "done", "failed"};

int
refund_store_prepare(struct db *db, struct err *e)
{
    return db_prepare(db, &set, e);
}

int
refund_store_insert(struct db *db, struct refund *r, const char *reason, int64_t now, struct err *e)
{
    struct db_done done;
    int rc = db_prepare(db, &new_set, e);

    if (rc != ST_OK)
        return rc;
    rc = db_run(db, &new_set, 0,
                DB_ARGS(db_bytes(r->public_id.bytes, sizeof r->public_id.bytes),
                        db_int(r->purchase), db_int(r->account), db_int(r->amount),
                        db_int(r->credits), db_text(reason != NULL ? "operator" : "member"),
                        db_text(reason != NULL ? reason : ""), db_int(now), db_int(now)),
                &done, e);
    if (rc == ST_OK)
        r->id = done.insert_id;
    return rc;
}

/* The first row, or an empty record. */
static int
read_one(struct db_rows *rows, struct refund *out)
{
    *out = (struct refund){0};
    if (!db_next(rows)) {
        db_rows_free(rows);
        return ST_NOTFOUND;
    }
    out->id = db_get_int(rows, 0);
    db_get_bytes(rows, 1, out->public_id.bytes, sizeof out->public_id.bytes);
    out->purchase = db_get_int(rows, 2);
    out->account = db_get_int(rows, 3);
    out->amount = db_get_int(rows, 4);
    out->credits = db_get_int(rows, 5);
    for (int i = 0; i <= REFUND_FAILED; i++) {
        if (strcmp(db_get_text(rows, 6, NULL), states[i]) == 0)
            out->state = (enum refund_state)i;
    }
    if (!db_is_null(rows, 7))
        snprintf(out->refund_id, sizeof out->refund_id, "%s", db_get_text(rows, 7, NULL));
    out->attempts = (int)db_get_int(rows, 8);
    db_rows_free(rows);
    return ST_OK;
}

static int
find(struct db *db, int statement, const struct db_value *by, size_t count, struct refund *out,
     struct err *e)
{
    struct db_rows *rows;
    int rc = db_query(db, &set, statement, by, count, &rows, e);

    *out = (struct refund){0};
    if (rc == ST_OK && read_one(rows, out) != ST_OK)
        rc = err_set(e, ST_NOTFOUND, "There is no such refund.", NULL);
    return rc;
}

int
refund_store_newest(struct db *db, int64_t purchase, struct refund *out, struct err *e)
{
    int rc = find(db, NEWEST, DB_ARGS(db_int(purchase)), out, e);

    if (rc != ST_NOTFOUND)
        return rc;
    err_clear(e);
    return ST_OK;
}

int
refund_store_known(struct db *db, const char *refund_id, const struct id *public_id,
                   struct refund *out, struct err *e)
{
    return find(db, KNOWN,
                DB_ARGS(db_text(refund_id), db_bytes(public_id->bytes, sizeof public_id->bytes)),
                out, e);
}

int
refund_store_find(struct db *db, int64_t id, struct refund *out, struct err *e)
{
    return find(db, FIND, DB_ARGS(db_int(id)), out, e);
}

int
refund_store_lock(struct db *db, int64_t id, struct refund *out, struct err *e)
{
    return find(db, LOCK, DB_ARGS(db_int(id)), out, e);
}

int
refund_store_state(struct db *db, int64_t id, enum refund_state state, int64_t now, struct err *e)
{
    return db_run(db, &set, STATE, DB_ARGS(db_text(states[state]), db_int(now), db_int(id)), NULL,
                  e);
}

int
refund_store_sent(struct db *db, int64_t id, const char *refund_id, int64_t next_try_at,
                  struct err *e)
{
    return db_run(db, &set, SENT, DB_ARGS(db_text(refund_id), db_int(next_try_at), db_int(id)),
                  NULL, e);
}

int
refund_store_name(struct db *db, int64_t id, const char *refund_id, struct err *e)
{
    return db_run(db, &set, NAME, DB_ARGS(db_text(refund_id), db_int(id)), NULL, e);
}

int
refund_store_later(struct db *db, int64_t id, int64_t next_try_at, struct err *e)
{
    return db_run(db, &set, LATER, DB_ARGS(db_int(next_try_at), db_int(id)), NULL, e);
}

int
refund_store_due(struct db *db, int64_t now, int64_t *ids, int max, int *count, struct err *e)
{
    struct db_rows *rows;
    int rc = db_query(db, &set, DUE, DB_ARGS(db_int(now), db_int(max)), &rows, e);

    *count = 0;
    if (rc != ST_OK)
        return rc;
    while (*count < max && db_next(rows))
        ids[(*count)++] = db_get_int(rows, 0);
    db_rows_free(rows);
    return ST_OK;
}

int
refund_store_payment(struct db *db, int64_t purchase, char payment[256], struct id *public_id,
                     struct err *e)
{
    struct db_rows *rows;
    int rc = db_query(db, &set, PAYMENT, DB_ARGS(db_int(purchase)), &rows, e);

    payment[0] = '\0';
    if (rc != ST_OK)
        return rc;
    if (db_next(rows)) {
        snprintf(payment, 256, "%s", db_get_text(rows, 0, NULL));
        db_get_bytes(rows, 1, public_id->bytes, sizeof public_id->bytes);
    }
    db_rows_free(rows);
    return ST_OK;
}

int
refund_store_doubt(struct db *db, int64_t purchase, struct err *e)
{
    return db_run(db, &set, DOUBT, DB_ARGS(db_int(purchase)), NULL, e);
}

int
refund_store_doubtful(struct db *db, int64_t purchase, int64_t *doubts, struct err *e)
{
    struct db_rows *rows;
    int rc = db_query(db, &set, DOUBTFUL, DB_ARGS(db_int(purchase)), &rows, e);

    *doubts = 0;
    if (rc != ST_OK)
        return rc;
    if (db_next(rows))
        *doubts = db_get_int(rows, 0);
    db_rows_free(rows);
    return ST_OK;
}

int
refund_store_doubts(struct db *db, struct refund_doubt *out, int max, int *count, struct err *e)
{
    struct db_rows *rows;
    int rc = db_query(db, &set, DOUBTS, DB_ARGS(db_int(max)), &rows, e);

    *count = 0;
    if (rc != ST_OK)
        return rc;
    while (*count < max && db_next(rows)) {
        struct refund_doubt *d = &out[(*count)++];

        db_get_bytes(rows, 0, d->purchase.bytes, sizeof d->purchase.bytes);
        snprintf(d->payment, sizeof d->payment, "%s", db_get_text(rows, 1, NULL));
        d->doubts = db_get_int(rows, 2);
    }
    db_rows_free(rows);
    return ST_OK;
}

int
refund_store_settled(struct db *db, int64_t purchase, int64_t doubts, struct err *e)
{
    return db_run(db, &set, SETTLED, DB_ARGS(db_int(doubts), db_int(purchase)), NULL, e);
}
