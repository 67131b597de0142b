/*
 * What is stored about one member, table by table, as the data register says where to look.
 */
#ifndef GEMPIX_APP_PRIVACY_HOLDINGS_H
#define GEMPIX_APP_PRIVACY_HOLDINGS_H

#include <stddef.h>
#include <stdint.h>

struct arena;
struct db;
struct err;
struct register_file;
struct register_part;
struct register_thing;

struct holding {
    const struct register_thing *thing;
    const struct register_part *part; /* columns that end before their row; NULL: the rows */
    int64_t count;
    int64_t oldest; /* microseconds since 1970; 0 = unknown or none */
    int64_t next;   /* when the next of them vanishes by itself; 0 = none has a date */
    struct holding *following;
};

/* Every table about account holders that says whose its rows are, in the register's order, columns
   behind their rows. `r` must outlive the connection: its statements are prepared once. Arena
   memory. 0, ST_DB, ST_DB_RETRY, ST_NOMEM. */
int holdings_load(struct db *db, const struct register_file *r, int64_t account,
                  struct arena *arena, struct holding **out, struct err *e);

#endif
