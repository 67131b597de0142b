/*
 * What the programs of t/queue share: a connection with every statement prepared, accounts with
 * credits, submissions, and the two checks that every test ends with. Not a test by itself.
 */
#ifndef GEMPIX_T_QUEUE_QUEUE_KIT_H
#define GEMPIX_T_QUEUE_QUEUE_KIT_H

#include <stdbool.h>
#include <stdint.h>

#include "common/err.h"
#include "common/job.h"

struct db;
struct store;

/* Opens the schema at a socket as `user` without a password; ends the program with a message when
 * it cannot. */
struct db *kit_open(const char *socket, const char *schema, const char *user);
/* Statements of the application and of workers, and those below. */
void kit_prepare(struct db *db);

/* A new account with so many credits granted (0 = none); its row id. */
int64_t kit_account(struct db *db, int64_t credits);
/* A valid submission of one cheap image; `key` NULL = a new random key. */
struct job_submission kit_submission(int64_t account, const char *model, const struct id *key);

/* One number of the database. */
enum kit_number {
    KIT_JOBS_OF_STATE, /* arg: state */
    KIT_RESULTS_TWICE, /* job and position with more than one stored result */
    KIT_DONE_WITHOUT,  /* done jobs with another number of stored results than images */
    KIT_HOLDS,         /* hold transfers */
    KIT_TURN,          /* arg: public id as 32 hex digits */
    KIT_PREVIEWS,
    KIT_NEGATIVE, /* balances below zero */
};
int64_t kit_number(struct db *db, enum kit_number what, const char *arg);
/* Rows read by this connection so far: by walking an index, and by walking a table. */
void kit_rows_read(struct db *db, int64_t *by_index, int64_t *by_table);
/* Changes job rows behind the queue's back, as a bug or an old version would. */
void kit_spoil_params(struct db *db, int64_t job);
void kit_end_lease(struct db *db, int64_t job);

/* Runs ledger_check and media_check; prints what differs as remarks. True when both are clean.
 * `store` NULL = no media. */
bool kit_clean(struct db *db, struct store *store);
/* "message (detail)" and exit 1. */
void kit_die(const char *what, const struct err *e) __attribute__((noreturn));

#endif
