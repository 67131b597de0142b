/*
 * All SQL of the job queue. Three sets of statements: `set` for every program, `submit` for the
 * application, `work` for workers and the clock. Knows no rules; job.c, job_work.c and job_move.c
 * have them. A change of one row names the primary key as its index: left to choose, the server may
 * walk along the running jobs and wait for locks of others. Keep the claim on its index:
 * bench/queue measures that it stays flat.
 */
#include "common/job_store.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/db.h"
#include "common/err.h"

#define COLUMNS                                                                                    \
    "SELECT id, public_id, account_id, state, model, images, price, cost, attempts, lease_token,"  \
    " cancel_asked, step, steps, error_code, error_message, queued_at, started_at, finished_at,"   \
    " params_version, params, turn, kind FROM job "
enum { COLUMN_PARAMS_VERSION = 18, COLUMN_PARAMS, COLUMN_TURN, COLUMN_KIND };

enum {
    BY_PUBLIC,
    BY_PUBLIC_LOCKED,
    ASK_CANCEL,
    CHANGE,
    PREVIEW_GET,
    RESUME_DROP,
    AHEAD,
    RUNNING_WORK,
};

static const char *const statements[] = {
    [BY_PUBLIC] = COLUMNS "WHERE public_id = ? AND account_id = ?",
    [BY_PUBLIC_LOCKED] = COLUMNS "WHERE public_id = ? AND account_id = ? FOR UPDATE",
    [ASK_CANCEL] = "UPDATE job SET cancel_asked = 1 WHERE id = ?",
    [CHANGE] =
        "UPDATE job FORCE INDEX (PRIMARY) SET state = ?, lease_owner = NULL, lease_until = NULL,"
        " lease_token = lease_token + ?, attempts = attempts - ?, error_code = ?,"
        " error_message = ?, finished_at = ?, step = COALESCE(?, step),"
        " started_at = IF(?, NULL, started_at), turn = IF(?, 0, turn)"
        " WHERE id = ? AND state = ? AND lease_token = ?",
    [PREVIEW_GET] = "SELECT step, image FROM job_preview WHERE job_id = ? AND step > ?",
    [RESUME_DROP] = "DELETE FROM job_resume WHERE job_id = ?",
    [AHEAD] = "SELECT COUNT(*), SUM(cost) FROM (SELECT q.cost FROM job me STRAIGHT_JOIN job q"
              " FORCE INDEX (claim) WHERE me.id = ? AND q.state = 'queued' AND q.model = ?"
              " AND q.turn <= me.turn AND (q.turn < me.turn OR q.id < me.id) LIMIT ?) before_it",
    [RUNNING_WORK] = "SELECT SUM(cost - cost DIV GREATEST(steps, 1) * LEAST(step, steps)) FROM job"
                     " WHERE state = 'running' AND model = ? AND id <> ?",
};

static const struct db_set set = {"job", statements, sizeof statements / sizeof statements[0]};

enum { FIND_SUBMIT, TURNS, INSERT };

static const char *const submit_statements[] = {
    [FIND_SUBMIT] = "SELECT public_id FROM job WHERE account_id = ? AND submit_key = ?",
    /* Each part is the first or last entry of an index, however long the queue is. */
    [TURNS] = "SELECT (SELECT MIN(turn) FROM job WHERE state = 'queued' AND model = ?),"
              " (SELECT MAX(turn) FROM job WHERE model = ?),"
              " (SELECT MAX(turn) FROM job WHERE account_id = ? AND model = ?)",
    [INSERT] = "INSERT INTO job (public_id, account_id, kind, turn, cost, model, images,"
               " params_version, params, price, submit_key, steps, queued_at)"
               " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
};

static const struct db_set submit = {"job submit", submit_statements,
                                     sizeof submit_statements / sizeof submit_statements[0]};

enum {
    NEXT,
    WINDOW,
    WAITING,
    LOCK_QUEUED,
    EXPIRED,
    LOCK_EXPIRED,
    LOCK,
    CLAIM,
    RENEW,
    CANCEL_ASKED,
    PREVIEW_PUT,
    PREVIEW_DROP,
    RESUME_PUT,
    RESUME_GET,
    WORKER_PUT,
    WORKER_DROP,
    WORKERS_FORGET,
};

