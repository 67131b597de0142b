/*
 * Proof that a form was ours: a token that only our pages can know, and the browser's own word
 * about where a request comes from. Knows no database.
 */
#ifndef GEMPIX_APP_HTTP_CSRF_H
#define GEMPIX_APP_HTTP_CSRF_H

#include <stdbool.h>

struct err;
struct request;
struct response;

#define CSRF_FIELD "csrf"
#define CSRF_TEXT 44 /* base64url of 32 bytes and the NUL */

/* The token that belongs to a cookie's token, by HMAC under it and the site's secret. */
void csrf_token(const char *cookie_token, const void *secret, char out[CSRF_TEXT]);
/* True when Sec-Fetch-Site and Origin ("" = not sent) speak of this site. `site` is site.url,
 * `host` the Host header. */
bool csrf_origin_ok(const char *fetch_site, const char *origin, const char *site,
                    const char *scheme, const char *host);

/* Sets rq->csrf: by the session, else by a guest's cookie, which is made when there is none. After
 * session_load. */
int csrf_start(struct request *rq, struct err *e);
/* 0 or ST_DENIED: the check of a route with CSRF_TOKEN. */
int csrf_check(struct request *rq, struct err *e);
/* The origin alone, for CSRF_ORIGIN. 0 or ST_DENIED. */
int csrf_check_origin(struct request *rq, struct err *e);
/* Sends a new guest's cookie along when the body holds the token: who sees no form gets no cookie.
 */
int csrf_finish(struct request *rq, struct response *rs, struct err *e);

#endif
