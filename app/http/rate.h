/*
 * How often one client may do what is costly or guesses passwords. Clients are known here by a
 * keyed hash alone.
 */
#ifndef GEMPIX_APP_HTTP_RATE_H
#define GEMPIX_APP_HTTP_RATE_H

#include <stddef.h>
#include <stdint.h>

#include "app/http/http.h"

struct db;
struct err;
struct request;

int rate_prepare(struct db *db, struct err *e);
/* Counts this request in the windows of its route's class. 0, or ST_LIMIT with the exchange's
 * retry_after set; ST_DB, ST_DB_RETRY. */
int rate_check(struct request *rq, struct err *e);
/* The same in another class than the route's: for a handler that shows the form again instead of an
 * error page. */
int rate_count(struct request *rq, enum rate_class class, struct err *e);
/* The part of an address that names a client: 4 bytes of IPv4, the /64 of IPv6, else the text.
 * Returns its length. */
size_t rate_client(const char *address, uint8_t out[64]);

#endif
