/*
 * All SQL of media rows. `set` is what the application may do, `work` what workers write,
 * `sweep` what the steward removes. Knows no files and no rules: media.c and media_work.c do.
 * Changes name their index, as in job_store.c. A doomed row stays doomed, unless its owner takes a
 * deletion back in time.
 */
#include "common/media_store.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "common/db.h"
#include "common/err.h"

#define COLUMNS                                                                                    \
    "SELECT id, public_id, account_id, job_id, kind, position, extension, width, height, bytes,"   \
    " seed, saved, created_at, expires_at FROM media "
#define RESTORABLE                                                                                 \
    " account_id = ? AND state = 'doomed' AND kind IN ('result', 'thumb', 'view', 'shown', "       \
    "'source') AND "                                                                               \
    "deletion = "                                                                                  \
    "?"                                                                                            \
    " AND expires_at > ? AND (was_expires_at IS NULL OR was_expires_at > ?)"
#define ALIVE " AND state = 'stored' AND (expires_at IS NULL OR expires_at > ?)"

enum {
    OF_JOB,
    RECENT,
    LOAD,
    SMALLER,
    JOB,
    SAVE,
    SAVE_SMALLER,
    DOOM,
    DOOM_SMALLER,
    DOOM_SOURCE,
    RESTORE,
    RESTORABLES,
};

static const char *const statements[] = {
    [OF_JOB] = COLUMNS "WHERE job_id = ? AND kind = ? AND account_id = ?" ALIVE
                       " ORDER BY position LIMIT ?",
    [RECENT] = COLUMNS "FORCE INDEX (library) WHERE account_id = ? AND kind = 'result'"
                       " AND id < ?" ALIVE " ORDER BY id DESC LIMIT ?",
    [LOAD] = COLUMNS "WHERE public_id = ? AND account_id = ?" ALIVE,
    [SMALLER] = COLUMNS "WHERE job_id = ? AND state = 'stored' AND kind = ? AND position = ?"
                        " AND account_id = ?",
    [JOB] = "SELECT public_id FROM job WHERE id = ?",
    [SAVE] = "UPDATE media FORCE INDEX (PRIMARY) SET saved = ?, expires_at = ?"
             " WHERE id = ? AND state = 'stored'",
    [SAVE_SMALLER] = "UPDATE media FORCE INDEX (job_state) SET saved = ?, expires_at = ?"
                     " WHERE job_id = ? AND state = 'stored' AND kind IN ('thumb', 'view', 'shown')"
                     " AND position = ?",
    [DOOM] = "UPDATE media FORCE INDEX (PRIMARY) SET state = 'doomed', deletion = ?,"
             " was_expires_at = expires_at, expires_at = ? WHERE id = ? AND state = 'stored'",
    [DOOM_SMALLER] = "UPDATE media FORCE INDEX (job_state) SET state = 'doomed', deletion = ?,"
                     " was_expires_at = expires_at, expires_at = ?"
                     " WHERE job_id = ? AND state = 'stored' AND kind IN ('thumb', 'view', 'shown')"
                     " AND position = ?",
    /* The picture that a job began with goes with the last one that came of it. */
    [DOOM_SOURCE] = "UPDATE media FORCE INDEX (job_state) SET state = 'doomed', deletion = ?,"
                    " was_expires_at = expires_at, expires_at = ?"
                    " WHERE job_id = ? AND state = 'stored' AND kind = 'source'"
                    " AND NOT EXISTS (SELECT 1 FROM media r WHERE r.job_id = ?"
                    " AND r.state = 'stored' AND r.kind = 'result')",
    [RESTORE] = "UPDATE media FORCE INDEX (library) SET state = 'stored', deletion = NULL,"
                " expires_at = was_expires_at, was_expires_at = NULL WHERE" RESTORABLE,
    [RESTORABLES] = "SELECT COUNT(*), MIN(expires_at) FROM media FORCE INDEX (library) WHERE"
                    " kind = 'result' AND" RESTORABLE,
};

