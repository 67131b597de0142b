/*
 * All SQL of published pictures; see explore_store.h.
 */
#include "app/explore/explore_store.h"

#include <stdio.h>
#include <string.h>

#include "common/db.h"
#include "common/err.h"
#include "common/media.h"

#define OPEN_MAX 20 /* reports that wait for one picture */

enum { LIST, PLACE, LOAD, COPY, FIND, PUBLISH, CHANGE, UNPUBLISH, REPORT };

#define SHOWN                                                                                      \
    "p.state = 'shown' AND m.state = 'stored' AND m.saved = 1 AND a.state = 'active'"              \
    " AND a.limited_at IS NULL"
#define COLUMNS                                                                                    \
    "SELECT p.id, p.public_id, m.width, m.height, IF(p.show_name = 1, a.display_name, ''),"        \
    " LEFT(j.prompt, 300), p.published_at, m.extension = 'mp4' "
#define WORDS " LEFT JOIN job j ON j.id = m.job_id AND p.show_prompt = 1 "
#define JOINS " JOIN media m ON m.id = p.media_id JOIN account a ON a.id = p.account_id" WORDS

static const char *const statements[] = {
    /* In the order of the key, so that it ends when the page is full: left to itself the optimizer
       joins a small table of accounts by a buffer and sorts everything. */
    [LIST] = COLUMNS "FROM publication p FORCE INDEX (shown)"
                     " STRAIGHT_JOIN media m ON m.id = p.media_id"
                     " STRAIGHT_JOIN account a FORCE INDEX (PRIMARY) ON a.id = p.account_id" WORDS
                     "WHERE " SHOWN " AND p.id < ? ORDER BY p.id DESC LIMIT ?",
    [PLACE] = "SELECT id FROM publication WHERE public_id = ?",
    [LOAD] = COLUMNS "FROM publication p" JOINS "WHERE p.public_id = ? AND " SHOWN,
    [COPY] = "SELECT v.public_id, v.extension FROM publication p"
             " JOIN media m ON m.id = p.media_id JOIN account a ON a.id = p.account_id"
             " JOIN media v FORCE INDEX (job_state) ON v.job_id = m.job_id"
             " AND v.state = 'stored' AND v.kind = ? AND v.position = m.position"
             " WHERE p.public_id = ? AND " SHOWN,
    [FIND] = "SELECT public_id, show_name, show_prompt, state = 'hidden' FROM publication"
             " WHERE media_id = ? AND account_id = ?",
    [PUBLISH] = "INSERT INTO publication (public_id, media_id, account_id, show_name, show_prompt,"
                " published_at)"
                " SELECT ?, m.id, m.account_id, ?, ?, ? FROM media m"
                " WHERE m.public_id = ? AND m.account_id = ? AND m.state = 'stored'"
                " AND m.kind = 'result' AND m.saved = 1"
                " AND EXISTS (SELECT 1 FROM media v WHERE v.job_id = m.job_id"
                " AND v.state = 'stored' AND v.position = m.position"
                " AND v.kind = IF(m.extension = 'mp4', 'shown', 'view'))",
    [CHANGE] = "UPDATE publication p JOIN media m ON m.id = p.media_id"
               " SET p.show_name = ?, p.show_prompt = ? WHERE m.public_id = ? AND p.account_id = ?",
    [UNPUBLISH] = "DELETE p FROM publication p JOIN media m ON m.id = p.media_id"
                  " WHERE m.public_id = ? AND p.account_id = ? AND p.state = 'shown'",
    [REPORT] = "INSERT INTO report (publication_id, account_id, reason, note, created_at)"
               " SELECT p.id, ?, ?, ?, ? FROM publication p WHERE p.public_id = ?"
               " AND p.state = 'shown' AND (SELECT COUNT(*) FROM report r"
               " WHERE r.publication_id = p.id AND r.state = 'open') < ?",
};

static const struct db_set SET = {"explore", statements, sizeof statements / sizeof statements[0]};

int
explore_store_prepare(struct db *db, struct err *e)
{
    return db_prepare(db, &SET, e);
}

static struct db_value
db_id(const struct id *id)
{
    return db_bytes(id->bytes, sizeof id->bytes);
}

static int
gone(struct err *e)
{
    return err_set(e, ST_NOTFOUND, "This picture is not published, or no longer.", NULL);
}

static void
read_item(const struct db_rows *rows, struct explore_item *out)
{
    out->id = db_get_int(rows, 0);
    db_get_bytes(rows, 1, out->public_id.bytes, sizeof out->public_id.bytes);
    out->width = (int)db_get_int(rows, 2);
    out->height = (int)db_get_int(rows, 3);
    snprintf(out->name, sizeof out->name, "%s", db_get_text(rows, 4, NULL));
    snprintf(out->prompt, sizeof out->prompt, "%s", db_get_text(rows, 5, NULL));
    out->published_at = db_get_int(rows, 6);
    out->film = db_get_int(rows, 7) != 0;
}