static const char *const work_statements[] = {
    [NEXT] = COLUMNS "FORCE INDEX (claim) WHERE state = 'queued' AND model = ?"
                     " ORDER BY turn, id LIMIT ? FOR UPDATE SKIP LOCKED",
    [WINDOW] = COLUMNS "FORCE INDEX (claim) WHERE state = 'queued' AND model = ?"
                       " ORDER BY turn, id LIMIT ?",
    [WAITING] = "SELECT 1 FROM job FORCE INDEX (claim) WHERE state = 'queued' AND model = ?"
                " LIMIT 1",
    [LOCK_QUEUED] = "SELECT id FROM job FORCE INDEX (PRIMARY) WHERE state = 'queued' AND id IN"
                    " (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) FOR UPDATE SKIP LOCKED",
    /* Running jobs are few: as many as workers hold. So they need no index by lease. */
    [EXPIRED] = "SELECT id FROM job FORCE INDEX (claim) WHERE state = 'running'"
                " AND lease_until <= ? LIMIT ?",
    [LOCK_EXPIRED] = COLUMNS "WHERE id = ? AND state = 'running' AND lease_until <= ?"
                             " FOR UPDATE SKIP LOCKED",
    [LOCK] = "SELECT account_id, state, price, lease_token, cancel_asked, images, steps,"
             " COALESCE(lease_until, 0), kind FROM job WHERE id = ? FOR UPDATE",
    [CLAIM] = "UPDATE job FORCE INDEX (PRIMARY) SET state = 'running', lease_owner = ?,"
              " lease_until = ?, lease_token = lease_token + 1, attempts = attempts + 1,"
              " step = 0, started_at = ? WHERE state = 'queued' AND id IN"
              " (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
    [RENEW] = "UPDATE job FORCE INDEX (PRIMARY) SET lease_until = ?, step = GREATEST(step, ?)"
              " WHERE id = ? AND state = 'running' AND lease_token = ? AND lease_until > ?",
    [CANCEL_ASKED] = "SELECT cancel_asked FROM job WHERE id = ?",
    [PREVIEW_PUT] = "INSERT INTO job_preview (job_id, step, image, updated_at)"
                    " VALUES (?, ?, ?, ?) ON DUPLICATE KEY UPDATE step = VALUES(step),"
                    " image = VALUES(image), updated_at = VALUES(updated_at)",
    [PREVIEW_DROP] = "DELETE FROM job_preview WHERE job_id = ?",
    [RESUME_PUT] = "INSERT INTO job_resume (job_id, position, step, state, updated_at)"
                   " VALUES (?, ?, ?, ?, ?) ON DUPLICATE KEY UPDATE step = VALUES(step),"
                   " state = VALUES(state), updated_at = VALUES(updated_at)",
    [RESUME_GET] = "SELECT step, state FROM job_resume WHERE job_id = ? AND position = ?",
    [WORKER_PUT] = "INSERT INTO render_worker (name, model, started_at, last_seen_at, speed)"
                   " VALUES (?, ?, ?, ?, ?) ON DUPLICATE KEY UPDATE model = VALUES(model),"
                   " last_seen_at = VALUES(last_seen_at), speed = VALUES(speed)",
    [WORKER_DROP] = "DELETE FROM render_worker WHERE name = ?",
    [WORKERS_FORGET] = "DELETE FROM render_worker WHERE last_seen_at < ?",
};

static const struct db_set work = {"job work", work_statements,
                                   sizeof work_statements / sizeof work_statements[0]};

int
job_store_prepare(struct db *db, struct err *e)
{
    return db_prepare(db, &set, e);
}

int
job_store_prepare_submit(struct db *db, struct err *e)
{
    return db_prepare(db, &submit, e);
}

int
job_store_prepare_work(struct db *db, struct err *e)
{
    return db_prepare(db, &work, e);
}

