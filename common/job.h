/*
 * The job queue: the only contract between the application and the render daemon.
 *
 *     queued -> running -> done | failed | cancelled        queued -> cancelled
 *     running -> queued   (lease lost, given back; at most `attempts` claims, then failed)
 *
 * A move and its credits are one transaction. A running job has a lease: (id, lease_token,
 * lease_until). A worker whose token is no longer the row's, or whose lease has ended, can write
 * nothing (ST_LOST) and can not get it back. Order is by `turn`, start-time fair queueing between
 * accounts.
 */
#ifndef GEMPIX_COMMON_JOB_H
#define GEMPIX_COMMON_JOB_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/ids.h"

struct db;
struct err;

enum job_state { JOB_QUEUED, JOB_RUNNING, JOB_DONE, JOB_FAILED, JOB_CANCELLED };
const char *job_state_name(enum job_state s); /* "queued" … */

enum job_kind {
    JOB_GENERATE,  /* from words alone */
    JOB_VARIATION, /* of a picture */
    JOB_EDIT,      /* the words say what to do with a picture */
    JOB_REPAINT,   /* a picture anew where the mask is white */
    JOB_CLEANUP,   /* what the mask marks, or a mark that is looked for, is taken out */
    JOB_ANIMATE,   /* a film that begins with a picture */
    JOB_UPSCALE,
};
#define JOB_KINDS 7
const char *job_kind_name(enum job_kind k); /* "generate" … */
bool job_kind_find(const char *name, enum job_kind *out);

enum job_role { JOB_PICTURE, JOB_MASK }; /* what a job is made from, besides words */
#define JOB_ROLES 2
#define JOB_PARAMS_VERSION 1
#define JOB_IMAGES_MAX 4
#define JOB_PROMPT_MAX 2000 /* bytes of UTF-8 */

/* Parameters, version 1. Which of them a kind has: the table in job_params.c; the others are zero.
 * Strings are heap memory owned by the struct. */
struct job_params {
    char *prompt;          /* CLEANUP, UPSCALE: may be left out */
    char *negative_prompt; /* the same */
    int width, height;     /* CLEANUP, UPSCALE: 0, their picture decides */
    int steps;             /* CLEANUP, UPSCALE: 100, progress in percent */
    double guidance;
    uint32_t seed;         /* variation i uses seed + i */
    char sampler[16];      /* "ddim", "euler", "euler-a", "dpm", "dpm-karras", "lcm" */
    double strength;       /* VARIATION, REPAINT: share of the steps that is run, 0 to 1 */
    double image_guidance; /* EDIT: how closely to keep to the picture, 1 to 5 */
    int frames, fps;       /* ANIMATE */
    bool find_mark;        /* CLEANUP: no mask, the mark is looked for */
    int factor;            /* UPSCALE: 2 or 4 */
    bool rights;           /* CLEANUP: the member has confirmed the right to do it */
};
void job_params_release(struct job_params *p);
/* Writes the kind's members as JSON into heap memory (free()). 0 or ST_NOMEM. */
int job_params_write(enum job_kind kind, const struct job_params *p, char **json, struct err *e);
/* Strict: a missing, unknown or out-of-range member, and one of another kind, is ST_INVALID (rows
 * are input). */
int job_params_read(enum job_kind kind, const char *json, int version, struct job_params *out,
                    struct err *e);

struct job {
    int64_t id;
    struct id public_id;
    int64_t account;
    enum job_kind kind;
    enum job_state state;
    char model[65];
    int images;
    struct job_params params;
    int64_t price, cost, turn;
    int attempts;
    uint64_t lease_token;
    bool cancel_asked;
    int step, steps;
    char error_code[33];
    char error_message[256];
    int64_t queued_at, started_at, finished_at; /* 0 = not yet */
};
void job_release(struct job *j);

/* For the application: its statements and the ledger's. */
int job_prepare(struct db *db, struct err *e);
/* For workers and the steward instead: their statements, the ledger's and the media's. Called at
   start it makes a missing right stop the program there; otherwise the first call that needs them
   prepares them. */
int job_work_prepare(struct db *db, struct err *e);

/* --- the application's side --- */

struct job_submission {
    int64_t account;
    enum job_kind kind;
    struct id submit_key; /* from the form: the same key again returns the first job */
    const char *model;
    int images;
    struct job_params params;
    int64_t price;
    int64_t work; /* pixel-steps that take as long; 0 = those that it has */
    /* By enum job_role: stored files of the account; NULL = none. A kind has those it needs. */
    const struct id *sources[JOB_ROLES];
    int64_t upload_lives_us; /* how long uploads stay after the job has ended */
};
/* Inserts the job, holds its price and keeps its uploads in one transaction. *out is the public id
 * (of the first job when the key was seen before). 0, ST_INVALID, ST_FUNDS, ST_NOTFOUND (a source
 * is gone, or another account's), ST_DB. */
