/*
 * One request from its parameters to its answer: the order of all checks is here. Knows no domain.
 */
#ifndef GEMPIX_APP_HTTP_DISPATCH_H
#define GEMPIX_APP_HTTP_DISPATCH_H

struct app;
struct err;
struct fcgi_call;

/* Prepares the statements of sessions and rate limits. */
int dispatch_prepare(struct app *app, struct err *e);
/* Answers one request, whatever happens: `app` is a struct app. */
void dispatch(void *app, struct fcgi_call *call);

#endif
