/*
 * Which tables and columns the database really has. Private to ctl_register.c.
 */
#ifndef GEMPIX_APP_CTL_SCHEMA_STORE_H
#define GEMPIX_APP_CTL_SCHEMA_STORE_H

#include <stdbool.h>

struct db;
struct db_rows;
struct err;

/* Table and column by row, in order of the tables. 0 or ST_DB. db_rows_free(*out). */
int schema_store_columns(struct db *db, struct db_rows **out, struct err *e);
/* Whether that table has that column; after schema_store_columns. */
int schema_store_has(struct db *db, const char *table, const char *column, bool *has,
                     struct err *e);

#endif
