/*
 * All SQL of the library: the gallery in one query, with the words a picture was made from. Single
 * files are common/media.h's.
 */
#ifndef GEMPIX_APP_LIBRARY_LIBRARY_STORE_H
#define GEMPIX_APP_LIBRARY_LIBRARY_STORE_H

#include <stdbool.h>
#include <stdint.h>

#include "common/ids.h"

struct db;
struct err;

#define LIBRARY_PROMPT 241 /* bytes kept of a prompt, with the NUL */

struct library_item {
    int64_t id; /* row, for paging */
    struct id public_id;
    int width, height;
    bool saved;
    int64_t created_at, expires_at; /* µs UTC; expires_at 0 = kept */
    char prompt[LIBRARY_PROMPT];    /* its beginning, whole characters */
};

int library_store_prepare(struct db *db, struct err *e);

/* An account's pictures, newest first, below the row `before` (0 = from the newest), at most `max`.
   Expired ones are left out. */
int library_store_list(struct db *db, int64_t account, int64_t before, int64_t now,
                       struct library_item *out, int max, int *count, struct err *e);
/* The row of one's own picture, whatever its state, as a place to page on from. 0 or ST_NOTFOUND.
 */
int library_store_place(struct db *db, int64_t account, const struct id *public_id, int64_t *row,
                        struct err *e);

#endif
