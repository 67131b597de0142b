/*
 * All SQL of reconciliation; see reconcile_store.h.
 */
#include "common/reconcile_store.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/db.h"
#include "common/err.h"

#define COLUMNS                                                                                    \
    "SELECT p.id, p.amount, p.refunded_amount, p.credits, COALESCE(e.amount, 0), p.paid_at,"       \
    " COALESCE(p.payment_id, ''), COALESCE(p.session_id, ''), p.dispute IN ('open', 'lost')"       \
    " FROM purchase p LEFT JOIN ledger_transfer t"                                                 \
    " ON t.idempotency_key = CONVERT(CONCAT('purchase:', p.id, ':paid') USING ascii)"              \
    " LEFT JOIN ledger_entry e ON e.transfer_id = t.id AND e.book = 'available'"                   \
    " WHERE p.state = 'paid' AND "

#define REFUND_COLUMNS                                                                             \
    "SELECT purchase_id, IF(state = 'done', amount, 0), created_at,"                               \
    " COALESCE(ended_at, created_at), COALESCE(refund_id, '') FROM refund WHERE "

enum { PURCHASES, FIND, REFUNDS, REFUND, NEWEST, LIST };

static const char *const statements[] = {
    [PURCHASES] = COLUMNS "p.paid_at >= ? ORDER BY p.payment_id",
    [FIND] = COLUMNS "((? <> '' AND p.payment_id = ?) OR (? <> '' AND p.session_id = ?)) LIMIT 1",
    [REFUNDS] = REFUND_COLUMNS "created_at >= ? AND state IN ('sent', 'done', 'failed')",
    [REFUND] = REFUND_COLUMNS "refund_id = ?",
    [NEWEST] = "SELECT id, since, ran_at, sessions, charges, refunds, purchases, differences"
               " FROM reconcile_run ORDER BY id DESC LIMIT 1",
    [LIST] = "SELECT d.kind, d.object, d.purchase_id, d.ours, d.theirs, p.public_id"
             " FROM reconcile_difference d LEFT JOIN purchase p ON p.id = d.purchase_id"
             " WHERE d.run_id = ? ORDER BY d.id LIMIT ?",
};
static const struct db_set set = {"reconcile", statements,
                                  sizeof statements / sizeof statements[0]};

/* The report's own: the steward's and the operator's alone. */
enum { RUN, DIFFERENCE };

static const char *const new_statements[] = {
    [RUN] = "INSERT INTO reconcile_run (since, ran_at, sessions, charges, refunds, purchases,"
            " differences) VALUES (?, ?, ?, ?, ?, ?, ?)",
    [DIFFERENCE] = "INSERT INTO reconcile_difference (run_id, kind, object, purchase_id, ours,"
                   " theirs) VALUES (?, ?, ?, ?, ?, ?)",
};
static const struct db_set new_set = {"new reconcile", new_statements, 2};

static const char *const kinds[DIFFERENCE_KINDS] = {
    [DIFFERENCE_NOT_CREDITED] = "not_credited",
    [DIFFERENCE_NOT_PAID] = "not_paid",
    [DIFFERENCE_AMOUNT] = "amount",
    [DIFFERENCE_REFUNDED] = "refunded",
    [DIFFERENCE_DISPUTED] = "disputed",
    [DIFFERENCE_UNKNOWN] = "unknown_payment",
    [DIFFERENCE_LEDGER] = "ledger",
    [DIFFERENCE_REFUND] = "refund",
};

int
reconcile_store_prepare(struct db *db, struct err *e)
{
    return db_prepare(db, &set, e);
}

static void
read_purchase(const struct db_rows *rows, struct reconcile_purchase *out)
{
    *out = (struct reconcile_purchase){0};
    out->id = db_get_int(rows, 0);
    out->amount = db_get_int(rows, 1);
    out->refunded = db_get_int(rows, 2);
    out->credits = db_get_int(rows, 3);
    out->sold = db_get_int(rows, 4);
    out->paid_at = db_get_int(rows, 5);
    snprintf(out->payment, sizeof out->payment, "%s", db_get_text(rows, 6, NULL));
    snprintf(out->session, sizeof out->session, "%s", db_get_text(rows, 7, NULL));
    out->disputed = db_get_int(rows, 8) != 0;
}

/* All rows since then on the heap; there is one more place than rows, so that none is no error. */
static int
since_then(struct db *db, int statement, int64_t since, size_t size, struct db_rows **rows,
           void **out, struct err *e)
{
    int rc = db_query(db, &set, statement, DB_ARGS(db_int(since)), rows, e);

    *out = NULL;
    if (rc == ST_OK && (*out = calloc(db_count(*rows) + 1, size)) == NULL) {
        db_rows_free(*rows);
        rc = err_set(e, ST_NOMEM, "Out of memory.", "reconcile");
    }
    return rc;
}

int
reconcile_store_purchases(struct db *db, int64_t since, struct reconcile_purchase **out,
                          size_t *count, struct err *e)
{
    struct db_rows *rows;
    void *list;
    int rc = since_then(db, PURCHASES, since, sizeof **out, &rows, &list, e);

    *out = list;
    *count = 0;
    if (rc != ST_OK)
        return rc;
    while (db_next(rows))
        read_purchase(rows, &(*out)[(*count)++]);
    db_rows_free(rows);
    return ST_OK;
}

