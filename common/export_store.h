/*
 * The statements of an export, made of the register's names. Read next: common/export.h.
 */
#ifndef GEMPIX_COMMON_EXPORT_STORE_H
#define GEMPIX_COMMON_EXPORT_STORE_H

#include <stddef.h>
#include <stdint.h>

#include "common/register.h"

struct arena;
struct db;
struct db_rows;
struct err;

#define EXPORT_COLUMNS 48
#define EXPORT_PAGE 50
#define EXPORT_FEW 4 /* rows of some megabytes */

/* A table and its columns as they are exported, in the order of the statement. */
struct export_place {
    const struct register_thing *thing;
    const char *names[EXPORT_COLUMNS];
    enum register_form forms[EXPORT_COLUMNS];
    size_t columns;
};

/* Makes and prepares a statement for each exported table of members and staff, and one for their
 * files. *places lives in the arena, as the statements do: it must outlive the connection. 0,
 * ST_DB, ST_NOMEM, ST_TOOBIG. */
int export_store_prepare(struct db *db, const struct register_file *r, struct arena *arena,
                         struct export_place **places, size_t *count, struct err *e);
/* At most EXPORT_PAGE rows of a place from number `from` on: text, hex and JSON as text, times and
 * flags as numbers. db_rows_free(*out). */
int export_store_page(struct db *db, size_t place, int64_t account, int64_t from,
                      struct db_rows **out, struct err *e);
/* Files that can be read now: public id, extension, kind, time made. db_rows_free(*out). */
int export_store_files(struct db *db, int64_t account, int64_t from, struct db_rows **out,
                       struct err *e);
/* At most EXPORT_FEW pictures that came with questions: number, extension, bytes.
 * db_rows_free(*out). */
int export_store_attached(struct db *db, int64_t account, int64_t from, struct db_rows **out,
                          struct err *e);

#endif
