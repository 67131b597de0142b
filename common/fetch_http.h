/*
 * What fetch.c and fetch_file.c share: one request with its redirects, and how long to wait before
 * the next attempt. Private to these two.
 */
#ifndef GEMPIX_COMMON_FETCH_HTTP_H
#define GEMPIX_COMMON_FETCH_HTTP_H

#include <stdbool.h>
#include <stddef.h>

#include "common/fetch.h"
#include "common/transfer.h"

struct fetch {
    struct transfer *transfer;
    struct fetch_options options;
};

/* The head of an answer, as far as it matters here. */
struct fetch_head {
    long status;
    char tag[FETCH_TAG]; /* ETag; "" = none or too long */
    char range[80];      /* Content-Range */
    long retry_after;    /* seconds; 0 = not said */
};

/* Reads one line of a head; a status line begins a new one. */
void fetch_head_line(struct fetch_head *h, const char *line, size_t len);

/* Runs `r`, following redirects of requests without a body. `secret` headers go to the first site
 * only, `plain` ones to every; either may be NULL. 0 whatever came of it, ST_INVALID for an address
 * that is not allowed, ST_NOMEM. */
int fetch_exchange(struct fetch *f, struct transfer_request *r, const char *const *secret,
                   const char *const *plain, struct transfer_result *result, struct err *e);

/* May the same request fare better in a moment? */
bool fetch_may_pass(const struct transfer_result *r);
/* Sleeps before attempt number `attempt` (1 = the second), at least as long as the server asks. */
void fetch_pause(const struct fetch *f, int attempt, long retry_after);

#endif