static const struct db_set set = {"media", statements, sizeof statements / sizeof statements[0]};

enum {
    INSERT,
    SLOT,
    REWRITE,
    IS_WRITING,
    DISCARD,
    PUBLISH,
    RESULTS,
    ABANDON,
};

static const char *const work_statements[] = {
    [INSERT] = "INSERT INTO media (public_id, account_id, job_id, kind, position, state,"
               " lease_token, extension, width, height, bytes, sha256, seed, created_at)"
               " VALUES (?, ?, ?, ?, ?, 'writing', ?, ?, ?, ?, ?, ?, ?, ?)",
    [SLOT] = "SELECT id, public_id FROM media WHERE job_id = ? AND lease_token = ? AND kind = ?"
             " AND position = ? AND state = 'writing'",
    [REWRITE] = "UPDATE media FORCE INDEX (PRIMARY) SET extension = ?, width = ?, height = ?, "
                "bytes = ?, sha256 = ?,"
                " seed = ? WHERE id = ? AND state = 'writing'",
    [IS_WRITING] = "SELECT 1 FROM media WHERE id = ? AND state = 'writing'",
    [DISCARD] = "UPDATE media FORCE INDEX (PRIMARY) SET state = 'doomed', expires_at = ?,"
                " job_id = NULL"
                " WHERE id = ? AND state = 'writing'",
    [PUBLISH] = "UPDATE media FORCE INDEX (slot) SET state = 'stored', expires_at = ?"
                " WHERE job_id = ? AND lease_token = ? AND state = 'writing'",
    [RESULTS] = "SELECT COUNT(*) FROM media"
                " WHERE job_id = ? AND state = 'stored' AND kind = 'result'",
    [ABANDON] = "UPDATE media FORCE INDEX (slot) SET state = 'doomed', expires_at = ?"
                " WHERE job_id = ? AND state = 'writing'",
};

static const struct db_set work = {"media work", work_statements,
                                   sizeof work_statements / sizeof work_statements[0]};

enum { UPLOAD_INSERT, UPLOAD_STORED, UPLOAD_FAILED };

static const char *const upload_statements[] = {
    [UPLOAD_INSERT] = "INSERT INTO media (public_id, account_id, kind, state, extension, width,"
                      " height, bytes, sha256, created_at)"
                      " VALUES (?, ?, 'upload', 'writing', 'bin', 0, 0, ?, ?, ?)",
    [UPLOAD_STORED] = "UPDATE media SET state = 'stored', expires_at = ?"
                      " WHERE public_id = ? AND state = 'writing'",
    [UPLOAD_FAILED] = "UPDATE media SET state = 'doomed', expires_at = ?"
                      " WHERE public_id = ? AND state = 'writing'",
};

static const struct db_set upload = {"media upload", upload_statements,
                                     sizeof upload_statements / sizeof upload_statements[0]};

enum {
    EXPIRE,
    STALE,
    DOOM_STALE,
    DOOMED,
    DROP,
    EXISTS,
    STORED_AFTER,
    IS_STORED,
    DOOM_OF,
    LEFT_OF,
};

static const char *const sweep_statements[] = {
    [EXPIRE] = "UPDATE media SET state = 'doomed' WHERE state = 'stored' AND expires_at <= ?"
               " ORDER BY expires_at LIMIT ?",
    [STALE] = "SELECT m.id FROM media m LEFT JOIN job j ON j.id = m.job_id"
              " WHERE m.state = 'writing' AND ((m.job_id IS NULL AND m.created_at <= ?)"
              " OR (m.job_id IS NOT NULL AND (j.id IS NULL OR j.state <> 'running'"
              " OR j.lease_token <> m.lease_token OR j.lease_until <= ?))) LIMIT ?",
    [DOOM_STALE] = "UPDATE media FORCE INDEX (PRIMARY) SET state = 'doomed', expires_at = ?"
                   " WHERE id = ? AND state = 'writing'",
    [DOOMED] = COLUMNS "WHERE state = 'doomed' AND expires_at <= ? ORDER BY expires_at LIMIT ?",
    [DROP] = "DELETE FROM media WHERE id = ?",
    [EXISTS] = "SELECT 1 FROM media WHERE public_id = ?",
    [STORED_AFTER] = COLUMNS "WHERE id > ? AND state = 'stored' ORDER BY id LIMIT ?",
    [IS_STORED] = "SELECT 1 FROM media WHERE id = ? AND state = 'stored'",
    [DOOM_OF] = "UPDATE media SET state = 'doomed', deletion = NULL, was_expires_at = NULL,"
                " expires_at = 0 WHERE account_id = ?"
                " AND NOT (state = 'doomed' AND expires_at <=> 0) LIMIT ?",
    [LEFT_OF] = "SELECT 1 FROM media WHERE account_id = ? LIMIT 1",
};

