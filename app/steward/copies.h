/*
 * Writes the copies of their data that members asked for, tells them by letter, and removes what is
 * over. The rules are in common/copy.h.
 */
#ifndef GEMPIX_APP_STEWARD_COPIES_H
#define GEMPIX_APP_STEWARD_COPIES_H

#include <stdbool.h>
#include <stdint.h>

struct conf;
struct db;
struct err;
struct register_file;

struct copies_done {
    int64_t written, failed, removed; /* failed: attempts */
};
/* One whose writer was killed is taken up again when its lease is over. The register must live as
 * long as the connection. An attempt that fails is no error of the call. 0, ST_DB, ST_IO. */
int copies_run(struct db *db, const struct conf *conf, const struct register_file *r,
               bool (*stopping)(void), struct copies_done *done, struct err *e);

#endif
