/*
 * The processor's lists against our books: checkout sessions, charges with what was refunded and
 * disputed, refunds, purchases, and the ledger's sale of each. A difference is written down and
 * told, never repaired. Knows no pages.
 */
#ifndef GEMPIX_COMMON_RECONCILE_H
#define GEMPIX_COMMON_RECONCILE_H

#include <stdint.h>

#include "common/ids.h"

struct conf;
struct db;
struct err;

enum difference_kind {
    DIFFERENCE_NOT_CREDITED, /* paid there, not here */
    DIFFERENCE_NOT_PAID,     /* credited here, no payment there */
    DIFFERENCE_AMOUNT,
    DIFFERENCE_REFUNDED,
    DIFFERENCE_DISPUTED,
    DIFFERENCE_UNKNOWN, /* a payment that belongs to no purchase */
    DIFFERENCE_LEDGER,  /* the credits of a purchase were not entered, or others */
    DIFFERENCE_REFUND   /* a refund went there and not here, or the other way, or another sum */
};
#define DIFFERENCE_KINDS 8

struct difference {
    enum difference_kind kind;
    char object[256]; /* the processor's id, "" = none */
    int64_t purchase; /* 0 = none */
    struct id order;  /* its public id, where there is one */
    int64_t ours, theirs;
};

struct reconcile_report {
    int64_t run; /* 0 = there was none yet */
    int64_t since, ran_at;
    int sessions, charges, refunds, purchases, differences;
};

int reconcile_prepare(struct db *db, struct err *e);

/* Compares what was made from `since` on (microseconds), but not in the last hour, whose messages
 * may still be on their way; writes the report, and a letter to the site's contact when anything
 * differs. 0 also when differences are found; ST_IO when the processor cannot be reached. */
int reconcile_run(struct db *db, const struct conf *conf, int64_t since,
                  struct reconcile_report *out, struct err *e);
/* The newest run. */
int reconcile_newest(struct db *db, struct reconcile_report *out, struct err *e);
/* Differences of a run, at most `max`. */
int reconcile_list(struct db *db, int64_t run, struct difference *out, int max, int *count,
                   struct err *e);
/* For people: "paid at the processor, not credited here". */
const char *difference_words(enum difference_kind kind);

#endif
