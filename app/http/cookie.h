/*
 * Cookies: reading the header of a request, writing the header of an answer. Knows no sessions.
 */
#ifndef GEMPIX_APP_HTTP_COOKIE_H
#define GEMPIX_APP_HTTP_COOKIE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct err;
struct request;
struct response;

#define COOKIE_NAME 32 /* room for the longest name of ours with its prefix */

/* The name as this site sends it: "__Host-gempix" where visitors come by TLS, so that no subdomain
 * can set it, else "gempix". */
void cookie_name(const char *base, bool tls, char out[COOKIE_NAME]);

/* Copies the value of the first cookie `name` of a Cookie header into out. False when absent,
   longer than size - 1, or not made of letters, digits, '-' and '_', which are all that our cookies
   use. */
bool cookie_find(const char *header, const char *name, char *out, size_t size);

/* Adds a Set-Cookie header: HttpOnly, SameSite=Lax, Path=/, Secure where `tls`. max_age in seconds;
 * 0 removes the cookie. */
int cookie_set(struct response *rs, bool tls, const char *base, const char *value, int64_t max_age,
               struct err *e);

/* The value of one of our cookies; false where it was not sent. `base` without a prefix. */
bool request_cookie(const struct request *rq, const char *base, char *out, size_t size);

#endif