static struct db_value
db_id(const struct id *id)
{
    return db_bytes(id->bytes, sizeof id->bytes);
}

static int
not_found(struct err *e)
{
    return err_set(e, ST_NOTFOUND, "There is no such job.", NULL);
}

static int
state_of(const char *name)
{
    for (int s = JOB_QUEUED; s <= JOB_CANCELLED; s++)
        if (strcmp(name, job_state_name((enum job_state)s)) == 0)
            return s;
    return JOB_FAILED; /* a state of a later version: nothing to be done with it here */
}

/* Of a kind of a later version the parameters cannot be read. */
static enum job_kind
kind_of(const char *name)
{
    enum job_kind kind = JOB_GENERATE;

    (void)job_kind_find(name, &kind);
    return kind;
}

/* --- rows of jobs --- */

int
job_store_by_public(struct db *db, enum job_store_query query, const struct id *public_id,
                    int64_t account, struct db_rows **out, struct err *e)
{
    int statement = query == JOB_BY_PUBLIC ? BY_PUBLIC : BY_PUBLIC_LOCKED;
    int rc = db_query(db, &set, statement, DB_ARGS(db_id(public_id), db_int(account)), out, e);

    if (rc == ST_OK && !db_next(*out)) {
        db_rows_free(*out);
        *out = NULL;
        rc = not_found(e);
    }
    return rc;
}

int
job_store_next(struct db *db, const char *model, int max, struct db_rows **out, struct err *e)
{
    return db_query(db, &work, NEXT, DB_ARGS(db_text(model), db_int(max)), out, e);
}

int
job_store_window(struct db *db, const char *model, int max, struct db_rows **out, struct err *e)
{
    return db_query(db, &work, WINDOW, DB_ARGS(db_text(model), db_int(max)), out, e);
}

int
job_store_waiting(struct db *db, const char *model, bool *waiting, struct err *e)
{
    struct db_rows *rows;
    int rc;

    *waiting = false;
    if ((rc = db_query(db, &work, WAITING, DB_ARGS(db_text(model)), &rows, e)) != ST_OK)
        return rc;
    *waiting = db_next(rows);
    db_rows_free(rows);
    return ST_OK;
}

int
job_store_lock_queued(struct db *db, const int64_t *ids, int count, bool *got, struct err *e)
{
    struct db_value args[JOB_STORE_CLAIM];
    struct db_rows *rows;
    int rc;

    memset(got, 0, (size_t)count * sizeof *got);
    for (int i = 0; i < JOB_STORE_CLAIM; i++) /* places that are left over repeat the first */
        args[i] = db_int(ids[i < count ? i : 0]);
    rc = db_query(db, &work, LOCK_QUEUED, args, sizeof args / sizeof args[0], &rows, e);
    if (rc != ST_OK)
        return rc;
    while (db_next(rows)) {
        for (int i = 0; i < count; i++)
            got[i] = got[i] || ids[i] == db_get_int(rows, 0);
    }
    db_rows_free(rows);
    return ST_OK;
}

int
job_store_expired(struct db *db, int64_t now, int max, struct db_rows **out, struct err *e)
{
    return db_query(db, &work, EXPIRED, DB_ARGS(db_int(now), db_int(max)), out, e);
}

int
job_store_lock_expired(struct db *db, int64_t id, int64_t now, struct db_rows **out, struct err *e)
{
    return db_query(db, &work, LOCK_EXPIRED, DB_ARGS(db_int(id), db_int(now)), out, e);
}

