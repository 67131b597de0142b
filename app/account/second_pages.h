/*
 * Between the password and the session: asks for the second step where an account wants it.
 */
#ifndef GEMPIX_APP_ACCOUNT_SECOND_PAGES_H
#define GEMPIX_APP_ACCOUNT_SECOND_PAGES_H

#include <stdint.h>

struct err;
struct request;
struct response;
struct view;

/* The account has shown its password, or its mailbox. Lets it in and leads to `path` with the
 * notice (or NULL), or shows the page of the second step. */
int second_or_enter(struct request *rq, struct response *rs, int64_t account, const char *path,
                    const char *notice, struct err *e);
/* What the account's page says about it: second {on, since, codes, few}. */
int second_put(struct request *rq, struct view *v, struct err *e);

#endif