static const struct db_set sweep = {"media sweep", sweep_statements,
                                    sizeof sweep_statements / sizeof sweep_statements[0]};

int
media_store_prepare(struct db *db, struct err *e)
{
    return db_prepare(db, &set, e);
}

int
media_store_prepare_upload(struct db *db, struct err *e)
{
    return db_prepare(db, &upload, e);
}

int
media_store_prepare_work(struct db *db, struct err *e)
{
    return db_prepare(db, &work, e);
}

int
media_store_prepare_sweep(struct db *db, struct err *e)
{
    return db_prepare(db, &sweep, e);
}

static const char *const kind_names[] = {"result", "thumb", "upload", "source", "view", "shown"};

const char *
media_kind_name(enum media_kind kind)
{
    return kind_names[kind];
}

static struct db_value
db_id(const struct id *id)
{
    return db_bytes(id->bytes, sizeof id->bytes);
}

static struct db_value
int_or_null(int64_t i)
{
    return i != 0 ? db_int(i) : db_null();
}

static void
read_row(const struct db_rows *rows, struct media *out)
{
    const char *kind = db_get_text(rows, 4, NULL);

    *out = (struct media){0};
    out->id = db_get_int(rows, 0);
    db_get_bytes(rows, 1, out->public_id.bytes, sizeof out->public_id.bytes);
    out->account = db_get_int(rows, 2);
    out->job = db_get_int(rows, 3);
    for (int k = MEDIA_RESULT; k <= MEDIA_SHOWN; k++)
        if (strcmp(kind, kind_names[k]) == 0)
            out->kind = (enum media_kind)k;
    out->position = (int)db_get_int(rows, 5);
    snprintf(out->extension, sizeof out->extension, "%s", db_get_text(rows, 6, NULL));
    out->width = (int)db_get_int(rows, 7);
    out->height = (int)db_get_int(rows, 8);
    out->bytes = db_get_int(rows, 9);
    out->seed = (uint32_t)db_get_int(rows, 10);
    out->saved = db_get_int(rows, 11) != 0;
    out->created_at = db_get_int(rows, 12);
    out->expires_at = db_get_int(rows, 13);
}

/* Rows of COLUMNS into an array. */
static int
read_rows(struct db *db, const struct db_set *of, int statement, const struct db_value *args,
          size_t nargs, struct media *out, int max, int *count, struct err *e)
{
    struct db_rows *rows;
    int rc;

    *count = 0;
    if ((rc = db_query(db, of, statement, args, nargs, &rows, e)) != ST_OK)
        return rc;
    while (*count < max && db_next(rows))
        read_row(rows, &out[(*count)++]);
    db_rows_free(rows);
    return ST_OK;
}

/* Is there a row at all? */
static int
read_any(struct db *db, const struct db_set *of, int statement, const struct db_value *args,
         size_t nargs, bool *any, struct err *e)
{
    struct db_rows *rows;
    int rc;

    *any = false;
    if ((rc = db_query(db, of, statement, args, nargs, &rows, e)) != ST_OK)
        return rc;
    *any = db_next(rows);
    db_rows_free(rows);
    return ST_OK;
}

