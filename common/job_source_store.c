/*
 * Sources of jobs, with their SQL; see job_source_store.h. Knows no states of jobs but that two of
 * them are not ends. Read next: job.c, job_move.c.
 */
#include "common/job_source_store.h"

#include <stdio.h>
#include <string.h>

#include "common/clock.h"
#include "common/db.h"
#include "common/err.h"
#include "common/job.h"
#include "common/job_source.h"

enum { OF_JOB, EXPIRE, KEEP_ON, EXPIRE_COPY, FILES };

/* EXPIRE locks the file's row: of two jobs that end together the second sees the first's end. */
static const char *const statements[] = {
    [OF_JOB] = "SELECT media_id, lives FROM job_source WHERE job_id = ?",
    [EXPIRE] = "UPDATE media FORCE INDEX (PRIMARY) SET expires_at = ? WHERE id = ?"
               " AND state = 'stored' AND kind = 'upload' AND saved = 0",
    [KEEP_ON] = "UPDATE media FORCE INDEX (PRIMARY) SET expires_at = NULL WHERE id = ?"
                " AND state = 'stored' AND kind = 'upload' AND EXISTS (SELECT 1 FROM job_source s"
                " JOIN job j ON j.id = s.job_id WHERE s.media_id = ? AND s.job_id <> ?"
                " AND j.state IN ('queued', 'running'))",
    [EXPIRE_COPY] = "UPDATE media FORCE INDEX (job_state) SET expires_at = ? WHERE job_id = ?"
                    " AND state = 'stored' AND kind = 'source'",
    [FILES] = "SELECT s.role, m.public_id, m.extension FROM job_source s"
              " JOIN media m ON m.id = s.media_id WHERE s.job_id = ? AND m.state = 'stored'",
};
static const struct db_set set = {"job source", statements,
                                  sizeof statements / sizeof statements[0]};

enum { LOCK, INSERT, KEEP };

static const char *const submit_statements[] = {
    [LOCK] = "SELECT id FROM media WHERE public_id = ? AND account_id = ? AND state = 'stored'"
             " AND (expires_at IS NULL OR expires_at > ?)"
             " AND kind IN ('result', 'upload', 'source') AND extension <> 'mp4' FOR UPDATE",
    [INSERT] = "INSERT INTO job_source (job_id, role, media_id, lives) VALUES (?, ?, ?, ?)",
    [KEEP] = "UPDATE media FORCE INDEX (PRIMARY) SET expires_at = NULL WHERE id = ?"
             " AND kind = 'upload'",
};
static const struct db_set submit = {"job source submit", submit_statements,
                                     sizeof submit_statements / sizeof submit_statements[0]};

static const char *const role_names[JOB_ROLES] = {"picture", "mask"};

enum need { NEVER, MAYBE, ALWAYS };

static const enum need needs[JOB_KINDS][JOB_ROLES] = {
    [JOB_GENERATE] = {NEVER, NEVER}, [JOB_VARIATION] = {ALWAYS, NEVER},
    [JOB_EDIT] = {ALWAYS, NEVER},    [JOB_REPAINT] = {ALWAYS, ALWAYS},
    [JOB_CLEANUP] = {ALWAYS, MAYBE}, [JOB_ANIMATE] = {ALWAYS, NEVER},
    [JOB_UPSCALE] = {ALWAYS, NEVER},
};

int
job_source_prepare(struct db *db, struct err *e)
{
    return db_prepare(db, &set, e);
}

int
job_source_prepare_submit(struct db *db, struct err *e)
{
    return db_prepare(db, &submit, e);
}

int
job_source_check(const struct job_submission *s, struct err *e)
{
    const enum need *need = needs[s->kind];

    if (s->sources[JOB_PICTURE] == NULL && need[JOB_PICTURE] == ALWAYS)
        return err_set(e, ST_INVALID, "Please choose a picture first.", NULL);
    if (s->sources[JOB_MASK] == NULL &&
        (need[JOB_MASK] == ALWAYS || (s->kind == JOB_CLEANUP && !s->params.find_mark)))
        return err_set(e, ST_INVALID, "Please mark a part of the picture first.", NULL);
    for (int i = 0; i < JOB_ROLES; i++) {
        if (s->sources[i] != NULL && need[i] == NEVER)
            return err_setf(e, ST_INVALID, "This kind of job takes no %s.", role_names[i]);
    }
    return ST_OK;
}

