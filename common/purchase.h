/*
 * Purchases of credits: from an order to its receipt, and back. A purchase becomes paid by what the
 * processor says (an event, or the answer to a question), never by a page that is opened. Knows the
 * processor's objects, not its network (processor.h), and no pages.
 */
#ifndef GEMPIX_COMMON_PURCHASE_H
#define GEMPIX_COMMON_PURCHASE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/ids.h"

struct db;
struct err;
struct json;
struct plan;

enum purchase_state {
    PURCHASE_OPEN,
    PURCHASE_WAITING, /* the money is on its way */
    PURCHASE_PAID,
    PURCHASE_FAILED,
    PURCHASE_EXPIRED
};

struct purchase {
    int64_t id;
    struct id public_id;
    int64_t account;
    char plan_name[81];
    int64_t credits, amount; /* amount in minor units */
    char currency[4];
    enum purchase_state state;
    bool live;
    char session[256]; /* "" = the processor has not been asked yet */
    int64_t receipt;   /* 0 = none yet */
    int64_t refunded_amount, refunded_credits, disputed_credits;
    bool disputed;        /* a dispute goes on */
    bool settled_dispute; /* one has ended */
    bool lost_dispute;    /* ... for the bank */
    int64_t created_at, paid_at;
    int64_t expires_at; /* of a month's credits; 0 = never */
    bool expired;       /* they did, as far as they were left */
    int64_t expired_credits;
    int64_t refund_days; /* after paid_at; 0 = never, -1 = billing.refund_days */
};

int purchase_prepare(struct db *db, struct err *e);

/* A new purchase of the plan, or the one that this form has made before. Fills *out. */
int purchase_begin(struct db *db, int64_t account, const struct plan *plan, const char *currency,
                   bool live, const struct id *submit_key, struct purchase *out, struct err *e);
/* Keeps the processor's session id. */
int purchase_attach(struct db *db, const struct purchase *p, const char *session, struct err *e);
/* An account's own. ST_NOTFOUND also for another's. */
int purchase_load(struct db *db, int64_t account, const struct id *public_id, struct purchase *out,
                  struct err *e);
/* The account's paid ones, newest first; at most `max`. */
int purchase_list(struct db *db, int64_t account, struct purchase *out, int max, int *count,
                  struct err *e);

/* What a checkout session of the processor says of its purchase: paid (once: credits, receipt
   number and letter), waiting, failed or expired. Sums and currency must be those of the order. 0,
   ST_NOTFOUND (not ours), ST_CONFLICT (another sum; nothing is granted), ST_DB. */
int purchase_session(struct db *db, const struct json *session, bool failed, struct err *e);

/* Pays a purchase whose payment is certain: receipt number, credits and letter, once. Inside the
   caller's db_transaction. */
int purchase_paid(struct db *db, const struct id *public_id, const char *payment, struct err *e);

/* Where letters about an account's payments go; an empty address where it is closed. */
struct purchase_reader {
    char email[256], name[321], language[40];
};
int purchase_reader(struct db *db, int64_t account, struct purchase_reader *out, struct err *e);

/* --- events --- */

/* Stores an event that was verified; *fresh is false when it was there before. 0, ST_INVALID. */
int purchase_event_store(struct db *db, const char *body, size_t len, char id[256], bool *fresh,
                         struct err *e);
/* Acts on a stored event, once. What fails stays visible with its reason and is due again later. 0
 * also then; ST_NOTFOUND when there is no such event, ST_DB. */
int purchase_event_act(struct db *db, const char *id, struct err *e);
/* Acts on events that are due, at most `max`; *acted counts those that succeeded. */
int purchase_events_due(struct db *db, int max, int *acted, int *failed, struct err *e);
/* Makes an event due now, whatever became of it. ST_NOTFOUND. */
int purchase_event_replay(struct db *db, const char *id, struct err *e);

struct purchase_event {
    char id[256], type[101], state[12], error[256];
    int attempts;
    int64_t received_at;
};
/* The newest first, of one state ("" = all). */
int purchase_event_list(struct db *db, const char *state, struct purchase_event *out, int max,
                        int *count, struct err *e);

#endif
