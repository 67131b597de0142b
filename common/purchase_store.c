/*
 * SQL of purchases and of the processor's events; see purchase_store.h. Knows no rules.
 */
#include "common/purchase_store.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/db.h"
#include "common/err.h"

#define COLUMNS                                                                                    \
    "SELECT id, public_id, account_id, plan_name, credits, amount, currency, state, live,"         \
    " session_id, receipt, refunded_amount, refunded_credits, disputed_credits, dispute,"          \
    " created_at, paid_at, expires_at, expired_credits, refund_days FROM purchase "

enum {
    BY_KEY,
    BY_OWNER,
    BY_ID,
    BY_PAYMENT,
    LIST,
    ATTACH,
    STATE,
    NUMBER_UP,
    NUMBER,
    PAY,
    REFUND,
    DISPUTE,
    ADDRESS,
    EVENT_LOCK,
    EVENT_END,
    EVENT_FAILED,
    EVENT_ATTEMPTS,
    EVENTS_DUE,
    EVENT_AGAIN,
    EVENT_LIST,
};

static const char *const statements[] = {
    [BY_KEY] = COLUMNS "WHERE account_id = ? AND submit_key = ?",
    [BY_OWNER] = COLUMNS "WHERE account_id = ? AND public_id = ?",
    [BY_ID] = COLUMNS "WHERE public_id = ? FOR UPDATE",
    [BY_PAYMENT] = COLUMNS "WHERE payment_id = ? FOR UPDATE",
    [LIST] = COLUMNS "WHERE account_id = ? AND state = 'paid' ORDER BY id DESC LIMIT ?",
    [ATTACH] = "UPDATE purchase SET session_id = ? WHERE id = ?",
    [STATE] = "UPDATE purchase SET state = ? WHERE id = ? AND state IN ('open', 'waiting')",
    [NUMBER_UP] = "UPDATE receipt_number SET last = last + 1 WHERE one = 1",
    [NUMBER] = "SELECT last FROM receipt_number WHERE one = 1",
    [PAY] = "UPDATE purchase SET state = 'paid', payment_id = ?, receipt = ?, paid_at = ?"
            " WHERE id = ? AND state <> 'paid'",
    [REFUND] = "UPDATE purchase SET refunded_amount = ?, refunded_credits = ? WHERE id = ?",
    [DISPUTE] = "UPDATE purchase SET dispute = ?, disputed_credits = ? WHERE id = ?",
    [ADDRESS] =
        "SELECT email, display_name, language FROM account WHERE id = ? AND state = 'active'",
    [EVENT_LOCK] = "SELECT type, body, state FROM processor_event WHERE id = ? FOR UPDATE",
    [EVENT_END] = "UPDATE processor_event SET state = ?, error = NULL, attempts = attempts + 1"
                  " WHERE id = ?",
    [EVENT_FAILED] = "UPDATE processor_event SET state = 'failed', error = ?, next_try_at = ?,"
                     " attempts = attempts + 1 WHERE id = ? AND state IN ('new', 'failed')",
    [EVENT_ATTEMPTS] = "SELECT attempts FROM processor_event WHERE id = ?",
    [EVENTS_DUE] = "SELECT id FROM processor_event WHERE state IN ('new', 'failed')"
                   " AND next_try_at <= ? ORDER BY next_try_at LIMIT ?",
    [EVENT_AGAIN] = "UPDATE processor_event SET state = 'new', next_try_at = ? WHERE id = ?",
    [EVENT_LIST] = "SELECT id, type, state, COALESCE(error, ''), attempts, received_at"
                   " FROM processor_event WHERE ? = '' OR state = ?"
                   " ORDER BY received_at DESC LIMIT ?",
};
static const struct db_set set = {"purchase", statements, sizeof statements / sizeof statements[0]};

/* What begins with a visitor or a message: the site's alone. The steward has no right to it. */
enum { INSERT, EVENT };

static const char *const new_statements[] = {
    [INSERT] = "INSERT INTO purchase (public_id, account_id, plan, plan_name, credits, amount,"
               " currency, live, submit_key, created_at, refund_days)"
               " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
    [EVENT] = "INSERT INTO processor_event (id, type, next_try_at, body, received_at)"
              " VALUES (?, ?, ?, ?, ?)",
};
static const struct db_set new_set = {"new purchase", new_statements,
                                      sizeof new_statements / sizeof new_statements[0]};

static const char *const states[] = {"open", "waiting", "paid", "failed", "expired"};

int
purchase_store_prepare(struct db *db, struct err *e)
{
    return db_prepare(db, &set, e);
}

static struct db_value
db_id(const struct id *id)
{
    return db_bytes(id->bytes, sizeof id->bytes);
}

static void
copy(const struct db_rows *rows, unsigned column, char *out, size_t size)
{
    const char *text = db_is_null(rows, column) ? "" : db_get_text(rows, column, NULL);

    snprintf(out, size, "%s", text);
}

