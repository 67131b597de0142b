/*
 * The FastCGI side of a worker: one listening socket, one request at a time, and an end of its own.
 * Knows bytes and parameters, no pages. Next: dispatch.h.
 */
#ifndef GEMPIX_APP_HTTP_FCGI_H
#define GEMPIX_APP_HTTP_FCGI_H

#include <stddef.h>
#include <stdint.h>

struct err;
struct fcgi_call; /* one request while it is being answered */

struct fcgi_limits {
    int64_t requests; /* the worker ends after so many, or up to an eighth earlier */
    int64_t seconds;  /* … or so long */
};

/* The listening socket that the parent left: descriptor 3 (systemd) or 0. 0, or ST_IO with a
 * sentence for the operator. */
int fcgi_socket(int *out, struct err *e);

/*
 * Answers requests until a limit, SIGTERM or SIGINT, which wait for the current request. A request
 * that takes longer than a minute ends the process by SIGALRM. 0, or ST_IO when the socket fails.
 */
int fcgi_serve(int fd, const struct fcgi_limits *limits,
               void (*answer)(void *ctx, struct fcgi_call *call), void *ctx, struct err *e);

/* "NAME=value" strings, NULL-terminated, borrowed until the answer is given. */
char *const *fcgi_params(const struct fcgi_call *call);
/* Reads at most `size` bytes of the body; fewer only at its end. */
size_t fcgi_read(struct fcgi_call *call, void *out, size_t size);
/* Sends bytes of the answer, header lines first. A visitor who has left is no error. */
void fcgi_write(struct fcgi_call *call, const void *bytes, size_t size);

#endif
