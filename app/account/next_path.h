/*
 * Where to go after signing in: a path of this site or nothing, so that a link cannot lead a
 * visitor elsewhere.
 */
#ifndef GEMPIX_APP_ACCOUNT_NEXT_PATH_H
#define GEMPIX_APP_ACCOUNT_NEXT_PATH_H

#include <stdbool.h>

struct arena;

#define NEXT_PATH_MAX 7000 /* bytes; a prompt of full length, percent-encoded, still fits */

/* True for a path that begins with one slash, holds printable ASCII alone and no backslash, and is
   not a page that one is sent away from when signed in. */
bool next_path_ok(const char *path);
/* "next=%2Fcreate…" for a link, or NULL when `path` is not ok. Arena memory; NULL also when it is
 * full. */
const char *next_path_query(struct arena *arena, const char *path);

#endif