static void
read_row(const struct db_rows *rows, struct purchase *out)
{
    *out = (struct purchase){0};
    out->id = db_get_int(rows, 0);
    db_get_bytes(rows, 1, out->public_id.bytes, sizeof out->public_id.bytes);
    out->account = db_get_int(rows, 2);
    copy(rows, 3, out->plan_name, sizeof out->plan_name);
    out->credits = db_get_int(rows, 4);
    out->amount = db_get_int(rows, 5);
    copy(rows, 6, out->currency, sizeof out->currency);
    for (int i = 0; i <= PURCHASE_EXPIRED; i++) {
        if (strcmp(db_get_text(rows, 7, NULL), states[i]) == 0)
            out->state = (enum purchase_state)i;
    }
    out->live = db_get_int(rows, 8) != 0;
    copy(rows, 9, out->session, sizeof out->session);
    out->receipt = db_get_int(rows, 10);
    out->refunded_amount = db_get_int(rows, 11);
    out->refunded_credits = db_get_int(rows, 12);
    out->disputed_credits = db_get_int(rows, 13);
    out->disputed = strcmp(db_get_text(rows, 14, NULL), "open") == 0;
    out->lost_dispute = strcmp(db_get_text(rows, 14, NULL), "lost") == 0;
    out->settled_dispute = !out->disputed && strcmp(db_get_text(rows, 14, NULL), "none") != 0;
    out->created_at = db_get_int(rows, 15);
    out->paid_at = db_get_int(rows, 16);
    out->expires_at = db_get_int(rows, 17);
    out->expired = !db_is_null(rows, 18);
    out->expired_credits = db_get_int(rows, 18);
    out->refund_days = db_is_null(rows, 19) ? -1 : db_get_int(rows, 19);
}

/* --- purchases --- */

int
purchase_store_insert(struct db *db, const struct purchase_new *n, struct err *e)
{
    int rc = db_prepare(db, &new_set, e);

    if (rc != ST_OK)
        return rc;
    return db_run(db, &new_set, INSERT,
                  DB_ARGS(db_id(&n->public_id), db_int(n->account), db_text(n->plan),
                          db_text(n->name), db_int(n->credits), db_int(n->amount),
                          db_text(n->currency), db_int(n->live), db_id(&n->submit_key),
                          db_int(n->now), n->refund_days >= 0 ? db_int(n->refund_days) : db_null()),
                  NULL, e);
}

int
purchase_store_find(struct db *db, enum purchase_by by, int64_t account, const struct id *id,
                    const char *text, struct purchase *out, struct err *e)
{
    struct db_rows *rows;
    int rc;

    *out = (struct purchase){0};
    if (by == PURCHASE_BY_PAYMENT)
        rc = db_query(db, &set, BY_PAYMENT, DB_ARGS(db_text(text)), &rows, e);
    else if (by == PURCHASE_BY_ID)
        rc = db_query(db, &set, BY_ID, DB_ARGS(db_id(id)), &rows, e);
    else
        rc = db_query(db, &set, by == PURCHASE_BY_KEY ? BY_KEY : BY_OWNER,
                      DB_ARGS(db_int(account), db_id(id)), &rows, e);
    if (rc != ST_OK)
        return rc;
    if (db_next(rows))
        read_row(rows, out);
    else
        rc = err_set(e, ST_NOTFOUND, "There is no such purchase.", NULL);
    db_rows_free(rows);
    return rc;
}

int
purchase_store_list(struct db *db, int64_t account, struct purchase *out, int max, int *count,
                    struct err *e)
{
    struct db_rows *rows;
    int rc;

    *count = 0;
    if ((rc = db_query(db, &set, LIST, DB_ARGS(db_int(account), db_int(max)), &rows, e)) != ST_OK)
        return rc;
    while (*count < max && db_next(rows))
        read_row(rows, &out[(*count)++]);
    db_rows_free(rows);
    return ST_OK;
}

int
purchase_store_attach(struct db *db, int64_t id, const char *session, struct err *e)
{
    return db_run(db, &set, ATTACH, DB_ARGS(db_text(session), db_int(id)), NULL, e);
}

int
purchase_store_state(struct db *db, int64_t id, const char *state, struct err *e)
{
    return db_run(db, &set, STATE, DB_ARGS(db_text(state), db_int(id)), NULL, e);
}

int
purchase_store_pay(struct db *db, int64_t id, const char *payment, int64_t now, int64_t *receipt,
                   struct err *e)
{
    struct db_rows *rows;
    int rc = db_run(db, &set, NUMBER_UP, NULL, 0, NULL, e);

    *receipt = 0;
    if (rc != ST_OK || (rc = db_query(db, &set, NUMBER, NULL, 0, &rows, e)) != ST_OK)
        return rc;
    if (db_next(rows))
        *receipt = db_get_int(rows, 0);
    db_rows_free(rows);
    return db_run(db, &set, PAY,
                  DB_ARGS(payment[0] != '\0' ? db_text(payment) : db_null(), db_int(*receipt),
                          db_int(now), db_int(id)),
                  NULL, e);
}

int
purchase_store_refund(struct db *db, int64_t id, int64_t amount, int64_t credits, struct err *e)
{
    return db_run(db, &set, REFUND, DB_ARGS(db_int(amount), db_int(credits), db_int(id)), NULL, e);
}

