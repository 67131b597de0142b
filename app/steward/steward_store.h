/*
 * The SQL that only the steward needs. Private to duties.c.
 */
#ifndef GEMPIX_APP_STEWARD_STEWARD_STORE_H
#define GEMPIX_APP_STEWARD_STEWARD_STORE_H

#include <stdint.h>

struct db;
struct err;

int steward_store_prepare(struct db *db, struct err *e);
/* Sessions that ended at `before` or earlier, and rate windows that began then; at most `max`.
 * *deleted counts them. */
int steward_store_sessions(struct db *db, int64_t before, int max, int64_t *deleted, struct err *e);
int steward_store_windows(struct db *db, int64_t before, int max, int64_t *deleted, struct err *e);

#endif