void
job_store_read(const struct db_rows *rows, struct job *out)
{
    *out = (struct job){0};
    out->id = db_get_int(rows, 0);
    db_get_bytes(rows, 1, out->public_id.bytes, sizeof out->public_id.bytes);
    out->account = db_get_int(rows, 2);
    out->state = (enum job_state)state_of(db_get_text(rows, 3, NULL));
    snprintf(out->model, sizeof out->model, "%s", db_get_text(rows, 4, NULL));
    out->images = (int)db_get_int(rows, 5);
    out->price = db_get_int(rows, 6);
    out->cost = db_get_int(rows, 7);
    out->attempts = (int)db_get_int(rows, 8);
    out->lease_token = (uint64_t)db_get_int(rows, 9);
    out->cancel_asked = db_get_int(rows, 10) != 0;
    out->step = (int)db_get_int(rows, 11);
    out->steps = (int)db_get_int(rows, 12);
    snprintf(out->error_code, sizeof out->error_code, "%s", db_get_text(rows, 13, NULL));
    snprintf(out->error_message, sizeof out->error_message, "%s", db_get_text(rows, 14, NULL));
    out->queued_at = db_get_int(rows, 15);
    out->started_at = db_get_int(rows, 16);
    out->finished_at = db_get_int(rows, 17);
    out->turn = db_get_int(rows, COLUMN_TURN);
    out->kind = kind_of(db_get_text(rows, COLUMN_KIND, NULL));
}

const char *
job_store_params(const struct db_rows *rows, int *version)
{
    *version = (int)db_get_int(rows, COLUMN_PARAMS_VERSION);
    return db_get_text(rows, COLUMN_PARAMS, NULL);
}

/* --- submitting --- */

int
job_store_find_submit(struct db *db, int64_t account, const struct id *submit_key, struct id *out,
                      struct err *e)
{
    struct db_rows *rows;
    int rc;

    *out = (struct id){0};
    rc = db_query(db, &submit, FIND_SUBMIT, DB_ARGS(db_int(account), db_id(submit_key)), &rows, e);
    if (rc != ST_OK)
        return rc;
    if (db_next(rows))
        db_get_bytes(rows, 0, out->bytes, sizeof out->bytes);
    else
        rc = not_found(e);
    db_rows_free(rows);
    return rc;
}

int
job_store_turns(struct db *db, const char *model, int64_t account, int64_t *head, int64_t *own,
                struct err *e)
{
    struct db_value m = db_text(model), a = db_int(account);
    struct db_rows *rows;
    int rc;

    *head = *own = 0;
    if ((rc = db_query(db, &submit, TURNS, DB_ARGS(m, m, a, m), &rows, e)) != ST_OK)
        return rc;
    if (db_next(rows)) {
        *head = db_get_int(rows, db_is_null(rows, 0) ? 1 : 0);
        *own = db_get_int(rows, 2);
    }
    db_rows_free(rows);
    return ST_OK;
}

int
job_store_insert(struct db *db, const struct job_insert *i, int64_t *id, struct err *e)
{
    const struct job_submission *s = i->submission;
    struct db_done done;
    int rc;

    rc = db_run(db, &submit, INSERT,
                DB_ARGS(db_id(&i->public_id), db_int(s->account), db_text(job_kind_name(s->kind)),
                        db_int(i->turn), db_int(i->cost), db_text(s->model), db_int(s->images),
                        db_int(JOB_PARAMS_VERSION), db_text(i->params), db_int(s->price),
                        db_id(&s->submit_key), db_int(i->steps), db_int(i->now)),
                &done, e);
    *id = done.insert_id;
    return rc;
}

/* --- states --- */

int
job_store_lock(struct db *db, int64_t id, uint64_t token, int64_t now, bool *held, struct job *out,
               struct err *e)
{
    struct db_rows *rows;
    int rc;

    *held = false;
    *out = (struct job){0};
    if ((rc = db_query(db, &work, LOCK, DB_ARGS(db_int(id)), &rows, e)) != ST_OK)
        return rc;
    if (db_next(rows)) {
        out->id = id;
        out->account = db_get_int(rows, 0);
        out->state = (enum job_state)state_of(db_get_text(rows, 1, NULL));
        out->price = db_get_int(rows, 2);
        out->lease_token = (uint64_t)db_get_int(rows, 3);
        out->cancel_asked = db_get_int(rows, 4) != 0;
        out->images = (int)db_get_int(rows, 5);
        out->steps = (int)db_get_int(rows, 6);
        out->kind = kind_of(db_get_text(rows, 8, NULL));
        *held = out->state == JOB_RUNNING && out->lease_token == token && db_get_int(rows, 7) > now;
    } else {
        rc = not_found(e);
    }
    db_rows_free(rows);
    return rc;
}

