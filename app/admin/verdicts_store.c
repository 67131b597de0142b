/*
 * All SQL about reports and verdicts; see verdicts_store.h.
 */
#include "app/admin/verdicts_store.h"

#include <stdio.h>
#include <string.h>

#include "common/db.h"
#include "common/err.h"

enum { LIST, LOAD, REPORTS, WAITING, HIDE, CLOSE };

static const char *const statements[] = {
    [LIST] = "SELECT p.public_id, COUNT(*), MIN(r.created_at),"
             " GROUP_CONCAT(DISTINCT r.reason ORDER BY r.reason)"
             " FROM report r JOIN publication p ON p.id = r.publication_id"
             " WHERE r.state = 'open' GROUP BY p.id ORDER BY MIN(r.id) LIMIT ?",
    [LOAD] = "SELECT p.id, p.account_id, a.public_id, a.email, a.display_name, m.width, m.height,"
             " p.state = 'hidden', p.published_at,"
             " (SELECT COUNT(*) FROM report r WHERE r.publication_id = p.id AND r.state = 'open')"
             " FROM publication p JOIN account a ON a.id = p.account_id"
             " JOIN media m ON m.id = p.media_id WHERE p.public_id = ?",
    [REPORTS] = "SELECT reason, note, state = 'open', created_at FROM report"
                " WHERE publication_id = ? ORDER BY id DESC LIMIT ?",
    [WAITING] = "SELECT COUNT(DISTINCT publication_id), MIN(created_at) FROM report"
                " WHERE state = 'open'",
    [HIDE] = "UPDATE publication SET state = 'hidden' WHERE id = ? AND state = 'shown'",
    [CLOSE] = "UPDATE report SET state = 'closed' WHERE publication_id = ? AND state = 'open'",
};
static const struct db_set SET = {"verdicts", statements, sizeof statements / sizeof statements[0]};

int
verdicts_store_prepare(struct db *db, struct err *e)
{
    return db_prepare(db, &SET, e);
}

int
verdicts_store_list(struct db *db, struct verdict_case *out, size_t max, size_t *count,
                    struct err *e)
{
    struct db_rows *rows = NULL;
    int rc = db_query(db, &SET, LIST, DB_ARGS(db_int((int64_t)max)), &rows, e);

    *count = 0;
    while (rc == ST_OK && *count < max && db_next(rows)) {
        struct verdict_case *c = &out[(*count)++];

        db_get_bytes(rows, 0, c->id.bytes, sizeof c->id.bytes);
        c->reports = db_get_int(rows, 1);
        c->oldest = db_get_int(rows, 2);
        snprintf(c->reasons, sizeof c->reasons, "%s", db_get_text(rows, 3, NULL));
    }
    db_rows_free(rows);
    return rc;
}

int
verdicts_store_load(struct db *db, const struct id *id, struct verdict_picture *out, struct err *e)
{
    struct db_rows *rows = NULL;
    int rc = db_query(db, &SET, LOAD, DB_ARGS(db_bytes(id->bytes, sizeof id->bytes)), &rows, e);

    *out = (struct verdict_picture){.id = *id};
    if (rc == ST_OK && db_next(rows)) {
        out->publication = db_get_int(rows, 0);
        out->account = db_get_int(rows, 1);
        db_get_bytes(rows, 2, out->owner.bytes, sizeof out->owner.bytes);
        snprintf(out->email, sizeof out->email, "%s", db_get_text(rows, 3, NULL));
        snprintf(out->display_name, sizeof out->display_name, "%s", db_get_text(rows, 4, NULL));
        out->width = (int)db_get_int(rows, 5);
        out->height = (int)db_get_int(rows, 6);
        out->hidden = db_get_int(rows, 7) != 0;
        out->published_at = db_get_int(rows, 8);
        out->open = db_get_int(rows, 9);
    } else if (rc == ST_OK) {
        rc = err_set(e, ST_NOTFOUND, "This picture is no longer published.", NULL);
    }
    db_rows_free(rows);
    return rc;
}

int
verdicts_store_reports(struct db *db, int64_t publication, struct verdict_report *out, size_t max,
                       size_t *count, struct err *e)
{
    struct db_rows *rows = NULL;
    int rc =
        db_query(db, &SET, REPORTS, DB_ARGS(db_int(publication), db_int((int64_t)max)), &rows, e);

    *count = 0;
    while (rc == ST_OK && *count < max && db_next(rows)) {
        struct verdict_report *r = &out[(*count)++];

        snprintf(r->reason, sizeof r->reason, "%s", db_get_text(rows, 0, NULL));
        snprintf(r->note, sizeof r->note, "%s", db_get_text(rows, 1, NULL));
        r->open = db_get_int(rows, 2) != 0;
        r->created_at = db_get_int(rows, 3);
    }
    db_rows_free(rows);
    return rc;
}

int
verdicts_store_waiting(struct db *db, int64_t *count, int64_t *oldest, struct err *e)
{
    struct db_rows *rows = NULL;
    int rc = db_query(db, &SET, WAITING, DB_NO_ARGS, &rows, e);

    *count = *oldest = 0;
    if (rc == ST_OK && db_next(rows)) {
        *count = db_get_int(rows, 0);
        *oldest = db_get_int(rows, 1);
    }
    db_rows_free(rows);
    return rc;
}

int
verdicts_store_hide(struct db *db, int64_t publication, bool *changed, struct err *e)
{
    struct db_done done = {0};
    int rc = db_run(db, &SET, HIDE, DB_ARGS(db_int(publication)), &done, e);

    *changed = rc == ST_OK && done.affected == 1;
    return rc;
}

int
verdicts_store_close(struct db *db, int64_t publication, int64_t *closed, struct err *e)
{
    struct db_done done = {0};
    int rc = db_run(db, &SET, CLOSE, DB_ARGS(db_int(publication)), &done, e);

    *closed = rc == ST_OK ? done.affected : 0;
    return rc;
}
