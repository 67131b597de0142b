/*
 * Sessions of signed-in visitors. session_start and session_end are in http.h.
 */
#ifndef GEMPIX_APP_HTTP_SESSION_H
#define GEMPIX_APP_HTTP_SESSION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/ids.h"

struct db;
struct err;
struct request;
struct response;

#define SESSION_COOKIE "gempix"

int session_prepare(struct db *db, struct err *e);
/* Who the cookie says is there: fills rq->visitor and the exchange's token. 0 also for a guest,
 * ST_DB, ST_DB_RETRY or ST_NOMEM. */
int session_load(struct request *rq, struct err *e);
/* Clears a cookie that names no living session, unless this answer sets one. */
int session_finish(struct request *rq, struct response *rs, struct err *e);

/* Where a request comes from, as coarsely as a person would say it. */
struct whence {
    char browser[40]; /* "Firefox on Linux", "" = not told */
    char region[3];   /* "DE", "" = unknown */
};
void session_whence(const struct request *rq, struct whence *out);

struct session_row {
    struct id id; /* for a form; says nothing about the token */
    struct whence whence;
    int64_t created_at, last_seen_at; /* µs UTC; the latter to ten minutes */
    bool current;                     /* the one of this request */
};
/* The visitor's living sessions, the latest first, at most `max`. 0 or as db_query. */
int session_list(struct request *rq, struct session_row *out, size_t max, size_t *count,
                 struct err *e);
/* Ends one of the visitor's sessions. 0, ST_NOTFOUND or as db_run. */
int session_revoke(struct request *rq, const struct id *id, struct err *e);
/* A code of the second step was shown in this session. 0 or as db_run. */
int session_second(struct request *rq, struct err *e);
/* The hash under which this request's session is stored; NULL where there is none. */
const uint8_t *session_hash(const struct request *rq, uint8_t out[32]);

/* A key of the site for one purpose, made from its secret: what is hashed or made with it is of no
 * use to whoever has the database alone. */
void session_derive(const struct request *rq, const char *purpose, uint8_t out[32]);

#endif
