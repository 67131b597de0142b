/*
 * Monthly plans: from a subscription's first payment to its end. Credits come with each invoice
 * that the processor says is paid, once, in whatever order its messages arrive; what the
 * subscription's own messages say is shown and grants nothing. Knows the processor's objects, not
 * its network (processor.h), and no pages. Read next: purchase_event.c.
 */
#ifndef GEMPIX_COMMON_SUBSCRIPTION_H
#define GEMPIX_COMMON_SUBSCRIPTION_H

#include <stdbool.h>
#include <stdint.h>

#include "common/ids.h"

struct conf;
struct db;
struct err;
struct json;
struct plan;
struct text;

enum subscription_state {
    SUBSCRIPTION_OPEN,
    SUBSCRIPTION_ACTIVE,
    SUBSCRIPTION_PAST_DUE, /* a renewal could not be paid; the processor tries again */
    SUBSCRIPTION_ENDED,
    SUBSCRIPTION_EXPIRED /* never paid */
};

struct subscription {
    int64_t id;
    struct id public_id;
    int64_t account;
    char plan[41], plan_name[81];
    int64_t credits, amount; /* a month; amount in minor units */
    char currency[4];
    bool expires; /* credits that are not used do, with their month */
    bool live;
    enum subscription_state state;
    bool ends;              /* with the month that is paid */
    int64_t period_end;     /* until when it is paid; 0 = nothing is paid yet */
    char session[256];      /* "" = the processor has not been asked yet */
    char processor_id[256]; /* "" = not known yet */
    int64_t told_at;        /* seconds */
    bool unsure;            /* the processor is to be asked */
    int64_t refund_days;    /* of each month, as struct purchase has it */
    char price[256];        /* the processor's for these terms; "" = not known yet */
    char next_price[256];   /* from the next month on, where it is another */
};

/* What a month costs and brings; of a subscription the terms of its newest month. */
struct subscription_terms {
    char price[256], plan[41], plan_name[81];
    int64_t credits, amount;
    bool expires;
    int64_t refund_days;
};

int subscription_prepare(struct db *db, struct err *e);

/* A new one of a monthly plan, or the one that this form has made before. ST_CONFLICT (with a
 * sentence for the visitor) when the account has one that goes on. */
int subscription_begin(struct db *db, int64_t account, const struct plan *plan, bool live,
                       const struct id *submit_key, struct subscription *out, struct err *e);
/* Keeps the processor's session id. */
int subscription_attach(struct db *db, const struct subscription *s, const char *session,
                        struct err *e);
/* An account's own. ST_NOTFOUND also for another's. */
int subscription_load(struct db *db, int64_t account, const struct id *public_id,
                      struct subscription *out, struct err *e);
/* The account's that were paid for once, the newest first; at most `max`. */
int subscription_list(struct db *db, int64_t account, struct subscription *out, int max, int *count,
                      struct err *e);

/* Keeps what is offered from the next month on; to be done before the processor is asked. */
int subscription_offer(struct db *db, const struct subscription *s, const struct plan *plan,
                       struct err *e);
/* What was offered at this price the last time. ST_NOTFOUND. */
int subscription_terms_at(struct db *db, const struct subscription *s, const char *price,
                          struct subscription_terms *out, struct err *e);

/* --- what the processor says; events as purchase_event.c keeps them, or its answers --- */

/* A checkout session of mode "subscription". */
int subscription_session(struct db *db, const struct json *session, struct err *e);
/* A message about a subscription; older ones than what is known change nothing. */
int subscription_event(struct db *db, const struct json *object, struct err *e);
/* The answer to a question, or to a wish, which was asked when `seen` was known. Where a message
   came meanwhile, it is only noted that the processor has to be asked again. */
int subscription_answer(struct db *db, const struct json *object, const struct subscription *seen,
                        struct err *e);
/* An invoice that is paid: its purchase with credits, receipt and letter, once. Sum and currency
   must be the plan's. 0 also when the invoice is of no subscription here; ST_NOTFOUND, ST_CONFLICT
   (nothing is granted), ST_DB. */
int subscription_invoice(struct db *db, const struct json *invoice, struct err *e);
/* An invoice of a renewal that could not be paid: nothing is granted, one letter says so. */
int subscription_invoice_failed(struct db *db, const struct json *invoice, struct err *e);

/* Asks the processor what became of one, its newest invoice included, and acts on it. ST_IO when it
   is away. */
int subscription_ask(struct db *db, const struct conf *conf, const struct subscription *s,
                     struct err *e);
/* Should it be asked: messages that cannot be ordered, or nothing was heard of a renewal? */
bool subscription_overdue(const struct subscription *s);
/* Asks after those, at most `max`; what fails is in the log and asked again the next time. */
int subscription_ask_due(struct db *db, const struct conf *conf, int max, int *asked,
                         struct err *e);

/* Of a processor's object: which subscription here it is about, until when it is paid and at which
   price, as members ,"reference":"…","period_ends":N,"price":"…" for what is kept of an event.
   Nothing where it is about none. */
void subscription_put_words(struct text *t, const struct json *object);

/* Takes credits back that were to be used within their month, of at most `max` purchases; what has
   been spent since they came counts as theirs. *count: purchases, *credits: how many in all. */
int subscription_expire(struct db *db, int max, int *count, int64_t *credits, struct err *e);

#endif
