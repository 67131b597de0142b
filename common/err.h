/*
 * Status codes and the error record that travels with them.
 *
 * Every function that can fail returns 0 (ST_OK) or a negative `enum status`, and fills a `struct
 * err` with one sentence that may be shown to a visitor and one detail that only the log may see.
 */
#ifndef GEMPIX_COMMON_ERR_H
#define GEMPIX_COMMON_ERR_H

#include <stdarg.h>

enum status {
    ST_OK = 0,
    ST_NOMEM = -1,        /* out of memory, or over a planned bound of memory */
    ST_INVALID = -2,      /* input that breaks a rule; the message says which and what to do */
    ST_NOTFOUND = -3,     /* no such thing, or not this visitor's */
    ST_DENIED = -4,       /* known, but not allowed */
    ST_CONFLICT = -5,     /* the state moved on (a guard matched no row, a unique key exists) */
    ST_TOOBIG = -6,       /* over a stated size */
    ST_LIMIT = -7,        /* rate or quota; try later */
    ST_FUNDS = -8,        /* not enough credits */
    ST_DB = -9,           /* the database said no; permanent for this statement */
    ST_DB_RETRY = -10,    /* 1213, 1205 or a lost connection: the whole transaction may run again */
    ST_IO = -11,          /* file or socket */
    ST_LOST = -12,        /* a lease ended: the caller owns nothing any more */
    ST_CANCELLED = -13,   /* somebody asked to stop */
    ST_UNSUPPORTED = -14, /* understood, named, and not implemented */
    ST_TIMEOUT = -15,
    ST_INTERNAL = -16 /* a bug of ours */
};

struct err {
    int code;          /* enum status */
    char message[256]; /* a sentence for a person: what is wrong and what to do; never secrets */
    char detail[512];  /* for the log alone */
};

/* Sets code and message to "no error". */
void err_clear(struct err *e);

/* Fills *e (which may be NULL) and returns `code`, so that a caller can `return err_set(...)`.
 * `detail` is a printf format. */
int err_set(struct err *e, int code, const char *message, const char *detail, ...)
    __attribute__((format(printf, 4, 5)));

/* The same with a formatted message (for names of keys, files and bounds) and no detail. */
int err_setf(struct err *e, int code, const char *message, ...)
    __attribute__((format(printf, 3, 4)));

/* Whoever speaks another language than the code puts its words in here: every message (for err_setf
 * its format) goes through `say` when it is set. NULL, as at the start: as it stands in the code.
 */
typedef const char *err_say(const char *message) __attribute__((format_arg(1)));
void err_translate(err_say *say);

/* "not found" and so on; never NULL. */
const char *status_name(int code);

#endif
