/*
 * Helper programs: what a worker should not do itself (packing many files, converting pictures) is
 * done by a program of ours that writes the answer's body. It runs while its one answer is sent,
 * and no longer. Private to app/http; pages use response_helper of http.h.
 */
#ifndef GEMPIX_APP_HTTP_HELPER_H
#define GEMPIX_APP_HTTP_HELPER_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

struct err;
struct fcgi_call;
struct helper_call; /* http.h */
struct text;

struct helper {
    pid_t pid;     /* 0 = none */
    int out;       /* its standard output */
    char name[24]; /* for the log */
};

/* Starts PROGRAM of the folder, gives it its input and waits for the first bytes it writes, which
   are appended to `body`: a helper that fails at once becomes an error page. 0, ST_INTERNAL,
   ST_TIMEOUT. helper_end(out) in any case. */
int helper_start(const char *folder, const struct helper_call *call, struct helper *out,
                 struct text *body, struct err *e);
/* Hands on the rest of what it writes. False when the helper did not end well. */
bool helper_relay(struct helper *h, struct fcgi_call *call);
/* Ends it, whatever it does. Harmless when there is none. */
void helper_end(struct helper *h);

#endif
