/*
 * SQL of subscriptions and of their months; see subscription_store.h. Knows no rules.
 */
#include "common/subscription_store.h"

#include <stdio.h>
#include <string.h>

#include "common/db.h"
#include "common/err.h"

#define COLUMNS                                                                                    \
    "SELECT id, public_id, account_id, plan, plan_name, credits, amount, currency, expires, live," \
    " state, ends, period_end, session_id, processor_id, told_at, unsure, refund_days, price,"     \
    " next_price"                                                                                  \
    " FROM subscription "
#define GOES_ON "state IN ('active', 'past_due')"

enum {
    BY_KEY,
    BY_OWNER,
    BY_ID,
    LIST,
    SILENT,
    GOING,
    ATTACH,
    SAVE,
    TERMS,
    HAS_MONTH,
    DUE,
    SPENT,
};

static const char *const statements[] = {
    [BY_KEY] = COLUMNS "WHERE account_id = ? AND submit_key = ?",
    [BY_OWNER] = COLUMNS "WHERE account_id = ? AND public_id = ?",
    [BY_ID] = COLUMNS "WHERE public_id = ? FOR UPDATE",
    [LIST] = COLUMNS "WHERE account_id = ? AND period_end IS NOT NULL"
                     " ORDER BY state = 'ended', id DESC LIMIT ?",
    [SILENT] = COLUMNS "WHERE state IN ('active', 'past_due')"
                       " AND (unsure = 1 OR (state = 'active' AND period_end < ?))"
                       " ORDER BY period_end LIMIT ?",
    [GOING] = "SELECT COUNT(*) FROM subscription WHERE account_id = ? AND " GOES_ON,
    [ATTACH] = "UPDATE subscription SET session_id = ? WHERE id = ?",
    [SAVE] = "UPDATE subscription SET state = ?, ends = ?, period_end = ?, processor_id = ?,"
             " told_at = ?, unsure = ?, plan = ?, plan_name = ?, credits = ?, amount = ?,"
             " expires = ?, refund_days = ?, price = ?, next_price = ? WHERE id = ?",
    [TERMS] = "SELECT price, plan, plan_name, credits, amount, expires, refund_days"
              " FROM subscription_terms WHERE subscription_id = ? AND price = ?"
              " ORDER BY id DESC LIMIT 1",
    [HAS_MONTH] = "SELECT 1 FROM purchase WHERE invoice_id = ?",
    [DUE] = "SELECT public_id FROM purchase WHERE expired_credits IS NULL AND expires_at <= ?"
            " AND state = 'paid' ORDER BY expires_at LIMIT ?",
    /* Holds for jobs since the purchase's own movement, without those that came back. */
    [SPENT] = "SELECT COALESCE(SUM(e.amount), 0) FROM ledger_transfer t"
              " JOIN ledger_entry e ON e.transfer_id = t.id AND e.book = 'held'"
              " WHERE t.account_id = ? AND t.cause = 'hold' AND t.job_id IS NOT NULL AND t.id > "
              "(SELECT p.id"
              "  FROM ledger_transfer p WHERE p.idempotency_key = ?)"
              " AND NOT EXISTS (SELECT 1 FROM ledger_transfer r"
              "  WHERE r.job_id = t.job_id AND r.cause = 'release')",
};
static const struct db_set set = {"subscription", statements,
                                  sizeof statements / sizeof statements[0]};

/* What only some programs may do, prepared when it is needed. A subscription begins with a visitor;
 * credits expire by the steward's hand. */
enum { INSERT, OFFER };
enum { MONTH };
enum { EXPIRED };

static const char *const new_statements[] = {
    [INSERT] = "INSERT INTO subscription (public_id, account_id, plan, plan_name, credits, amount,"
               " currency, expires, live, submit_key, created_at, refund_days, price)"
               " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
    [OFFER] = "INSERT INTO subscription_terms (subscription_id, price, plan, plan_name, credits,"
              " amount, expires, refund_days, offered_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
};
static const struct db_set new_set = {"new subscription", new_statements, 2};
static const char *const month_statements[] = {
    [MONTH] = "INSERT INTO purchase (public_id, account_id, plan, plan_name, credits, amount,"
              " currency, live, submit_key, created_at, subscription_id, invoice_id, expires_at,"
              " refund_days) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
};
static const struct db_set month_set = {"new month", month_statements, 1};
static const char *const expiry_statements[] = {
    [EXPIRED] = "UPDATE purchase SET expired_credits = ? WHERE id = ?",
};
static const struct db_set expiry_set = {"expiry", expiry_statements, 1};

static const char *const states[] = {"open", "active", "past_due", "ended", "expired"};

int
subscription_store_prepare(struct db *db, struct err *e)
{
    return db_prepare(db, &set, e);
}

static struct db_value
db_id(const struct id *id)
{
    return db_bytes(id->bytes, sizeof id->bytes);
}