int job_submit(struct db *db, const struct job_submission *s, struct id *out, struct err *e);
/* Loads an account's job. ST_NOTFOUND also for another account's. job_release(out). */
int job_load(struct db *db, int64_t account, const struct id *public_id, struct job *out,
             struct err *e);
/* Cancels: a queued job at once with its credits released; a running one is asked to stop. 0 also
 * when it has ended already. */
int job_cancel(struct db *db, int64_t account, const struct id *public_id, struct err *e);
/* Queued jobs that come before this one, and their work in pixel-steps plus what is left of running
   ones, plus what the workers owe to other models meanwhile. Zeros for a job that is not queued. At
   most 10,000 jobs are counted: beyond that both are lower bounds. `speed`: of the workers with its
   model, 0 = unknown. */
int job_ahead(struct db *db, const struct job *j, int64_t speed, int64_t *jobs, int64_t *work,
              struct err *e);
/* The preview JPEG of a running job into heap memory (free()); ST_NOTFOUND when there is none newer
 * than `after_step`. */
int job_preview_load(struct db *db, int64_t job, int after_step, int *step, void **data,
                     size_t *size, struct err *e);

/* --- the worker's side --- */

/* Claims up to `max` jobs of the model in one transaction; *count may be 0. Jobs whose parameters
   cannot be read are failed on the spot. job_release each. */
int job_claim(struct db *db, const char *worker, const char *model, int64_t lease_us,
              int attempts_max, int max, struct job *out, int *count, struct err *e);
/* The same for jobs that are drawn in one pass: takes the head of the queue, and of the jobs that
   follow it closely (by less than `max` of their own cost) those that `joins` accepts beside those
   already taken (count > 0), in the order of their turns. `joins` NULL: whatever comes next. */
struct job_claim_ask {
    const char *worker, *model;
    int64_t lease_us;
    int attempts_max;
    int max;
    int workers; /* that share the queue, this one included; 0 counts as 1 */
    bool (*joins)(void *ctx, const struct job *taken, int count, const struct job *other);
    void *ctx;
};
int job_claim_batch(struct db *db, const struct job_claim_ask *ask, struct job *out, int *count,
                    struct err *e);
/* Does anybody wait for this model? Others may be quicker to claim. */
int job_waiting(struct db *db, const char *model, bool *waiting, struct err *e);
/* Inside the caller's transaction: locks the job's row and makes sure that the lease is still the
 * caller's until the transaction ends. ST_LOST. */
int job_hold_lease(struct db *db, const struct job *j, struct err *e);
/* Prolongs the lease and stores progress. *cancel becomes true when a stop was asked for. ST_LOST
 * when the lease is somebody else's. */
int job_renew(struct db *db, const struct job *j, int64_t lease_us, int step, bool *cancel,
              struct err *e);
int job_preview_store(struct db *db, const struct job *j, int step, const void *jpeg, size_t size,
                      struct err *e);
/* What a later attempt may go on from, for one variation: opaque bytes of the engine. Each replaces
   the one before; all go when the job ends. ST_LOST, ST_TOOBIG. */
#define JOB_RESUME_MAX ((size_t)4 << 20)
int job_resume_store(struct db *db, const struct job *j, int position, int step, const void *state,
                     size_t size, struct err *e);
/* Into heap memory (free()). ST_NOTFOUND when there is none. */
int job_resume_load(struct db *db, const struct job *j, int position, int *step, void **state,
                    size_t *size, struct err *e);
/* done: moves the state, captures the credits, publishes the media rows that were written under
   this lease ('writing' -> 'stored', with expires_at). ST_LOST; ST_INTERNAL when there is not one
   result per image: nothing is charged for less than what was asked for. */
int job_finish(struct db *db, const struct job *j, int64_t media_lives_us, struct err *e);
/* failed: releases the credits, dooms media of this lease. `code` is short and stable ("engine",
 * "out_of_memory"), `message` for the visitor. ST_LOST. */
int job_fail(struct db *db, const struct job *j, const char *code, const char *message,
             struct err *e);
/* running -> cancelled after cancel_asked: releases the credits. ST_LOST; ST_CONFLICT when nobody
 * asked. */
int job_cancelled(struct db *db, const struct job *j, struct err *e);
/* running -> queued without blame (SIGTERM): the attempt is not counted. Cancelled instead, when
 * that was asked for. ST_LOST. */
int job_give_back(struct db *db, const struct job *j, struct err *e);
/* Announces the worker and its speed; once at start and then about every 10 s. job_worker_bye
 * removes it. */
int job_worker_seen(struct db *db, const char *worker, const char *model, int64_t speed,
                    struct err *e);
int job_worker_bye(struct db *db, const char *worker, struct err *e);

/* --- the clock's side (workers when idle, steward) --- */

/* Running jobs whose lease ended: queued again, or failed with credits released when their attempts
   are used up, or cancelled when that was asked. Their unfinished media become 'doomed'. In batches
   of `max`. *moved counts them. */
int job_requeue_lost(struct db *db, int attempts_max, int max, int *moved, struct err *e);

#endif
