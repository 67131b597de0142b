/*
 * The copy of a member's data as a file: common/export.h's lines through gempix-pack, which makes
 * the ZIP archive of them.
 */
#ifndef GEMPIX_COMMON_EXPORT_FILE_H
#define GEMPIX_COMMON_EXPORT_FILE_H

#include <stdint.h>

struct conf;
struct db;
struct err;
struct register_file;

/* Writes the archive into the open file `out`, which stays the caller's; *rows counts the entries.
 * What is in it after an error is no archive. SIGPIPE must be ignored. 0, ST_DB, ST_NOMEM or ST_IO
 * (a full disk, gempix-pack not there). The register must live as long as the connection. */
int export_file_write(struct db *db, const struct conf *conf, const struct register_file *r,
                      int64_t account, int out, int64_t *rows, struct err *e);

#endif
