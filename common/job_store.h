/*
 * All SQL of the job queue. Private to job.c, job_work.c and job_move.c. Statements come in three
 * sets, so that each program's grants can be small: what every program does, what the application
 * does, what workers and the clock do.
 */
#ifndef GEMPIX_COMMON_JOB_STORE_H
#define GEMPIX_COMMON_JOB_STORE_H

#include <stdbool.h>
#include <stdint.h>

#include "common/job.h"

struct db_rows;

int job_store_prepare(struct db *db, struct err *e);
int job_store_prepare_submit(struct db *db, struct err *e);
int job_store_prepare_work(struct db *db, struct err *e);

/* --- rows of jobs --- */

/* Which rows job_store_query selects, and how it locks them. */
enum job_store_query {
    JOB_BY_PUBLIC,        /* args: public id, account */
    JOB_BY_PUBLIC_LOCKED, /* the same, FOR UPDATE */
};
int job_store_by_public(struct db *db, enum job_store_query query, const struct id *public_id,
                        int64_t account, struct db_rows **out, struct err *e);
/* The next queued jobs of a model, locked, skipping those that others hold. */
int job_store_next(struct db *db, const char *model, int max, struct db_rows **out, struct err *e);
/* The first queued jobs of a model as they are; nothing is locked, locked ones are among them. */
int job_store_window(struct db *db, const char *model, int max, struct db_rows **out,
                     struct err *e);
int job_store_waiting(struct db *db, const char *model, bool *waiting, struct err *e);
#define JOB_STORE_CLAIM 16
/* Locks those of the jobs, at most JOB_STORE_CLAIM, that are still queued and that nobody else
 * holds; got[i] says which. */
int job_store_lock_queued(struct db *db, const int64_t *ids, int count, bool *got, struct err *e);
/* Ids of running jobs whose lease ended by `now`; nothing is locked. */
int job_store_expired(struct db *db, int64_t now, int max, struct db_rows **out, struct err *e);
/* One of them, locked; no row when somebody else was quicker. */
int job_store_lock_expired(struct db *db, int64_t id, int64_t now, struct db_rows **out,
                           struct err *e);
/* The current row as all but the parameters; they are job_store_params. */
void job_store_read(const struct db_rows *rows, struct job *out);
/* Borrowed until db_rows_free. */
const char *job_store_params(const struct db_rows *rows, int *version);

/* --- submitting --- */

/* ST_NOTFOUND when this account has not used the key. */
int job_store_find_submit(struct db *db, int64_t account, const struct id *submit_key,
                          struct id *out, struct err *e);
/* Virtual time: where the model's queue stands (its first turn, or when it is empty the last that
   it ever gave), and the account's last turn in it; 0 when there is none. */
int job_store_turns(struct db *db, const char *model, int64_t account, int64_t *head, int64_t *own,
                    struct err *e);
struct job_insert {
    const struct job_submission *submission;
    struct id public_id;
    const char *params;
    int64_t turn, cost, now;
    int steps;
};
int job_store_insert(struct db *db, const struct job_insert *i, int64_t *id, struct err *e);

/* --- states --- */

/* Locks the row; *held tells whether it runs under this token and its lease has not ended.
 * ST_NOTFOUND. */
int job_store_lock(struct db *db, int64_t id, uint64_t token, int64_t now, bool *held,
                   struct job *out, struct err *e);
int job_store_ask_cancel(struct db *db, int64_t id, struct err *e);
struct job_store_change {
    int64_t id;
    uint64_t token;
    enum job_state from, to;
    int attempts_back, token_ahead;
    const char *code, *message; /* NULL = none */
    int64_t finished_at;        /* 0 = none */
    int step;                   /* -1 = as it is */
    bool forget_start, forget_turn;
};
/* ST_CONFLICT when the row is not in `from` under this token. */
int job_store_change(struct db *db, const struct job_store_change *c, struct err *e);
/* Locked queued jobs, at most JOB_STORE_CLAIM, become the worker's. */
int job_store_claim(struct db *db, const int64_t *ids, int count, const char *worker, int64_t until,
                    int64_t now, struct err *e);
/* ST_LOST. */
int job_store_renew(struct db *db, const struct job *j, int64_t now, int64_t until, int step,
                    struct err *e);
int job_store_cancel_asked(struct db *db, int64_t id, bool *asked, struct err *e);

/* --- previews, workers, waiting --- */

int job_store_preview_put(struct db *db, int64_t id, int step, const void *jpeg, size_t size,
                          int64_t now, struct err *e);
int job_store_preview_drop(struct db *db, int64_t id, struct err *e);
int job_store_preview_get(struct db *db, int64_t id, int after_step, int *step, void **data,
                          size_t *size, struct err *e);
int job_store_resume_put(struct db *db, int64_t id, int position, int step, const void *state,
                         size_t size, int64_t now, struct err *e);
int job_store_resume_get(struct db *db, int64_t id, int position, int *step, void **state,
                         size_t *size, struct err *e);
int job_store_resume_drop(struct db *db, int64_t id, struct err *e);
/* At most `max` jobs are counted. */
int job_store_ahead(struct db *db, const struct job *j, int max, int64_t *jobs, int64_t *work,
                    struct err *e);
int job_store_running_work(struct db *db, const char *model, int64_t id, int64_t *work,
                           struct err *e);
int job_store_worker_put(struct db *db, const char *worker, const char *model, int64_t speed,
                         int64_t now, struct err *e);
int job_store_worker_drop(struct db *db, const char *worker, struct err *e);
int job_store_workers_forget(struct db *db, int64_t before, struct err *e);

#endif
