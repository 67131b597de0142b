/*
 * Whom to tell of a changed policy. Private to notices.c.
 */
#ifndef GEMPIX_APP_STEWARD_NOTICE_STORE_H
#define GEMPIX_APP_STEWARD_NOTICE_STORE_H

#include <stdbool.h>
#include <stdint.h>

struct db;
struct db_rows;
struct err;

int notice_store_prepare(struct db *db, struct err *e);
/* Open accounts, made until the version's day, that were not told yet: id, address, whether the
 * address was proven. db_rows_free(*out). */
int notice_store_due(struct db *db, const char *version, int max, struct db_rows **out,
                     struct err *e);
/* ST_CONFLICT when somebody else was faster. */
int notice_store_told(struct db *db, int64_t account, const char *version, int64_t now,
                      struct err *e);

#endif
