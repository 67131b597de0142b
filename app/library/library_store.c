/*
 * All SQL of the library; see library_store.h. Reads only.
 */
#include "app/library/library_store.h"

#include <stdio.h>

#include "common/db.h"
#include "common/err.h"

enum { LIST, PLACE };

static const char *const statements[] = {
    /* The key `gallery` gives the order; a result without a job has no words. */
    [LIST] = "SELECT m.id, m.public_id, m.width, m.height, m.saved, m.created_at, m.expires_at,"
             " LEFT(JSON_VALUE(j.params, '$.prompt'), 60)"
             " FROM media m LEFT JOIN job j ON j.id = m.job_id"
             " WHERE m.account_id = ? AND m.state = 'stored' AND m.kind = 'result' AND m.id < ?"
             " AND (m.expires_at IS NULL OR m.expires_at > ?) ORDER BY m.id DESC LIMIT ?",
    [PLACE] = "SELECT id FROM media WHERE public_id = ? AND account_id = ?",
};

static const struct db_set SET = {"library", statements, sizeof statements / sizeof statements[0]};

int
library_store_prepare(struct db *db, struct err *e)
{
    return db_prepare(db, &SET, e);
}

int
library_store_list(struct db *db, int64_t account, int64_t before, int64_t now,
                   struct library_item *out, int max, int *count, struct err *e)
{
    struct db_rows *rows = NULL;
    int rc;

    *count = 0;
    rc = db_query(
        db, &SET, LIST,
        DB_ARGS(db_int(account), db_int(before > 0 ? before : INT64_MAX), db_int(now), db_int(max)),
        &rows, e);
    if (rc != ST_OK)
        return rc;
    while (*count < max && db_next(rows)) {
        struct library_item *item = &out[(*count)++];
        item->id = db_get_int(rows, 0);
        db_get_bytes(rows, 1, item->public_id.bytes, sizeof item->public_id.bytes);
        item->width = (int)db_get_int(rows, 2);
        item->height = (int)db_get_int(rows, 3);
        item->saved = db_get_int(rows, 4) != 0;
        item->created_at = db_get_int(rows, 5);
        item->expires_at = db_get_int(rows, 6);
        /* 60 characters of at most 4 bytes: the copy cuts no character. */
        snprintf(item->prompt, sizeof item->prompt, "%s", db_get_text(rows, 7, NULL));
    }
    db_rows_free(rows);
    return ST_OK;
}

int
library_store_place(struct db *db, int64_t account, const struct id *public_id, int64_t *row,
                    struct err *e)
{
    struct db_rows *rows = NULL;
    int rc;

    *row = 0;
    rc = db_query(db, &SET, PLACE,
                  DB_ARGS(db_bytes(public_id->bytes, sizeof public_id->bytes), db_int(account)),
                  &rows, e);
    if (rc != ST_OK)
        return rc;
    if (db_next(rows))
        *row = db_get_int(rows, 0);
    db_rows_free(rows);
    return *row > 0 ? ST_OK : err_set(e, ST_NOTFOUND, "There is no such picture.", NULL);
}
