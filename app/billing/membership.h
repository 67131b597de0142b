/*
 * Monthly plans between this site and the processor: beginning one, changing it, ending it
 * and taking that back. No HTTP of ours, no SQL. What is granted is
 * common/subscription.h's.
 */
#ifndef GEMPIX_APP_BILLING_MEMBERSHIP_H
#define GEMPIX_APP_BILLING_MEMBERSHIP_H

#include <stdbool.h>

#include "common/subscription.h"

struct arena;
struct conf;
struct plan;

/* Makes the subscription and its session; *url is where the visitor pays, arena memory. The same
   form sent twice leads to the same session. 0, ST_CONFLICT (the account has one), ST_IO (the
   processor is away; nothing is lost), ST_DB. */
int membership_begin(struct db *db, const struct conf *conf, struct arena *arena, int64_t account,
                     const char *email, const struct plan *plan, const struct id *submit_key,
                     const char **url, struct err *e);
/* Where the invoice that is open can be paid, arena memory. ST_NOTFOUND when none is. */
int membership_invoice(const struct conf *conf, struct arena *arena, const struct subscription *s,
                       const char **url, struct err *e);
/* Lets it end with the month that is paid, or takes that back. The key is the form's: sent twice it
   is one wish. ST_CONFLICT when it does not go on any more. */
int membership_end(struct db *db, const struct conf *conf, const struct subscription *s, bool ends,
                   const struct id *key, struct err *e);

/* Lets another plan begin with the next month, or with its own plan takes that back. The key is the
   form's. ST_CONFLICT when it does not renew, ST_IO (nothing is lost: asked again, it is one
   wish). */
int membership_change(struct db *db, const struct conf *conf, const struct subscription *s,
                      const struct plan *plan, const struct id *key, struct err *e);

#endif