static struct db_value
text_or_null(const char *s)
{
    return s[0] != '\0' ? db_text(s) : db_null();
}

static struct db_value
time_or_null(int64_t at)
{
    return at != 0 ? db_int(at) : db_null();
}

static struct db_value
days_or_null(int64_t days)
{
    return days >= 0 ? db_int(days) : db_null();
}

static void
copy(const struct db_rows *rows, unsigned column, char *out, size_t size)
{
    const char *text = db_is_null(rows, column) ? "" : db_get_text(rows, column, NULL);

    snprintf(out, size, "%s", text);
}

static void
read_row(const struct db_rows *rows, struct subscription *out)
{
    *out = (struct subscription){.id = db_get_int(rows, 0)};
    db_get_bytes(rows, 1, out->public_id.bytes, sizeof out->public_id.bytes);
    out->account = db_get_int(rows, 2);
    copy(rows, 3, out->plan, sizeof out->plan);
    copy(rows, 4, out->plan_name, sizeof out->plan_name);
    out->credits = db_get_int(rows, 5);
    out->amount = db_get_int(rows, 6);
    copy(rows, 7, out->currency, sizeof out->currency);
    out->expires = strcmp(db_get_text(rows, 8, NULL), "month") == 0;
    out->live = db_get_int(rows, 9) != 0;
    for (int i = 0; i <= SUBSCRIPTION_EXPIRED; i++) {
        if (strcmp(db_get_text(rows, 10, NULL), states[i]) == 0)
            out->state = (enum subscription_state)i;
    }
    out->ends = db_get_int(rows, 11) != 0;
    out->period_end = db_get_int(rows, 12);
    copy(rows, 13, out->session, sizeof out->session);
    copy(rows, 14, out->processor_id, sizeof out->processor_id);
    out->told_at = db_get_int(rows, 15);
    out->unsure = db_get_int(rows, 16) != 0;
    out->refund_days = db_is_null(rows, 17) ? -1 : db_get_int(rows, 17);
    copy(rows, 18, out->price, sizeof out->price);
    copy(rows, 19, out->next_price, sizeof out->next_price);
}

int
subscription_store_insert(struct db *db, const struct subscription *s, const struct id *submit_key,
                          int64_t now, struct err *e)
{
    int rc = db_prepare(db, &new_set, e);

    if (rc != ST_OK)
        return rc;
    return db_run(db, &new_set, INSERT,
                  DB_ARGS(db_id(&s->public_id), db_int(s->account), db_text(s->plan),
                          db_text(s->plan_name), db_int(s->credits), db_int(s->amount),
                          db_text(s->currency), db_text(s->expires ? "month" : "never"),
                          db_int(s->live), db_id(submit_key), db_int(now),
                          days_or_null(s->refund_days), text_or_null(s->price)),
                  NULL, e);
}

int
subscription_store_find(struct db *db, enum subscription_by by, int64_t account,
                        const struct id *id, struct subscription *out, struct err *e)
{
    struct db_rows *rows;
    int rc;

    *out = (struct subscription){0};
    if (by == SUBSCRIPTION_BY_ID)
        rc = db_query(db, &set, BY_ID, DB_ARGS(db_id(id)), &rows, e);
    else
        rc = db_query(db, &set, by == SUBSCRIPTION_BY_KEY ? BY_KEY : BY_OWNER,
                      DB_ARGS(db_int(account), db_id(id)), &rows, e);
    if (rc != ST_OK)
        return rc;
    if (db_next(rows))
        read_row(rows, out);
    else
        rc = err_set(e, ST_NOTFOUND, "There is no such monthly plan.", NULL);
    db_rows_free(rows);
    return rc;
}

static int
read_list(struct db *db, int statement, int64_t key, struct subscription *out, int max, int *count,
          struct err *e)
{
    struct db_rows *rows;
    int rc;

    *count = 0;
    if ((rc = db_query(db, &set, statement, DB_ARGS(db_int(key), db_int(max)), &rows, e)) != ST_OK)
        return rc;
    while (*count < max && db_next(rows))
        read_row(rows, &out[(*count)++]);
    db_rows_free(rows);
    return ST_OK;
}

int
subscription_store_list(struct db *db, int64_t account, struct subscription *out, int max,
                        int *count, struct err *e)
{
    return read_list(db, LIST, account, out, max, count, e);
}

int
subscription_store_silent(struct db *db, int64_t before, struct subscription *out, int max,
                          int *count, struct err *e)
{
    return read_list(db, SILENT, before, out, max, count, e);
}

/* The first column of the first row, or 0. */
static int
one_number(struct db *db, int statement, const struct db_value *args, unsigned count, int64_t *out,
           struct err *e)
{
    struct db_rows *rows;
    int rc = db_query(db, &set, statement, args, count, &rows, e);

    *out = 0;
    if (rc != ST_OK)
        return rc;
    if (db_next(rows))
        *out = db_get_int(rows, 0);
    db_rows_free(rows);
    return ST_OK;
}