int
explore_store_list(struct db *db, int64_t before, struct explore_item *out, int max, int *count,
                   struct err *e)
{
    struct db_rows *rows = NULL;
    int rc;

    *count = 0;
    rc = db_query(db, &SET, LIST, DB_ARGS(db_int(before > 0 ? before : INT64_MAX), db_int(max)),
                  &rows, e);
    if (rc != ST_OK)
        return rc;
    while (*count < max && db_next(rows))
        read_item(rows, &out[(*count)++]);
    db_rows_free(rows);
    return ST_OK;
}

int
explore_store_place(struct db *db, const struct id *public_id, int64_t *row, struct err *e)
{
    struct db_rows *rows = NULL;
    int rc;

    *row = 0;
    if ((rc = db_query(db, &SET, PLACE, DB_ARGS(db_id(public_id)), &rows, e)) != ST_OK)
        return rc;
    if (db_next(rows))
        *row = db_get_int(rows, 0);
    db_rows_free(rows);
    return *row > 0 ? ST_OK : gone(e);
}

int
explore_store_load(struct db *db, const struct id *public_id, struct explore_item *out,
                   struct err *e)
{
    struct db_rows *rows = NULL;
    int rc;

    *out = (struct explore_item){0};
    if ((rc = db_query(db, &SET, LOAD, DB_ARGS(db_id(public_id)), &rows, e)) != ST_OK)
        return rc;
    if (db_next(rows))
        read_item(rows, out);
    db_rows_free(rows);
    return out->id > 0 ? ST_OK : gone(e);
}

int
explore_store_copy(struct db *db, const struct id *public_id, const char *kind, struct media *out,
                   struct err *e)
{
    struct db_rows *rows = NULL;
    int rc;

    *out = (struct media){0};
    rc = db_query(db, &SET, COPY, DB_ARGS(db_text(kind), db_id(public_id)), &rows, e);
    if (rc != ST_OK)
        return rc;
    if (db_next(rows)) {
        db_get_bytes(rows, 0, out->public_id.bytes, sizeof out->public_id.bytes);
        snprintf(out->extension, sizeof out->extension, "%s", db_get_text(rows, 1, NULL));
    } else {
        rc = gone(e);
    }
    db_rows_free(rows);
    return rc;
}

int
explore_store_find(struct db *db, int64_t account, int64_t media, struct publication *out,
                   struct err *e)
{
    struct db_rows *rows = NULL;
    int rc;

    *out = (struct publication){0};
    rc = db_query(db, &SET, FIND, DB_ARGS(db_int(media), db_int(account)), &rows, e);
    if (rc != ST_OK)
        return rc;
    if (db_next(rows)) {
        db_get_bytes(rows, 0, out->public_id.bytes, sizeof out->public_id.bytes);
        out->show_name = db_get_int(rows, 1) != 0;
        out->show_prompt = db_get_int(rows, 2) != 0;
        out->hidden = db_get_int(rows, 3) != 0;
    } else {
        rc = gone(e);
    }
    db_rows_free(rows);
    return rc;
}

int
explore_store_publish(struct db *db, int64_t account, const struct id *picture,
                      const struct publication *how, int64_t now, bool *done, struct err *e)
{
    struct db_done run = {0};
    int rc;

    *done = false;
    rc = db_run(
        db, &SET, CHANGE,
        DB_ARGS(db_int(how->show_name), db_int(how->show_prompt), db_id(picture), db_int(account)),
        &run, e);
    if (rc != ST_OK || run.affected > 0) {
        *done = rc == ST_OK;
        return rc;
    }
    rc = db_run(db, &SET, PUBLISH,
                DB_ARGS(db_id(&how->public_id), db_int(how->show_name), db_int(how->show_prompt),
                        db_int(now), db_id(picture), db_int(account)),
                &run, e);
    *done = rc == ST_OK && run.affected > 0;
    return rc;
}

int
explore_store_unpublish(struct db *db, int64_t account, const struct id *picture, struct err *e)
{
    return db_run(db, &SET, UNPUBLISH, DB_ARGS(db_id(picture), db_int(account)), NULL, e);
}

int
explore_store_report(struct db *db, const struct id *public_id, const char *reason,
                     const char *note, int64_t account, int64_t now, struct err *e)
{
    return db_run(db, &SET, REPORT,
                  DB_ARGS(account > 0 ? db_int(account) : db_null(), db_text(reason), db_text(note),
                          db_int(now), db_id(public_id), db_int(OPEN_MAX)),
                  NULL, e);
}
