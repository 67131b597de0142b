/*
 * The figures of the dashboard: counts and sums by day, of nobody in particular. All of their SQL
 * is here.
 */
#ifndef GEMPIX_APP_ADMIN_DESK_STORE_H
#define GEMPIX_APP_ADMIN_DESK_STORE_H

#include <stddef.h>
#include <stdint.h>

struct db;
struct err;

#define DESK_DAYS 14

/* Now. */
struct desk_now {
    int64_t queued, running;
    int64_t oldest;  /* µs UTC, of those that wait; 0 = none */
    int64_t workers; /* that were seen in the last two minutes */
};

/* One day, UTC; the last one is today. */
struct desk_day {
    int64_t done, failed;
    double wait, render; /* seconds on average, of jobs that were queued on that day and are done */
    int64_t sign_ups;
    int64_t purchases;
};

struct desk_money {
    char currency[4];
    int64_t amount; /* minor units, in these days, refunds taken off */
};

int desk_store_prepare(struct db *db, struct err *e);
int desk_store_now(struct db *db, int64_t now, struct desk_now *out, struct err *e);
/* From midnight `first` (µs UTC) on. */
int desk_store_days(struct db *db, int64_t first, struct desk_day out[DESK_DAYS], struct err *e);
int desk_store_money(struct db *db, int64_t first, struct desk_money *out, size_t max,
                     size_t *count, struct err *e);

#endif
