/*
 * Checkout: a purchase here, a session at the processor, and what became of it. No HTTP of ours, no
 * SQL.
 */
#ifndef GEMPIX_APP_BILLING_CHECKOUT_H
#define GEMPIX_APP_BILLING_CHECKOUT_H

#include "common/ids.h"
#include "common/plans.h"
#include "common/purchase.h"

struct arena;
struct conf;
struct db;
struct err;

/* The plans that are for sale, each with the days in which its money may be asked for. ST_NOTFOUND where nothing is. */
int checkout_plans(const struct conf *conf, struct arena *arena, struct plans *out, struct err *e);
/* Makes the purchase and its session; *url is where the visitor pays, arena memory. The same form
   sent twice leads to the same session. 0, ST_INVALID, ST_IO (the processor is away; nothing is
   lost), ST_DB. */
int checkout_begin(struct db *db, const struct conf *conf, struct arena *arena, int64_t account,
                   const char *email, const struct plan *plan, const char *currency,
                   const struct id *submit_key, const char **url, struct err *e);
/* Asks the processor what became of a purchase that is open or waiting, and acts on it. */
int checkout_ask(struct db *db, const struct conf *conf, const struct purchase *p, struct err *e);

#endif
