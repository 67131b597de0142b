/*
 * Sessions of signed-in visitors. session_start and session_end are in http.h.
 */
#ifndef GEMPIX_APP_HTTP_SESSION_H
#define GEMPIX_APP_HTTP_SESSION_H

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

#endif