int
purchase_store_dispute(struct db *db, int64_t id, const char *state, int64_t credits, struct err *e)
{
    return db_run(db, &set, DISPUTE, DB_ARGS(db_text(state), db_int(credits), db_int(id)), NULL, e);
}

int
purchase_store_address(struct db *db, int64_t account, char email[256], char name[321],
                       char language[LANGUAGE_TAG], struct err *e)
{
    struct db_rows *rows;
    int rc = db_query(db, &set, ADDRESS, DB_ARGS(db_int(account)), &rows, e);

    email[0] = name[0] = language[0] = '\0';
    if (rc != ST_OK)
        return rc;
    if (db_next(rows)) {
        copy(rows, 0, email, 256);
        copy(rows, 1, name, 321);
        copy(rows, 2, language, LANGUAGE_TAG);
    }
    db_rows_free(rows);
    return ST_OK;
}

/* --- events --- */

int
purchase_store_event(struct db *db, const char *id, const char *type, const char *body, size_t len,
                     int64_t now, struct err *e)
{
    int rc = db_prepare(db, &new_set, e);

    if (rc != ST_OK)
        return rc;
    return db_run(
        db, &new_set, EVENT,
        DB_ARGS(db_text(id), db_text(type), db_int(now), db_bytes(body, len), db_int(now)), NULL,
        e);
}

int
purchase_store_event_lock(struct db *db, const char *id, char type[101], char **body, size_t *len,
                          bool *todo, struct err *e)
{
    struct db_rows *rows;
    const char *text, *state;
    int rc;

    *body = NULL;
    *todo = false;
    if ((rc = db_query(db, &set, EVENT_LOCK, DB_ARGS(db_text(id)), &rows, e)) != ST_OK)
        return rc;
    if (!db_next(rows)) {
        rc = err_set(e, ST_NOTFOUND, "There is no such event.", NULL);
        goto out;
    }
    copy(rows, 0, type, 101);
    text = db_get_text(rows, 1, len);
    state = db_get_text(rows, 2, NULL);
    *todo = strcmp(state, "new") == 0 || strcmp(state, "failed") == 0;
    if ((*body = malloc(*len + 1)) == NULL)
        rc = err_set(e, ST_NOMEM, "Out of memory.", "event");
    else
        memcpy(*body, text, *len + 1);
out:
    db_rows_free(rows);
    return rc;
}

int
purchase_store_event_end(struct db *db, const char *id, const char *state, struct err *e)
{
    return db_run(db, &set, EVENT_END, DB_ARGS(db_text(state), db_text(id)), NULL, e);
}

int
purchase_store_event_failed(struct db *db, const char *id, const char *why, int64_t next_try_at,
                            struct err *e)
{
    return db_run(db, &set, EVENT_FAILED, DB_ARGS(db_text(why), db_int(next_try_at), db_text(id)),
                  NULL, e);
}

int
purchase_store_event_attempts(struct db *db, const char *id, int *attempts, struct err *e)
{
    struct db_rows *rows;
    int rc = db_query(db, &set, EVENT_ATTEMPTS, DB_ARGS(db_text(id)), &rows, e);

    *attempts = 0;
    if (rc != ST_OK)
        return rc;
    if (db_next(rows))
        *attempts = (int)db_get_int(rows, 0);
    db_rows_free(rows);
    return ST_OK;
}

int
purchase_store_events_due(struct db *db, int64_t now, char (*ids)[256], int max, int *count,
                          struct err *e)
{
    struct db_rows *rows;
    int rc;

    *count = 0;
    if ((rc = db_query(db, &set, EVENTS_DUE, DB_ARGS(db_int(now), db_int(max)), &rows, e)) != ST_OK)
        return rc;
    while (*count < max && db_next(rows))
        copy(rows, 0, ids[(*count)++], 256);
    db_rows_free(rows);
    return ST_OK;
}

int
purchase_store_event_again(struct db *db, const char *id, int64_t now, int64_t *changed,
                           struct err *e)
{
    struct db_done done;
    int rc = db_run(db, &set, EVENT_AGAIN, DB_ARGS(db_int(now), db_text(id)), &done, e);

    *changed = done.affected;
    return rc;
}

int
purchase_store_event_list(struct db *db, const char *state, struct purchase_event *out, int max,
                          int *count, struct err *e)
{
    struct db_rows *rows;
    int rc;

    *count = 0;
    rc = db_query(db, &set, EVENT_LIST, DB_ARGS(db_text(state), db_text(state), db_int(max)), &rows,
                  e);
    if (rc != ST_OK)
        return rc;
    for (; *count < max && db_next(rows); (*count)++) {
        struct purchase_event *one = &out[*count];

        copy(rows, 0, one->id, sizeof one->id);
        copy(rows, 1, one->type, sizeof one->type);
        copy(rows, 2, one->state, sizeof one->state);
        copy(rows, 3, one->error, sizeof one->error);
        one->attempts = (int)db_get_int(rows, 4);
        one->received_at = db_get_int(rows, 5);
    }
    db_rows_free(rows);
    return ST_OK;
}
