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

#define LIBRARY_PROMPT 241  /* bytes kept of a prompt, with the NUL */
#define LIBRARY_WORDS 4     /* of a search */
#define LIBRARY_PATTERN 256 /* bytes of one, with the NUL */

struct library_item {
    int64_t id, job; /* rows */
    struct id public_id;
    int width, height;
    bool saved, film;
    int64_t created_at, expires_at; /* µs UTC; expires_at 0 = kept */
    char prompt[LIBRARY_PROMPT];    /* its beginning, whole characters */
};

/* What to show. All zero: everything, from the newest. */
struct library_query {
    int64_t before;     /* row of a picture: below it; and, when searching, */
    int64_t before_job; /* ... below this row of a job */
    bool saved;         /* the kept ones alone */
    const char *kinds;  /* kinds of jobs, separated by commas; NULL or "" = all */
    int64_t from, to;   /* µs UTC, made in [from, to); to 0 = until now */
    int words;          /* every one must be in the prompt */
    char like[LIBRARY_WORDS][LIBRARY_PATTERN]; /* patterns for LIKE */
};

int library_store_prepare(struct db *db, struct err *e);

/* An account's pictures, newest first, at most `max`. Expired ones are left out. With words, the
   requests are in this order and a page ends between two: then *count may be less than `max` though
   there is more, and *more tells. */
int library_store_list(struct db *db, int64_t account, const struct library_query *query,
                       int64_t now, struct library_item *out, int max, int *count, bool *more,
                       struct err *e);
/* The rows of one's own picture and its job, whatever their state, as a place to page on from. 0 or
   ST_NOTFOUND. */
int library_store_place(struct db *db, int64_t account, const struct id *public_id, int64_t *row,
                        int64_t *job, struct err *e);
/* The beginning of the prompt of a job, by its row; "" when there is none. */
int library_store_prompt(struct db *db, int64_t job, char out[LIBRARY_PROMPT], struct err *e);

#endif