static int
keep_one(struct db *db, const struct job_submission *s, int64_t job, int role, struct err *e)
{
    const struct id *id = s->sources[role];
    struct db_rows *rows;
    int64_t media = 0;
    int rc;

    rc = db_query(
        db, &submit, LOCK,
        DB_ARGS(db_bytes(id->bytes, sizeof id->bytes), db_int(s->account), db_int(clock_now())),
        &rows, e);
    if (rc != ST_OK)
        return rc;
    if (db_next(rows))
        media = db_get_int(rows, 0);
    db_rows_free(rows);
    if (media == 0)
        return err_setf(e, ST_NOTFOUND, "The %s is not there any more. Please choose it again.",
                        role_names[role]);
    rc = db_run(
        db, &submit, INSERT,
        DB_ARGS(db_int(job), db_text(role_names[role]), db_int(media), db_int(s->upload_lives_us)),
        NULL, e);
    return rc == ST_OK ? db_run(db, &submit, KEEP, DB_ARGS(db_int(media)), NULL, e) : rc;
}

int
job_source_keep(struct db *db, const struct job_submission *s, int64_t job, struct err *e)
{
    int rc = ST_OK;

    for (int i = 0; i < JOB_ROLES && rc == ST_OK; i++) {
        if (s->sources[i] != NULL)
            rc = keep_one(db, s, job, i, e);
    }
    return rc;
}

int
job_source_free(struct db *db, int64_t job, int64_t now, struct err *e)
{
    int64_t media[JOB_ROLES], lives[JOB_ROLES];
    struct db_rows *rows;
    int count = 0, rc;

    if ((rc = db_query(db, &set, OF_JOB, DB_ARGS(db_int(job)), &rows, e)) != ST_OK)
        return rc;
    for (; count < JOB_ROLES && db_next(rows); count++) {
        media[count] = db_get_int(rows, 0);
        lives[count] = db_get_int(rows, 1);
    }
    db_rows_free(rows);
    for (int i = 0; i < count && rc == ST_OK; i++) {
        rc = db_run(db, &set, EXPIRE, DB_ARGS(db_int(now + lives[i]), db_int(media[i])), NULL, e);
        if (rc == ST_OK)
            rc = db_run(db, &set, KEEP_ON, DB_ARGS(db_int(media[i]), db_int(media[i]), db_int(job)),
                        NULL, e);
    }
    if (rc == ST_OK && count > 0)
        rc = db_run(db, &set, EXPIRE_COPY, DB_ARGS(db_int(now + lives[0]), db_int(job)), NULL, e);
    return rc;
}

int
job_sources(struct db *db, int64_t job, struct job_source out[JOB_ROLES], struct err *e)
{
    struct db_rows *rows;
    int rc = job_source_prepare(db, e);

    for (int i = 0; i < JOB_ROLES; i++)
        out[i] = (struct job_source){0};
    if (rc != ST_OK || (rc = db_query(db, &set, FILES, DB_ARGS(db_int(job)), &rows, e)) != ST_OK)
        return rc;
    while (db_next(rows)) {
        const char *role = db_get_text(rows, 0, NULL), *extension;
        struct job_source *s =
            &out[strcmp(role, role_names[JOB_MASK]) == 0 ? JOB_MASK : JOB_PICTURE];

        extension = db_get_text(rows, 2, NULL);
        s->there = true;
        db_get_bytes(rows, 1, s->media.bytes, sizeof s->media.bytes);
        snprintf(s->extension, sizeof s->extension, "%s", extension);
    }
    db_rows_free(rows);
    return ST_OK;
}
