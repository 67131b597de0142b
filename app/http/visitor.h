/*
 * Who is there, as the session says it; session.c fills it in before a handler runs.
 */
#ifndef GEMPIX_APP_HTTP_VISITOR_H
#define GEMPIX_APP_HTTP_VISITOR_H

#include <stdbool.h>
#include <stdint.h>

#include "common/ids.h"

struct visitor {
    int64_t account; /* 0 = not signed in */
    struct id account_id;
    const char *display_name;
    const char *email;
    int64_t credits;         /* available; from the same query as the session */
    bool verified;           /* the address is proven; others may neither publish nor buy */
    int language;            /* that the account was told, -1 = none */
    bool staff;              /* has a role; app/admin knows which */
    bool second;             /* a code of the second step was shown in this session */
    bool leaving;            /* asked to be erased: may only take that back */
    const char *restriction; /* why the account may neither make nor publish; NULL = it may */
};

#endif