int
reconcile_store_find(struct db *db, const char *payment, const char *session,
                     struct reconcile_purchase *out, struct err *e)
{
    struct db_rows *rows;
    int rc = db_query(
        db, &set, FIND,
        DB_ARGS(db_text(payment), db_text(payment), db_text(session), db_text(session)), &rows, e);

    *out = (struct reconcile_purchase){0};
    if (rc != ST_OK)
        return rc;
    if (db_next(rows))
        read_purchase(rows, out);
    db_rows_free(rows);
    return ST_OK;
}

static void
read_refund(const struct db_rows *rows, struct reconcile_refund *out)
{
    *out = (struct reconcile_refund){.purchase = db_get_int(rows, 0),
                                     .amount = db_get_int(rows, 1),
                                     .created_at = db_get_int(rows, 2),
                                     .moved_at = db_get_int(rows, 3)};
    snprintf(out->object, sizeof out->object, "%s", db_get_text(rows, 4, NULL));
}

int
reconcile_store_refunds(struct db *db, int64_t since, struct reconcile_refund **out, size_t *count,
                        struct err *e)
{
    struct db_rows *rows;
    void *list;
    int rc = since_then(db, REFUNDS, since, sizeof **out, &rows, &list, e);

    *out = list;
    *count = 0;
    if (rc != ST_OK)
        return rc;
    while (db_next(rows))
        read_refund(rows, &(*out)[(*count)++]);
    db_rows_free(rows);
    return ST_OK;
}

int
reconcile_store_refund(struct db *db, const char *object, struct reconcile_refund *out,
                       struct err *e)
{
    struct db_rows *rows;
    int rc = db_query(db, &set, REFUND, DB_ARGS(db_text(object)), &rows, e);

    *out = (struct reconcile_refund){0};
    if (rc != ST_OK)
        return rc;
    if (db_next(rows))
        read_refund(rows, out);
    db_rows_free(rows);
    return ST_OK;
}

int
reconcile_store_write(struct db *db, struct reconcile_report *r, const struct difference *list,
                      struct err *e)
{
    struct db_done done;
    int rc = db_prepare(db, &new_set, e);

    if (rc == ST_OK)
        rc = db_run(db, &new_set, RUN,
                    DB_ARGS(db_int(r->since), db_int(r->ran_at), db_int(r->sessions),
                            db_int(r->charges), db_int(r->refunds), db_int(r->purchases),
                            db_int(r->differences)),
                    &done, e);

    r->run = rc == ST_OK ? done.insert_id : 0;
    for (int i = 0; i < r->differences && rc == ST_OK; i++) {
        const struct difference *d = &list[i];

        rc = db_run(db, &new_set, DIFFERENCE,
                    DB_ARGS(db_int(r->run), db_text(kinds[d->kind]), db_text(d->object),
                            d->purchase != 0 ? db_int(d->purchase) : db_null(), db_int(d->ours),
                            db_int(d->theirs)),
                    NULL, e);
    }
    return rc;
}

int
reconcile_store_newest(struct db *db, struct reconcile_report *out, struct err *e)
{
    struct db_rows *rows;
    int rc = db_query(db, &set, NEWEST, NULL, 0, &rows, e);

    *out = (struct reconcile_report){0};
    if (rc != ST_OK)
        return rc;
    if (db_next(rows)) {
        out->run = db_get_int(rows, 0);
        out->since = db_get_int(rows, 1);
        out->ran_at = db_get_int(rows, 2);
        out->sessions = (int)db_get_int(rows, 3);
        out->charges = (int)db_get_int(rows, 4);
        out->refunds = (int)db_get_int(rows, 5);
        out->purchases = (int)db_get_int(rows, 6);
        out->differences = (int)db_get_int(rows, 7);
    }
    db_rows_free(rows);
    return ST_OK;
}

int
reconcile_store_list(struct db *db, int64_t run, struct difference *out, int max, int *count,
                     struct err *e)
{
    struct db_rows *rows;
    int rc = db_query(db, &set, LIST, DB_ARGS(db_int(run), db_int(max)), &rows, e);

    *count = 0;
    if (rc != ST_OK)
        return rc;
    while (*count < max && db_next(rows)) {
        struct difference *d = &out[(*count)++];

        *d = (struct difference){0};
        for (int i = 0; i < DIFFERENCE_KINDS; i++) {
            if (strcmp(db_get_text(rows, 0, NULL), kinds[i]) == 0)
                d->kind = (enum difference_kind)i;
        }
        snprintf(d->object, sizeof d->object, "%s", db_get_text(rows, 1, NULL));
        d->purchase = db_get_int(rows, 2);
        d->ours = db_get_int(rows, 3);
        d->theirs = db_get_int(rows, 4);
        if (!db_is_null(rows, 5))
            db_get_bytes(rows, 5, d->order.bytes, sizeof d->order.bytes);
    }
    db_rows_free(rows);
    return ST_OK;
}
