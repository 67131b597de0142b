/*
 * Templates of a directory, compiled once per process and again when a file changed. Knows no
 * requests.
 */
#ifndef GEMPIX_APP_VIEW_TEMPLATES_H
#define GEMPIX_APP_VIEW_TEMPLATES_H

#include <stddef.h>

struct err;
struct mustache;
struct templates;

/* NULL when out of memory. */
struct templates *templates_new(const char *directory);
void templates_free(struct templates *t);

/* A page begins at `now` (microseconds, monotonic): when a second has passed, each file's time is
 * looked at again, once. What was found before may be freed then. */
void templates_begin(struct templates *t, int64_t now);
/* NAME.mustache. 0; ST_NOTFOUND; ST_INVALID (message: file, line, what is wrong); ST_IO; ST_NOMEM.
 * Borrowed until templates_begin. */
int templates_get(struct templates *t, const char *name, size_t len, const struct mustache **out,
                  struct err *e);

#endif
