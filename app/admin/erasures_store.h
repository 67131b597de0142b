/*
 * Deletions of accounts as the staff sees them. Rows are made and changed by common/erasure.h
 * alone.
 */
#ifndef GEMPIX_APP_ADMIN_ERASURES_STORE_H
#define GEMPIX_APP_ADMIN_ERASURES_STORE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/clock.h"
#include "common/ids.h"

struct db;
struct err;

#define ERASURES_LATE CLOCK_HOUR /* after it was due, a deletion should have ended */

/* One that is asked for or runs. */
struct erasure_wait {
    struct id account;
    int64_t asked_at, due_at; /* µs UTC */
    bool running;
    int64_t jobs; /* that must end before it can begin */
};
/* One that is done: nobody's any more. */
struct erasure_end {
    struct id code; /* of the receipt */
    int64_t asked_at, done_at;
};

int erasures_store_prepare(struct db *db, struct err *e);
/* The first due first. */
int erasures_store_waiting(struct db *db, struct erasure_wait *out, size_t max, size_t *count,
                           struct err *e);
/* The newest first. */
int erasures_store_ended(struct db *db, struct erasure_end *out, size_t max, size_t *count,
                         struct err *e);
/* How many are late, and since when the first; 0 = none. */
int erasures_store_late(struct db *db, int64_t now, int64_t *count, int64_t *since, struct err *e);

#endif
