/*
 * Finding the route of a request in the tables. Knows paths and methods, nothing of what handlers
 * do.
 */
#ifndef GEMPIX_APP_HTTP_ROUTE_H
#define GEMPIX_APP_HTTP_ROUTE_H

#include <stddef.h>

#include "app/http/http.h"

#define ROUTE_ID "{id}"
#define ROUTE_IDS 2 /* most in one pattern */

/* True when `path` has the form of `pattern`; its ids are written to ids. */
bool route_fits(const char *pattern, const char *path, struct id ids[ROUTE_IDS]);

/* The route of path and method (0: one that no route has), and its ids. NULL: *allowed tells which
   methods the path has, as a sum of enum method; 0 = there is no such path. */
const struct route *route_find(const struct route *const *tables, const char *path, unsigned method,
                               struct id ids[ROUTE_IDS], unsigned *allowed);
/* By name in route_tables; NULL if there is none. */
const struct route *route_named(const char *name);

#endif
