/*
 * From FastCGI's parameters to struct request. Private to app/http.
 */
#ifndef GEMPIX_APP_HTTP_REQUEST_H
#define GEMPIX_APP_HTTP_REQUEST_H

#include <stddef.h>

struct app;
struct arena;
struct err;
struct exchange;
struct fcgi_call;
struct request;

/* Fills *rq and *x from "NAME=value" strings, which are copied into the arena. rq is usable (for an
   error page) whatever is returned. 0, ST_INVALID for an address that is no clean path, ST_NOMEM.
 */
int request_init(struct request *rq, struct exchange *x, struct app *app, char *const *params,
                 struct err *e);

/* Reads the body of at most `max` bytes into the arena. 0; ST_TOOBIG before anything is read;
   ST_INVALID when it is shorter or longer than announced; ST_NOMEM. */
int request_body(struct request *rq, struct fcgi_call *call, size_t max, char **data, size_t *len,
                 struct err *e);

#endif
