/*
 * Refunds asked for on our side, by a member or by the operator. The credits are held when it is
 * asked, the processor is told, and the ledger moves when the processor says that the money went;
 * refunds made at the processor itself come by events alone (purchase_event.c). Knows no pages.
 */
#ifndef GEMPIX_COMMON_REFUND_H
#define GEMPIX_COMMON_REFUND_H

#include <stdbool.h>
#include <stdint.h>

#include "common/ids.h"

struct conf;
struct db;
struct err;
struct json;
struct purchase;

enum refund_state {
    REFUND_ASKED, /* the processor does not know it yet */
    REFUND_SENT,
    REFUND_DONE,
    REFUND_FAILED
};

struct refund {
    int64_t id;
    struct id public_id;
    int64_t purchase, account;
    int64_t amount, credits; /* amount in minor units */
    enum refund_state state;
    char refund_id[256]; /* the processor's; "" = not told yet */
    int attempts;
};

int refund_prepare(struct db *db, struct err *e);

/* Credits that go with so much money of the purchase in all, rounded up, and are not taken yet. */
int64_t refund_credits(const struct purchase *p, int64_t amount);

/* What a member may have back of a purchase now: the money of its unused credits, rounded down to
 * minor units, within the plan's time after the payment. Amount 0 = nothing; `last` is the
 * newest refund of the purchase, with id 0 where there is none. */
struct refund_offer {
    int64_t amount, credits, until;
    struct refund last;
};
int refund_offer(struct db *db, const struct conf *conf, const struct purchase *p,
                 struct refund_offer *out, struct err *e);

struct refund_wish {
    struct id purchase;
    int64_t account; /* the member who asks; 0 = the operator */
    int64_t amount;  /* a member's is what the page offered; the operator's 0 = all that is left */
    const char *reason; /* the operator's; NULL for a member */
};
/* Holds the credits and notes the wish, then tells the processor. 0 also when the processor cannot
 * be reached: the steward goes on. ST_NOTFOUND; ST_CONFLICT (not paid, disputed, one is on its way,
 * nothing is left, or the offer has changed); ST_INVALID when the processor refuses (the credits
 * are back); ST_DB. */
int refund_ask(struct db *db, const struct conf *conf, const struct refund_wish *wish,
               struct refund *out, struct err *e);

/* Tells the processor of what it has not heard of and asks after what it has not answered; at most
 * `max`. *moved counts those whose state changed. */
int refund_due(struct db *db, const struct conf *conf, int max, int *moved, struct err *e);

/* --- for purchase_event.c, inside its transaction, the purchase locked --- */

/* The refund of the purchase that is on its way is among the money that went back: its held credits
 * are taken, *credits of them, *amount of money; zeros where none is on its way or it is more than
 * `growth`. One that has failed since (`told_at`: seconds, when the processor said this) counts as
 * money without credits, and changes nothing. */
int refund_settle(struct db *db, const struct purchase *p, int64_t growth, int64_t told_at,
                  int64_t *amount, int64_t *credits, struct err *e);
/* A refund object of the processor: succeeded, failed or cancelled. Unknown ones are none of ours;
 * `our_refund` is the id that we gave it. */
int refund_event(struct db *db, const struct json *object, struct err *e);

#endif