/* --- looking --- */

int
media_store_of_job(struct db *db, int64_t account, int64_t job, enum media_kind kind, int64_t now,
                   struct media *out, int max, int *count, struct err *e)
{
    return read_rows(db, &set, OF_JOB,
                     DB_ARGS(db_int(job), db_text(media_kind_name(kind)), db_int(account),
                             db_int(now), db_int(max)),
                     out, max, count, e);
}

int
media_store_recent(struct db *db, int64_t account, int64_t before_id, int64_t now,
                   struct media *out, int max, int *count, struct err *e)
{
    return read_rows(db, &set, RECENT,
                     DB_ARGS(db_int(account), db_int(before_id), db_int(now), db_int(max)), out,
                     max, count, e);
}

int
media_store_load(struct db *db, int64_t account, const struct id *public_id, int64_t now,
                 struct media *out, int *count, struct err *e)
{
    return read_rows(db, &set, LOAD, DB_ARGS(db_id(public_id), db_int(account), db_int(now)), out,
                     1, count, e);
}

int
media_store_smaller(struct db *db, const struct media *result, enum media_kind kind,
                    struct media *out, int *count, struct err *e)
{
    return read_rows(db, &set, SMALLER,
                     DB_ARGS(db_int(result->job), db_text(media_kind_name(kind)),
                             db_int(result->position), db_int(result->account)),
                     out, 1, count, e);
}

int
media_store_job(struct db *db, int64_t job, struct id *job_public, struct err *e)
{
    struct db_rows *rows;
    int rc;

    *job_public = (struct id){0};
    if ((rc = db_query(db, &set, JOB, DB_ARGS(db_int(job)), &rows, e)) != ST_OK)
        return rc;
    if (db_next(rows))
        db_get_bytes(rows, 0, job_public->bytes, sizeof job_public->bytes);
    else
        rc = err_set(e, ST_NOTFOUND, "There is no such job.", NULL);
    db_rows_free(rows);
    return rc;
}

/* --- changing what is stored --- */

int
media_store_save(struct db *db, const struct media *m, bool saved, int64_t expires_at,
                 struct err *e)
{
    struct db_value until = int_or_null(expires_at);
    int rc;

    rc = db_run(db, &set, SAVE, DB_ARGS(db_int(saved), until, db_int(m->id)), NULL, e);
    if (rc != ST_OK || m->job == 0 || m->kind != MEDIA_RESULT)
        return rc;
    return db_run(db, &set, SAVE_SMALLER,
                  DB_ARGS(db_int(saved), until, db_int(m->job), db_int(m->position)), NULL, e);
}

int
media_store_doom(struct db *db, const struct media *m, const struct id *deletion, int64_t remove_at,
                 int64_t *changed, struct err *e)
{
    struct db_value key = deletion != NULL ? db_id(deletion) : db_null();
    struct db_done done;
    int rc;

    rc = db_run(db, &set, DOOM, DB_ARGS(key, db_int(remove_at), db_int(m->id)), &done, e);
    *changed = done.affected;
    if (rc != ST_OK || m->job == 0 || m->kind != MEDIA_RESULT)
        return rc;
    rc = db_run(db, &set, DOOM_SMALLER,
                DB_ARGS(key, db_int(remove_at), db_int(m->job), db_int(m->position)), NULL, e);
    if (rc != ST_OK)
        return rc;
    return db_run(db, &set, DOOM_SOURCE,
                  DB_ARGS(key, db_int(remove_at), db_int(m->job), db_int(m->job)), NULL, e);
}

int
media_store_restore(struct db *db, int64_t account, const struct id *deletion, int64_t now,
                    int64_t removed_after, struct err *e)
{
    return db_run(db, &set, RESTORE,
                  DB_ARGS(db_int(account), db_id(deletion), db_int(removed_after), db_int(now)),
                  NULL, e);
}

