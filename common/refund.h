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
/* Asks the processor how much went back in all of purchases whose messages cannot tell, at most
 * `max`, and makes credits fit. The oldest that cannot be settled keeps the others waiting. */
int refund_sums_due(struct db *db, const struct conf *conf, int max, int *settled, struct err *e);

/* --- for purchase_event.c, inside its transaction, the purchase locked --- */

bool refund_is_open(const struct refund *r);
/* Credits of the purchase that are held for a refund which is on its way. */
int refund_held(struct db *db, int64_t purchase, int64_t *held, struct err *e);
/* Takes so many credits of the purchase back, at most what is left of it, held for no refund, and
 * still on the account; *taken of them, which the caller notes in the purchase. */
int refund_take(struct db *db, const struct purchase *p, int64_t due, const char *key,
                const char *note, int64_t *taken, struct err *e);
/* After a refund has ended, which `after` names for the ledger: gives back what was rounded up
 * twice. With `take`, when its held credits came back: takes what a dispute, or money that went,
 * would have taken without it. */
int refund_catch_up(struct db *db, const struct id *purchase, const char *after, bool take,
                    struct err *e);

/* The refund of the purchase that is on its way is among the money that went back: its held credits
 * are taken, *credits of them, *amount of money; zeros where none is on its way or it is more than
 * `growth`. `told_at`: seconds, when the processor said this. */
int refund_settle(struct db *db, const struct purchase *p, int64_t growth, int64_t told_at,
                  int64_t *amount, int64_t *credits, struct err *e);
/* Has a refund of it failed? Then sums that messages tell may be old ones. */
int refund_doubtful(struct db *db, int64_t purchase, bool *doubtful, struct err *e);
/* Notes that the processor is to be asked for the sum. */
int refund_doubt(struct db *db, int64_t purchase, struct err *e);
/* A refund object of the processor: succeeded, failed or cancelled. `our_refund` is the id that we
 * gave it; one without was made at the processor. */
int refund_event(struct db *db, const struct json *object, struct err *e);
/* The same of an object that it answered; *ours: it was asked for here. */
int refund_heard(struct db *db, const struct json *object, bool *ours, struct err *e);

#endif