int
subscription_store_going(struct db *db, int64_t account, int64_t *count, struct err *e)
{
    return one_number(db, GOING, DB_ARGS(db_int(account)), count, e);
}

int
subscription_store_attach(struct db *db, int64_t id, const char *session, struct err *e)
{
    return db_run(db, &set, ATTACH, DB_ARGS(db_text(session), db_int(id)), NULL, e);
}

int
subscription_store_save(struct db *db, const struct subscription *s, struct err *e)
{
    return db_run(db, &set, SAVE,
                  DB_ARGS(db_text(states[s->state]), db_int(s->ends), time_or_null(s->period_end),
                          text_or_null(s->processor_id), db_int(s->told_at), db_int(s->unsure),
                          db_text(s->plan), db_text(s->plan_name), db_int(s->credits),
                          db_int(s->amount), db_text(s->expires ? "month" : "never"),
                          days_or_null(s->refund_days), text_or_null(s->price),
                          text_or_null(s->next_price), db_int(s->id)),
                  NULL, e);
}

/* --- terms --- */

int
subscription_store_offer(struct db *db, int64_t subscription, const struct subscription_terms *t,
                         int64_t now, struct err *e)
{
    int rc = db_prepare(db, &new_set, e);

    if (rc != ST_OK)
        return rc;
    return db_run(db, &new_set, OFFER,
                  DB_ARGS(db_int(subscription), db_text(t->price), db_text(t->plan),
                          db_text(t->plan_name), db_int(t->credits), db_int(t->amount),
                          db_text(t->expires ? "month" : "never"), days_or_null(t->refund_days),
                          db_int(now)),
                  NULL, e);
}

int
subscription_store_terms(struct db *db, int64_t subscription, const char *price,
                         struct subscription_terms *out, struct err *e)
{
    struct db_rows *rows;
    int rc = db_query(db, &set, TERMS, DB_ARGS(db_int(subscription), db_text(price)), &rows, e);

    *out = (struct subscription_terms){0};
    if (rc != ST_OK)
        return rc;
    if (!db_next(rows)) {
        db_rows_free(rows);
        return err_set(e, ST_NOTFOUND, "There is no such monthly plan.", NULL);
    }
    copy(rows, 0, out->price, sizeof out->price);
    copy(rows, 1, out->plan, sizeof out->plan);
    copy(rows, 2, out->plan_name, sizeof out->plan_name);
    out->credits = db_get_int(rows, 3);
    out->amount = db_get_int(rows, 4);
    out->expires = strcmp(db_get_text(rows, 5, NULL), "month") == 0;
    out->refund_days = db_is_null(rows, 6) ? -1 : db_get_int(rows, 6);
    db_rows_free(rows);
    return ST_OK;
}

/* --- months --- */

int
subscription_store_month(struct db *db, const struct subscription *s,
                         const struct subscription_month *m, struct err *e)
{
    int rc = db_prepare(db, &month_set, e);

    if (rc != ST_OK)
        return rc;
    return db_run(db, &month_set, MONTH,
                  DB_ARGS(db_id(&m->public_id), db_int(s->account), db_text(s->plan),
                          db_text(s->plan_name), db_int(s->credits), db_int(s->amount),
                          db_text(s->currency), db_int(s->live), db_id(&m->submit_key),
                          db_int(m->now), db_int(s->id), db_text(m->invoice),
                          time_or_null(m->expires_at), days_or_null(s->refund_days)),
                  NULL, e);
}

int
subscription_store_has_month(struct db *db, const char *invoice, bool *has, struct err *e)
{
    int64_t found;
    int rc = one_number(db, HAS_MONTH, DB_ARGS(db_text(invoice)), &found, e);

    *has = found != 0;
    return rc;
}

int
subscription_store_due(struct db *db, int64_t now, struct id *out, int max, int *count,
                       struct err *e)
{
    struct db_rows *rows;
    int rc = db_query(db, &set, DUE, DB_ARGS(db_int(now), db_int(max)), &rows, e);

    *count = 0;
    if (rc != ST_OK)
        return rc;
    while (*count < max && db_next(rows)) {
        db_get_bytes(rows, 0, out[*count].bytes, sizeof out[*count].bytes);
        (*count)++;
    }
    db_rows_free(rows);
    return ST_OK;
}

int
subscription_store_spent(struct db *db, int64_t account, const char *key, int64_t *spent,
                         struct err *e)
{
    return one_number(db, SPENT, DB_ARGS(db_int(account), db_text(key)), spent, e);
}

int
subscription_store_expired(struct db *db, int64_t purchase, int64_t credits, struct err *e)
{
    int rc = db_prepare(db, &expiry_set, e);

    if (rc != ST_OK)
        return rc;
    return db_run(db, &expiry_set, EXPIRED, DB_ARGS(db_int(credits), db_int(purchase)), NULL, e);
}