int
media_store_restorable(struct db *db, int64_t account, const struct id *deletion, int64_t now,
                       int64_t removed_after, int64_t *count, int64_t *remove_at, struct err *e)
{
    struct db_rows *rows;
    int rc;

    *count = *remove_at = 0;
    rc = db_query(db, &set, RESTORABLES,
                  DB_ARGS(db_int(account), db_id(deletion), db_int(removed_after), db_int(now)),
                  &rows, e);
    if (rc != ST_OK)
        return rc;
    if (db_next(rows)) {
        *count = db_get_int(rows, 0);
        *remove_at = db_get_int(rows, 1);
    }
    db_rows_free(rows);
    return ST_OK;
}

/* --- uploads --- */

int
media_store_upload(struct db *db, const struct media *m, const uint8_t sha256[CRYPTO_SHA256],
                   struct err *e)
{
    return db_run(db, &upload, UPLOAD_INSERT,
                  DB_ARGS(db_id(&m->public_id), db_int(m->account), db_int(m->bytes),
                          db_bytes(sha256, CRYPTO_SHA256), db_int(m->created_at)),
                  NULL, e);
}

int
media_store_uploaded(struct db *db, const struct media *m, int64_t *changed, struct err *e)
{
    struct db_done done;
    int rc = db_run(db, &upload, UPLOAD_STORED,
                    DB_ARGS(db_int(m->expires_at), db_id(&m->public_id)), &done, e);

    *changed = done.affected;
    return rc;
}

int
media_store_upload_failed(struct db *db, const struct media *m, int64_t remove_at, struct err *e)
{
    return db_run(db, &upload, UPLOAD_FAILED, DB_ARGS(db_int(remove_at), db_id(&m->public_id)),
                  NULL, e);
}

/* --- writing --- */

int
media_store_insert(struct db *db, const struct media *m, uint64_t token,
                   const uint8_t sha256[CRYPTO_SHA256], struct err *e)
{
    return db_run(db, &work, INSERT,
                  DB_ARGS(db_id(&m->public_id), db_int(m->account), int_or_null(m->job),
                          db_text(media_kind_name(m->kind)), db_int(m->position),
                          db_int((int64_t)token), db_text(m->extension), db_int(m->width),
                          db_int(m->height), db_int(m->bytes), db_bytes(sha256, CRYPTO_SHA256),
                          db_int(m->seed), db_int(m->created_at)),
                  NULL, e);
}

int
media_store_slot(struct db *db, struct media *m, uint64_t token, struct err *e)
{
    struct db_rows *rows;
    int rc;

    rc = db_query(db, &work, SLOT,
                  DB_ARGS(db_int(m->job), db_int((int64_t)token), db_text(media_kind_name(m->kind)),
                          db_int(m->position)),
                  &rows, e);
    if (rc != ST_OK)
        return rc;
    if (db_next(rows)) {
        m->id = db_get_int(rows, 0);
        db_get_bytes(rows, 1, m->public_id.bytes, sizeof m->public_id.bytes);
    } else {
        rc = err_set(e, ST_NOTFOUND, "This file is not there any more.", "slot %d of job %" PRId64,
                     m->position, m->job);
    }
    db_rows_free(rows);
    return rc;
}

int
media_store_rewrite(struct db *db, const struct media *m, const uint8_t sha256[CRYPTO_SHA256],
                    struct err *e)
{
    return db_run(db, &work, REWRITE,
                  DB_ARGS(db_text(m->extension), db_int(m->width), db_int(m->height),
                          db_int(m->bytes), db_bytes(sha256, CRYPTO_SHA256), db_int(m->seed),
                          db_int(m->id)),
                  NULL, e);
}

int
media_store_is_writing(struct db *db, int64_t id, bool *writing, struct err *e)
{
    return read_any(db, &work, IS_WRITING, DB_ARGS(db_int(id)), writing, e);
}

int
media_store_discard(struct db *db, int64_t id, int64_t remove_at, struct err *e)
{
    return db_run(db, &work, DISCARD, DB_ARGS(db_int(remove_at), db_int(id)), NULL, e);
}

