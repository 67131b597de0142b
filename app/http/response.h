/*
 * The answer on its way out: headers, the ones every answer carries, conditional requests. Private
 * to app/http and app/view; pages use the functions of http.h.
 */
#ifndef GEMPIX_APP_HTTP_RESPONSE_H
#define GEMPIX_APP_HTTP_RESPONSE_H

#include <stdbool.h>
#include <stddef.h>

#include "app/http/helper.h"
#include "app/http/http.h"

#define RESPONSE_MAX ((size_t)16 << 20) /* bytes of a body; files go out by nginx */
#define HEADERS_MAX 32

struct response_header {
    const char *name, *value; /* arena memory */
};

/* rs->internal points to one. */
struct response_head {
    struct arena *arena;
    struct response_header list[HEADERS_MAX];
    size_t count;
    struct helper helper; /* writes the rest of the body */
};

/* An empty 200. */
void response_init(struct response *rs, struct response_head *head, struct arena *arena);
void response_release(struct response *rs);
/* Forgets everything that a handler put in before it failed. */
void response_reset(struct response *rs);
/* The header's value or NULL. */
const char *response_find(const struct response *rs, const char *name);

/* Adds what every answer carries and, for a conditional route, the ETag; turns it into a 304 where
 * the visitor has it already. */
int response_finish(struct request *rq, struct response *rs, struct err *e);
/* Status line and headers as FastCGI wants them, with the empty line. */
void response_write_head(const struct response *rs, struct text *out);

/* "Not Found" and so on. */
const char *response_phrase(int status);

#endif