int
job_store_ask_cancel(struct db *db, int64_t id, struct err *e)
{
    return db_run(db, &set, ASK_CANCEL, DB_ARGS(db_int(id)), NULL, e);
}

int
job_store_change(struct db *db, const struct job_store_change *c, struct err *e)
{
    struct db_done done;
    int rc;

    rc = db_run(db, &set, CHANGE,
                DB_ARGS(db_text(job_state_name(c->to)), db_int(c->token_ahead),
                        db_int(c->attempts_back), db_text(c->code), db_text(c->message),
                        c->finished_at != 0 ? db_int(c->finished_at) : db_null(),
                        c->step >= 0 ? db_int(c->step) : db_null(), db_int(c->forget_start),
                        db_int(c->forget_turn), db_int(c->id), db_text(job_state_name(c->from)),
                        db_int((int64_t)c->token)),
                &done, e);
    if (rc == ST_OK && done.affected != 1)
        rc = err_set(e, ST_CONFLICT, "The job has moved on.", "job %" PRId64 " is not %s", c->id,
                     job_state_name(c->from));
    return rc;
}

int
job_store_claim(struct db *db, const int64_t *ids, int count, const char *worker, int64_t until,
                int64_t now, struct err *e)
{
    struct db_value args[3 + JOB_STORE_CLAIM] = {db_text(worker), db_int(until), db_int(now)};
    struct db_done done;
    int rc;

    for (int i = 0; i < JOB_STORE_CLAIM; i++) /* places that are left over repeat the first */
        args[3 + i] = db_int(ids[i < count ? i : 0]);
    rc = db_run(db, &work, CLAIM, args, sizeof args / sizeof args[0], &done, e);
    if (rc == ST_OK && done.affected != count)
        rc = err_set(e, ST_CONFLICT, "The job has moved on.",
                     "of %d locked jobs %" PRId64 " are queued", count, done.affected);
    return rc;
}

int
job_store_renew(struct db *db, const struct job *j, int64_t now, int64_t until, int step,
                struct err *e)
{
    struct db_done done;
    int rc;

    rc = db_run(db, &work, RENEW,
                DB_ARGS(db_int(until), db_int(step), db_int(j->id), db_int((int64_t)j->lease_token),
                        db_int(now)),
                &done, e);
    if (rc == ST_OK && done.affected != 1)
        rc = err_set(e, ST_LOST, "The job belongs to another worker now.", "job %" PRId64, j->id);
    return rc;
}

int
job_store_cancel_asked(struct db *db, int64_t id, bool *asked, struct err *e)
{
    struct db_rows *rows;
    int rc;

    *asked = false;
    if ((rc = db_query(db, &work, CANCEL_ASKED, DB_ARGS(db_int(id)), &rows, e)) != ST_OK)
        return rc;
    *asked = db_next(rows) && db_get_int(rows, 0) != 0;
    db_rows_free(rows);
    return ST_OK;
}

/* --- previews, workers, waiting --- */

int
job_store_preview_put(struct db *db, int64_t id, int step, const void *jpeg, size_t size,
                      int64_t now, struct err *e)
{
    return db_run(db, &work, PREVIEW_PUT,
                  DB_ARGS(db_int(id), db_int(step), db_bytes(jpeg, size), db_int(now)), NULL, e);
}

int
job_store_preview_drop(struct db *db, int64_t id, struct err *e)
{
    return db_run(db, &work, PREVIEW_DROP, DB_ARGS(db_int(id)), NULL, e);
}

/* A number and bytes of the one row; the bytes into heap memory. */
static int
read_blob(struct db_rows *rows, const char *missing, int *step, void **data, size_t *size,
          struct err *e)
{
    const char *bytes;