int
media_store_publish(struct db *db, int64_t job, uint64_t token, int64_t expires_at, struct err *e)
{
    return db_run(db, &work, PUBLISH,
                  DB_ARGS(db_int(expires_at), db_int(job), db_int((int64_t)token)), NULL, e);
}

int
media_store_results(struct db *db, int64_t job, int *count, struct err *e)
{
    struct db_rows *rows;
    int rc;

    *count = 0;
    if ((rc = db_query(db, &work, RESULTS, DB_ARGS(db_int(job)), &rows, e)) != ST_OK)
        return rc;
    if (db_next(rows))
        *count = (int)db_get_int(rows, 0);
    db_rows_free(rows);
    return ST_OK;
}

int
media_store_abandon(struct db *db, int64_t job, int64_t remove_at, struct err *e)
{
    return db_run(db, &work, ABANDON, DB_ARGS(db_int(remove_at), db_int(job)), NULL, e);
}

/* --- sweeping and checking --- */

/* A statement of which only the number of rows matters. */
static int
run_counted(struct db *db, int statement, const struct db_value *args, size_t nargs,
            int64_t *changed, struct err *e)
{
    struct db_done done;
    int rc = db_run(db, &sweep, statement, args, nargs, &done, e);

    *changed = done.affected;
    return rc;
}

int
media_store_expire(struct db *db, int64_t now, int max, int64_t *changed, struct err *e)
{
    return run_counted(db, EXPIRE, DB_ARGS(db_int(now), db_int(max)), changed, e);
}

int
media_store_stale(struct db *db, int64_t now, int64_t uploads_before, int max, int64_t *ids,
                  int *count, struct err *e)
{
    struct db_rows *rows;
    int rc;

    *count = 0;
    rc = db_query(db, &sweep, STALE, DB_ARGS(db_int(uploads_before), db_int(now), db_int(max)),
                  &rows, e);
    if (rc != ST_OK)
        return rc;
    while (*count < max && db_next(rows))
        ids[(*count)++] = db_get_int(rows, 0);
    db_rows_free(rows);
    return ST_OK;
}

int
media_store_doom_stale(struct db *db, int64_t id, int64_t remove_at, int64_t *changed,
                       struct err *e)
{
    return run_counted(db, DOOM_STALE, DB_ARGS(db_int(remove_at), db_int(id)), changed, e);
}

int
media_store_doomed(struct db *db, int64_t now, int max, struct media *out, int *count,
                   struct err *e)
{
    return read_rows(db, &sweep, DOOMED, DB_ARGS(db_int(now), db_int(max)), out, max, count, e);
}

int
media_store_drop(struct db *db, int64_t id, struct err *e)
{
    return db_run(db, &sweep, DROP, DB_ARGS(db_int(id)), NULL, e);
}

int
media_store_exists(struct db *db, const struct id *public_id, bool *exists, struct err *e)
{
    return read_any(db, &sweep, EXISTS, DB_ARGS(db_id(public_id)), exists, e);
}

int
media_store_stored_after(struct db *db, int64_t after_id, int max, struct media *out, int *count,
                         struct err *e)
{
    return read_rows(db, &sweep, STORED_AFTER, DB_ARGS(db_int(after_id), db_int(max)), out, max,
                     count, e);
}

int
media_store_is_stored(struct db *db, int64_t id, bool *stored, struct err *e)
{
    return read_any(db, &sweep, IS_STORED, DB_ARGS(db_int(id)), stored, e);
}

int
media_store_doom_of(struct db *db, int64_t account, int max, int64_t *doomed, struct err *e)
{
    struct db_done done = {0};
    int rc = db_run(db, &sweep, DOOM_OF, DB_ARGS(db_int(account), db_int(max)), &done, e);

    *doomed = rc == ST_OK ? done.affected : 0;
    return rc;
}

int
media_store_left_of(struct db *db, int64_t account, bool *left, struct err *e)
{
    return read_any(db, &sweep, LEFT_OF, DB_ARGS(db_int(account)), left, e);
}
