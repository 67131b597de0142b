/*
 * All SQL about accounts as the staff sees them; see people_store.h.
 */
#include "app/admin/people_store.h"

#include <stdio.h>
#include <string.h>

#include "common/db.h"
#include "common/err.h"

enum { FIND, LOAD, JOBS, RESTRICT, RELEASE, END_SESSIONS };

static const char *const statements[] = {
    [FIND] = "SELECT public_id FROM account WHERE email_key = ?"
             " ORDER BY verified_at IS NULL, id LIMIT ?",
    [LOAD] = "SELECT a.id, a.email, a.display_name, a.language, a.state, a.created_at,"
             " a.verified_at, a.restricted_at, a.restriction, b.available, b.held,"
             " c.confirmed_at IS NOT NULL, t.role,"
             " (SELECT COUNT(*) FROM session s WHERE s.account_id = a.id AND s.expires_at > ?),"
             " (SELECT COUNT(*) FROM media m WHERE m.account_id = a.id AND m.state = 'stored'"
             "  AND m.kind = 'result'),"
             " (SELECT COUNT(*) FROM publication p WHERE p.account_id = a.id),"
             " a.limited_at IS NOT NULL"
             " FROM account a LEFT JOIN balance b ON b.account_id = a.id"
             " LEFT JOIN account_second c ON c.account_id = a.id"
             " LEFT JOIN staff t ON t.account_id = a.id WHERE a.public_id = ?",
    [JOBS] = "SELECT public_id, state, kind, model, images, price, queued_at FROM job"
             " WHERE account_id = ? ORDER BY id DESC LIMIT ?",
    [RESTRICT] = "UPDATE account SET restricted_at = ?, restriction = ?"
                 " WHERE id = ? AND restricted_at IS NULL AND state = 'active'",
    [RELEASE] = "UPDATE account SET restricted_at = NULL, restriction = NULL"
                " WHERE id = ? AND restricted_at IS NOT NULL",
    [END_SESSIONS] = "DELETE FROM session WHERE account_id = ?",
};
static const struct db_set SET = {"people", statements, sizeof statements / sizeof statements[0]};

int
people_store_prepare(struct db *db, struct err *e)
{
    return db_prepare(db, &SET, e);
}

int
people_store_find(struct db *db, const char *email_key, struct id *out, size_t max, size_t *count,
                  struct err *e)
{
    struct db_rows *rows = NULL;
    int rc = db_query(db, &SET, FIND, DB_ARGS(db_text(email_key), db_int((int64_t)max)), &rows, e);

    *count = 0;
    while (rc == ST_OK && *count < max && db_next(rows))
        db_get_bytes(rows, 0, out[(*count)++].bytes, sizeof out->bytes);
    db_rows_free(rows);
    return rc;
}

static void
read_person(const struct db_rows *rows, struct person *out)
{
    out->account = db_get_int(rows, 0);
    snprintf(out->email, sizeof out->email, "%s", db_get_text(rows, 1, NULL));
    snprintf(out->display_name, sizeof out->display_name, "%s", db_get_text(rows, 2, NULL));
    snprintf(out->language, sizeof out->language, "%s", db_get_text(rows, 3, NULL));
    out->closed = strcmp(db_get_text(rows, 4, NULL), "active") != 0;
    out->created_at = db_get_int(rows, 5);
    out->verified_at = db_get_int(rows, 6);
    out->restricted_at = db_get_int(rows, 7);
    snprintf(out->restriction, sizeof out->restriction, "%s", db_get_text(rows, 8, NULL));
    out->available = db_get_int(rows, 9);
    out->held = db_get_int(rows, 10);
    out->second = db_get_int(rows, 11) != 0;
    snprintf(out->role, sizeof out->role, "%s", db_get_text(rows, 12, NULL));
    out->sessions = db_get_int(rows, 13);
    out->pictures = db_get_int(rows, 14);
    out->published = db_get_int(rows, 15);
    out->limited = db_get_int(rows, 16) != 0;
}

int
people_store_load(struct db *db, const struct id *id, int64_t now, struct person *out,
                  struct err *e)
{
    struct db_rows *rows = NULL;
    int rc;

    *out = (struct person){.id = *id};
    rc = db_query(db, &SET, LOAD, DB_ARGS(db_int(now), db_bytes(id->bytes, sizeof id->bytes)),
                  &rows, e);
    if (rc == ST_OK && db_next(rows))
        read_person(rows, out);
    else if (rc == ST_OK)
        rc = err_set(e, ST_NOTFOUND, "There is no such account.", NULL);
    db_rows_free(rows);
    return rc;
}

int
people_store_jobs(struct db *db, int64_t account, struct person_job *out, size_t max, size_t *count,
                  struct err *e)
{
    struct db_rows *rows = NULL;
    int rc = db_query(db, &SET, JOBS, DB_ARGS(db_int(account), db_int((int64_t)max)), &rows, e);

    *count = 0;
    while (rc == ST_OK && *count < max && db_next(rows)) {
        struct person_job *j = &out[(*count)++];

        db_get_bytes(rows, 0, j->id.bytes, sizeof j->id.bytes);
        snprintf(j->state, sizeof j->state, "%s", db_get_text(rows, 1, NULL));
        snprintf(j->kind, sizeof j->kind, "%s", db_get_text(rows, 2, NULL));
        snprintf(j->model, sizeof j->model, "%s", db_get_text(rows, 3, NULL));
        j->images = db_get_int(rows, 4);
        j->price = db_get_int(rows, 5);
        j->queued_at = db_get_int(rows, 6);
    }
    db_rows_free(rows);
    return rc;
}

int
people_store_restrict(struct db *db, int64_t account, const char *reason, int64_t now,
                      bool *changed, struct err *e)
{
    struct db_done done = {0};
    int rc = db_run(db, &SET, RESTRICT, DB_ARGS(db_int(now), db_text(reason), db_int(account)),
                    &done, e);

    *changed = rc == ST_OK && done.affected == 1;
    return rc;
}

int
people_store_release(struct db *db, int64_t account, bool *changed, struct err *e)
{
    struct db_done done = {0};
    int rc = db_run(db, &SET, RELEASE, DB_ARGS(db_int(account)), &done, e);

    *changed = rc == ST_OK && done.affected == 1;
    return rc;
}

int
people_store_end_sessions(struct db *db, int64_t account, struct err *e)
{
    return db_run(db, &SET, END_SESSIONS, DB_ARGS(db_int(account)), NULL, e);
}
