/*
 * The stored result of a query: db.c fills it, db_rows.c reads it. Private to these two; everybody
 * else includes common/db.h.
 */
#ifndef GEMPIX_COMMON_DB_ROW_H
#define GEMPIX_COMMON_DB_ROW_H

#include <stddef.h>
#include <stdint.h>

#include "common/db.h"

struct arena;

struct db_cell {
    enum db_kind kind;
    union {
        int64_t i;
        double d;
        const char *bytes; /* NUL-terminated */
    };
    size_t len; /* of bytes */
};

struct db_rows {
    struct arena *arena;   /* owns the cells and their bytes */
    struct db_cell *cells; /* row by row */
    unsigned columns;
    size_t count;
    size_t next; /* row that db_next steps to; the current one is the row before */
};

#endif
