/*
 * All SQL of the audit log; see audit_store.h. Rows are inserted and read, never changed: the
 * grants of sql/grants.sql refuse anything else.
 */
#include "common/audit_store.h"

#include <stdio.h>
#include <string.h>

#include "common/db.h"
#include "common/err.h"

enum { LOCK, HEAD, ADD, MOVE, LIST, WALK };

static const char *const statements[] = {
    [LOCK] = "SELECT last_id, created_at, hash FROM audit_head WHERE one = 1 FOR UPDATE",
    [HEAD] = "SELECT last_id, created_at, hash FROM audit_head WHERE one = 1",
    [ADD] = "INSERT INTO audit_event (id, created_at, salt, staff_id, action, subject_kind,"
            " subject_id, reason, content_hash, previous, hash)"
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
    [MOVE] = "UPDATE audit_head SET last_id = ?, created_at = ?, hash = ? WHERE one = 1",
    [LIST] = "SELECT v.id, v.created_at, v.salt IS NULL, v.staff_id, a.display_name, v.action,"
             " v.subject_kind, v.subject_id, v.reason"
             " FROM audit_event v LEFT JOIN account a ON a.id = v.staff_id"
             " WHERE v.id < ? AND (? = 0 OR v.staff_id = ?) AND (? = '' OR v.action = ?)"
             " AND (? = '' OR v.subject_id = ?) ORDER BY v.id DESC LIMIT ?",
    [WALK] = "SELECT id, created_at, salt, staff_id, action, subject_kind, subject_id, reason,"
             " content_hash, previous, hash FROM audit_event WHERE id > ? AND id <= ?"
             " ORDER BY id LIMIT ?",
};
static const struct db_set SET = {"audit", statements, sizeof statements / sizeof statements[0]};

int
audit_store_prepare(struct db *db, struct err *e)
{
    return db_prepare(db, &SET, e);
}

static int
head(struct db *db, int statement, struct audit_head *out, struct err *e)
{
    struct db_rows *rows = NULL;
    int rc;

    *out = (struct audit_head){0};
    if ((rc = db_query(db, &SET, statement, DB_NO_ARGS, &rows, e)) != ST_OK)
        return rc;
    if (db_next(rows)) {
        out->last = db_get_int(rows, 0);
        out->at = db_get_int(rows, 1);
        db_get_bytes(rows, 2, out->hash, sizeof out->hash);
    } else {
        rc = err_set(e, ST_DB, "The audit log is damaged.", "audit_head has no row");
    }
    db_rows_free(rows);
    return rc;
}

int
audit_store_lock(struct db *db, struct audit_head *out, struct err *e)
{
    return head(db, LOCK, out, e);
}

int
audit_store_head(struct db *db, struct audit_head *out, struct err *e)
{
    return head(db, HEAD, out, e);
}

int
audit_store_add(struct db *db, const struct audit_stored *r, struct err *e)
{
    int rc = db_run(
        db, &SET, ADD,
        DB_ARGS(db_int(r->id), db_int(r->at), db_bytes(r->salt, sizeof r->salt), db_int(r->staff),
                db_text(r->action), db_text(r->kind), db_text(r->subject), db_text(r->reason),
                db_bytes(r->content, sizeof r->content), db_bytes(r->previous, sizeof r->previous),
                db_bytes(r->hash, sizeof r->hash)),
        NULL, e);

    if (rc == ST_OK)
        rc = db_run(db, &SET, MOVE,
                    DB_ARGS(db_int(r->id), db_int(r->at), db_bytes(r->hash, sizeof r->hash)), NULL,
                    e);
    return rc;
}

int
audit_store_list(struct db *db, const struct audit_filter *f, struct audit_row *out, size_t max,
                 size_t *count, struct err *e)
{
    const char *action = f->action != NULL ? f->action : "";
    const char *subject = f->subject != NULL ? f->subject : "";
    struct db_rows *rows = NULL;
    int rc;

    *count = 0;
    rc = db_query(db, &SET, LIST,
                  DB_ARGS(db_int(f->before > 0 ? f->before : INT64_MAX), db_int(f->staff),
                          db_int(f->staff), db_text(action), db_text(action), db_text(subject),
                          db_text(subject), db_int((int64_t)max)),
                  &rows, e);
    while (rc == ST_OK && *count < max && db_next(rows)) {
        struct audit_row *r = &out[(*count)++];

        r->id = db_get_int(rows, 0);
        r->at = db_get_int(rows, 1);
        r->emptied = db_get_int(rows, 2) != 0;
        r->staff = db_get_int(rows, 3);
        snprintf(r->staff_name, sizeof r->staff_name, "%s", db_get_text(rows, 4, NULL));
        snprintf(r->action, sizeof r->action, "%s", db_get_text(rows, 5, NULL));
        snprintf(r->kind, sizeof r->kind, "%s", db_get_text(rows, 6, NULL));
        snprintf(r->subject, sizeof r->subject, "%s", db_get_text(rows, 7, NULL));
        snprintf(r->reason, sizeof r->reason, "%s", db_get_text(rows, 8, NULL));
    }
    db_rows_free(rows);
    return rc;
}

int
audit_store_walk(struct db *db, int64_t after, int64_t last, size_t max, struct db_rows **out,
                 struct err *e)
{
    return db_query(db, &SET, WALK, DB_ARGS(db_int(after), db_int(last), db_int((int64_t)max)), out,
                    e);
}

void
audit_store_read(struct db_rows *rows, struct audit_stored *out)
{
    out->id = db_get_int(rows, 0);
    out->at = db_get_int(rows, 1);
    out->emptied = db_is_null(rows, 2);
    db_get_bytes(rows, 2, out->salt, sizeof out->salt);
    out->staff = db_get_int(rows, 3);
    out->action = db_get_text(rows, 4, NULL);
    out->kind = db_get_text(rows, 5, NULL);
    out->subject = db_get_text(rows, 6, NULL);
    out->reason = db_get_text(rows, 7, NULL);
    db_get_bytes(rows, 8, out->content, sizeof out->content);
    db_get_bytes(rows, 9, out->previous, sizeof out->previous);
    db_get_bytes(rows, 10, out->hash, sizeof out->hash);
}
