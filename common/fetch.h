/*
 * HTTP as a client: a small answer into memory, or a large file onto the disk that is resumed when
 * the connection breaks and checked while it is written. Redirects lead to https only (http is for
 * this very machine). Knows nothing of what is fetched. Read next: transfer.h.
 */
#ifndef GEMPIX_COMMON_FETCH_H
#define GEMPIX_COMMON_FETCH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/text.h"

struct err;
struct fetch; /* keeps connections */

#define FETCH_SHA256 65 /* hex and NUL */
#define FETCH_TAG 128

struct fetch_options {
    int attempts;  /* in a row without a byte gained; 0 = 5 */
    int pause_ms;  /* before the second attempt, doubled each time; 0 = 250 */
    int slow_s;    /* an attempt ends after so many seconds below 100 bytes a second; 0 = 60 */
    int connect_s; /* 0 = 20 */
};

/* NULL = defaults. 0 or ST_NOMEM. fetch_free(*out). */
int fetch_new(const struct fetch_options *o, struct fetch **out, struct err *e);
void fetch_free(struct fetch *f); /* NULL is legal */

struct fetch_request {
    const char *url;
    const char *method;         /* NULL = GET, or POST where there is a body */
    const char *const *headers; /* "Name: value", the last is NULL; NULL = none. They are secret:
                                   a redirect to another site does not get them */
    const void *body;
    size_t body_len;
    size_t max;    /* bytes of the answer, at most */
    bool repeat;   /* doing it twice does no harm; a request without a body always may */
    int timeout_s; /* of one attempt; 0 = 60 */
};

struct fetch_answer {
    long status;
    struct text body; /* text_release */
};

/* Any answer of the server is 0, also 404 or 500 (after all attempts). Else ST_IO (no answer),
 * ST_INVALID (an address that is not allowed), ST_TOOBIG, ST_NOMEM. */
int fetch_memory(struct fetch *f, const struct fetch_request *r, struct fetch_answer *out,
                 struct err *e);

struct fetch_file {
    const char *url;
    const char *const *headers; /* as above */
    const char *path;           /* where the file appears when it is whole; PATH.part until then */
    int64_t size;               /* bytes it must have; -1 = unknown */
    int64_t max;                /* bytes at most where the size is unknown */
    const char *sha256;         /* what it must have, hex; NULL = unknown */
    void *ctx;
    /* After each piece; `total` is -1 while unknown. Nonzero stops: ST_CANCELLED. NULL is legal. */
    int (*progress)(void *ctx, int64_t done, int64_t total);
};

struct fetch_done {
    int64_t size;
    char sha256[FETCH_SHA256];
    int64_t resumed; /* bytes that an earlier attempt had left */
};

/* 0, ST_IO (no or a cut answer, or the disk), ST_NOTFOUND, ST_DENIED, ST_LIMIT, ST_INVALID (wrong
 * size, digest or address), ST_TOOBIG, ST_CANCELLED, ST_NOMEM. After ST_IO, ST_LIMIT and
 * ST_CANCELLED the part stays and the next call goes on where it ends. */
int fetch_file(struct fetch *f, const struct fetch_file *file, struct fetch_done *out,
               struct err *e);

/* The digest of a file on disk, hex. 0 or ST_IO. */
int fetch_digest(const char *path, char sha256[FETCH_SHA256], int64_t *size, struct err *e);

#endif
