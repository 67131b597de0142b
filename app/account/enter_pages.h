/*
 * The last step of every way in: this browser becomes known, and a session starts.
 */
#ifndef GEMPIX_APP_ACCOUNT_ENTER_PAGES_H
#define GEMPIX_APP_ACCOUNT_ENTER_PAGES_H

#include <stdint.h>

struct err;
struct request;
struct response;

int enter(struct request *rq, struct response *rs, int64_t account, struct err *e);

#endif
