/*
 * Rows about erasures, and what the register demands for one account. Private to erasure*.c.
 */
#ifndef GEMPIX_COMMON_ERASURE_STORE_H
#define GEMPIX_COMMON_ERASURE_STORE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/crypto.h"
#include "common/erasure.h"
#include "common/language.h"

struct db;
struct db_rows;
struct err;

#define ERASURE_WHAT 100

struct erasure_person {
    char email[255];
    char language[LANGUAGE_TAG];
    bool proven; /* the address is theirs */
};

/* Of the application and the operator; and of the steward and the operator. */
int erasure_store_prepare(struct db *db, struct err *e);
int erasure_store_prepare_run(struct db *db, struct err *e);

/* state 'active' -> 'leaving' and back; *changed false: it was not so. */
int erasure_store_close(struct db *db, int64_t account, bool *changed, struct err *e);
int erasure_store_reopen(struct db *db, int64_t account, struct err *e);
int erasure_store_end_sessions(struct db *db, int64_t account, struct err *e);
int erasure_store_insert(struct db *db, const struct erasure *r, struct err *e);
/* *removed false: there was none, or it has begun. */
int erasure_store_remove(struct db *db, int64_t account, bool *removed, struct err *e);
int erasure_store_load(struct db *db, int64_t account, struct erasure *out, struct err *e);
int erasure_store_person(struct db *db, int64_t account, struct erasure_person *out, struct err *e);
/* Columns: public_id of jobs that are not over. */
int erasure_store_jobs(struct db *db, int64_t account, int max, struct db_rows **out,
                       struct err *e);
/* ST_NOTFOUND; *done_at 0 while it is not done. */
int erasure_store_receipt(struct db *db, const struct id *code, int64_t *done_at,
                          uint8_t head[CRYPTO_SHA256], struct err *e);

/* The first that is due, with an id above `after`; out->id 0: none. */
int erasure_store_due(struct db *db, int64_t now, int64_t after, struct erasure *out,
                      struct err *e);
int erasure_store_unreminded(struct db *db, int64_t now, int64_t until, struct erasure *out,
                             struct err *e);
int erasure_store_reminded(struct db *db, int64_t id, int64_t now, bool *first, struct err *e);
/* The person, while nobody else changes the account. */
int erasure_store_lock_person(struct db *db, int64_t account, struct erasure_person *out,
                              struct err *e);
/* Are jobs of it not over? */
int erasure_store_working(struct db *db, int64_t account, bool *working, struct err *e);
/* *mine false: it was taken back meanwhile. */
int erasure_store_begin(struct db *db, int64_t id, bool *mine, struct err *e);
int erasure_store_add(struct db *db, int64_t id, const char *what, const char *action,
                      int64_t entries, int64_t files, int64_t now, struct err *e);
/* Columns: what, action, entries, files, ended_at. */
int erasure_store_steps(struct db *db, int64_t id, struct db_rows **out, struct err *e);
/* The tombstone: no account in it, no steps. And the account's own state. */
int erasure_store_end(struct db *db, const struct erasure *r, const uint8_t head[CRYPTO_SHA256],
                      int64_t now, struct err *e);

/* --- the register's part: erasure_plan_store.c --- */

size_t erasure_plan_steps(const struct erasure_plan *p);
const char *erasure_plan_what(const struct erasure_plan *p, size_t step);
const char *erasure_plan_action(const struct erasure_plan *p, size_t step);
/* The account's own row: last, together with the receipt. */
bool erasure_plan_is_last(const struct erasure_plan *p, size_t step);
/* Rows with files: the sweep of media removes them. */
bool erasure_plan_has_files(const struct erasure_plan *p, size_t step);
/* At most one batch; *changed 0: nothing is left. */
int erasure_plan_batch(struct db *db, const struct erasure_plan *p, size_t step, int64_t account,
                       int64_t *changed, struct err *e);

#endif
