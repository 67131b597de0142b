/*
 * A copy of everything about one account that the data register calls exportable, written as the
 * input of gempix-pack, which makes a ZIP archive of it. No list of tables lives here: names, forms
 * and owners are the register's. Format of the archive: docs/policy/export.md.
 */
#ifndef GEMPIX_COMMON_EXPORT_H
#define GEMPIX_COMMON_EXPORT_H

#include <stdint.h>
#include <stdio.h>

struct db;
struct err;
struct register_file;

/* Writes the whole copy, a page of rows at a time, so memory does not grow with the account. `site`
 * stands in the readable index. *rows counts what was written. 0, ST_DB, ST_NOMEM, or ST_IO when
 * `out` takes no more. One connection and one register per process: the statements stay those of
 * the first call. */
int export_write(struct db *db, const struct register_file *r, int64_t account, const char *site,
                 FILE *out, int64_t *rows, struct err *e);

#endif