    if (!db_next(rows))
        return err_set(e, ST_NOTFOUND, missing, NULL);
    bytes = db_get_text(rows, 1, size);
    if ((*data = malloc(*size + 1)) == NULL) {
        *size = 0;
        return err_set(e, ST_NOMEM, "Please try again later.", "bytes of a job");
    }
    memcpy(*data, bytes, *size);
    *step = (int)db_get_int(rows, 0);
    return ST_OK;
}

int
job_store_preview_get(struct db *db, int64_t id, int after_step, int *step, void **data,
                      size_t *size, struct err *e)
{
    struct db_rows *rows;
    int rc;

    *step = 0;
    *data = NULL;
    *size = 0;
    rc = db_query(db, &set, PREVIEW_GET, DB_ARGS(db_int(id), db_int(after_step)), &rows, e);
    if (rc != ST_OK)
        return rc;
    rc = read_blob(rows, "There is no newer preview.", step, data, size, e);
    db_rows_free(rows);
    return rc;
}

int
job_store_resume_put(struct db *db, int64_t id, int position, int step, const void *state,
                     size_t size, int64_t now, struct err *e)
{
    return db_run(
        db, &work, RESUME_PUT,
        DB_ARGS(db_int(id), db_int(position), db_int(step), db_bytes(state, size), db_int(now)),
        NULL, e);
}

int
job_store_resume_get(struct db *db, int64_t id, int position, int *step, void **state, size_t *size,
                     struct err *e)
{
    struct db_rows *rows;
    int rc;

    *step = 0;
    *state = NULL;
    *size = 0;
    rc = db_query(db, &work, RESUME_GET, DB_ARGS(db_int(id), db_int(position)), &rows, e);
    if (rc != ST_OK)
        return rc;
    rc = read_blob(rows, "There is nothing to go on from.", step, state, size, e);
    db_rows_free(rows);
    return rc;
}

int
job_store_resume_drop(struct db *db, int64_t id, struct err *e)
{
    return db_run(db, &set, RESUME_DROP, DB_ARGS(db_int(id)), NULL, e);
}

/* Two whole numbers of a single row. */
static int
read_pair(struct db *db, int statement, const struct db_value *args, size_t nargs, int64_t *first,
          int64_t *second, struct err *e)
{
    struct db_rows *rows;
    int rc;

    *first = *second = 0;
    if ((rc = db_query(db, &set, statement, args, nargs, &rows, e)) != ST_OK)
        return rc;
    if (db_next(rows)) {
        *first = db_get_int(rows, 0);
        *second = db_get_int(rows, 1);
    }
    db_rows_free(rows);
    return ST_OK;
}

int
job_store_ahead(struct db *db, const struct job *j, int max, int64_t *jobs, int64_t *work_left,
                struct err *e)
{
    return read_pair(db, AHEAD, DB_ARGS(db_int(j->id), db_text(j->model), db_int(max)), jobs,
                     work_left, e);
}

int
job_store_running_work(struct db *db, const char *model, int64_t id, int64_t *work_left,
                       struct err *e)
{
    struct db_rows *rows;
    int rc;

    *work_left = 0;
    rc = db_query(db, &set, RUNNING_WORK, DB_ARGS(db_text(model), db_int(id)), &rows, e);
    if (rc != ST_OK)
        return rc;
    if (db_next(rows))
        *work_left = db_get_int(rows, 0);
    db_rows_free(rows);
    return ST_OK;
}

int
job_store_worker_put(struct db *db, const char *worker, const char *model, int64_t speed,
                     int64_t now, struct err *e)
{
    return db_run(db, &work, WORKER_PUT,
                  DB_ARGS(db_text(worker), db_text(model), db_int(now), db_int(now), db_int(speed)),
                  NULL, e);
}

int
job_store_worker_drop(struct db *db, const char *worker, struct err *e)
{
    return db_run(db, &work, WORKER_DROP, DB_ARGS(db_text(worker)), NULL, e);
}

int
job_store_workers_forget(struct db *db, int64_t before, struct err *e)
{
    return db_run(db, &work, WORKERS_FORGET, DB_ARGS(db_int(before)), NULL, e);
}
