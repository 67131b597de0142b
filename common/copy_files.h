/*
 * The files of members' copies: where they lie, and how they go. A file is there only while a row
 * names it; whatever else lies there is swept away.
 */
#ifndef GEMPIX_COMMON_COPY_FILES_H
#define GEMPIX_COMMON_COPY_FILES_H

#include <stdint.h>

#include "common/ids.h"

struct conf;
struct db;
struct err;

#define COPY_NAME 32 /* of a file, with its NUL */
#define COPY_PATH 4200

/* Makes the folder where it is missing (policy.copies, or "copies" beside media.root). */
int copy_files_folder(const struct conf *conf, char out[COPY_PATH], struct err *e);
/* The name of a finished copy. */
void copy_files_name(const struct id *file, char out[COPY_NAME]);

/* The statements of the functions below. */
int copy_files_prepare(struct db *db, struct err *e);
/* Removes the account's files, and leaves its rows to the erasure. 0, ST_DB, ST_IO. */
int copy_files_forget(struct db *db, const struct conf *conf, int64_t account, struct err *e);
/* Removes the files of copies that are over, at most `max`, and files that no row names. */
int copy_files_sweep(struct db *db, const struct conf *conf, int max, int64_t *removed,
                     struct err *e);

#endif
