/*
 * Forward-only migrations: sql/NNNN-what.sql applied in order, once, each recorded with its SHA-256
 * in table schema_migration. A file that changed after it was applied is an error. Uses MariaDB's
 * GET_LOCK so that two runs queue.
 */
#ifndef GEMPIX_COMMON_MIGRATE_H
#define GEMPIX_COMMON_MIGRATE_H

struct db;
struct err;

/* Applies what is missing from `directory`. *applied receives how many. `say` (may be NULL) is told
 * each file name. 0, ST_IO, ST_DB, ST_CONFLICT. */
int migrate_run(struct db *db, const char *directory, int *applied, void (*say)(const char *file),
                struct err *e);
/* 0 when the schema is exactly what `directory` holds; ST_CONFLICT with a message that says what to
 * run. */
int migrate_check(struct db *db, const char *directory, struct err *e);

#endif
