/*
 * Adding up page views by day. Private to duties.c.
 */
#ifndef GEMPIX_APP_STEWARD_USAGE_STORE_H
#define GEMPIX_APP_STEWARD_USAGE_STORE_H

#include <stdint.h>

struct db;
struct err;

/* In one transaction: the views before `before` become sums by UTC day and page, sums below
 * `least` are left out, and the views are deleted; *events counts them. 0, ST_CONFLICT when another
 * steward was faster, ST_DB. */
int usage_store_add_up(struct db *db, int64_t before, int64_t least, int64_t *events,
                       struct err *e);

#endif
