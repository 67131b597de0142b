/*
 * The SQL behind the staff's pages of jobs and purchases: lists without persons, and whose a job or
 * purchase is. Knows no rules; there are none but those of the gate.
 */
#ifndef GEMPIX_APP_ADMIN_WORK_STORE_H
#define GEMPIX_APP_ADMIN_WORK_STORE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/ids.h"

struct db;
struct err;

struct work_job {
    struct id id;
    char state[12], kind[12], model[65];
    int64_t images, price, queued_at, started_at, finished_at; /* times 0 = not yet */
};

struct work_purchase {
    struct id id, owner; /* public ids of purchase and account */
    int64_t account;
    char plan[81], currency[4], state[12], dispute[8];
    char payment[256]; /* how the processor calls the payment; "" = not known */
    bool live;         /* else no money moved */
    int64_t credits, amount, refunded, refunded_credits, receipt, created_at, paid_at;
};

int work_store_prepare(struct db *db, struct err *e);
/* The newest jobs of a state, "" = of all. */
int work_store_jobs(struct db *db, const char *state, struct work_job *out, size_t max,
                    size_t *count, struct err *e);
/* Whose job it is. ST_NOTFOUND. */
int work_store_owner(struct db *db, const struct id *job, int64_t *account, struct id *owner,
                     struct err *e);
/* The newest, of an account or (0) of all. */
int work_store_purchases(struct db *db, int64_t account, struct work_purchase *out, size_t max,
                         size_t *count, struct err *e);
int work_store_purchase(struct db *db, const struct id *id, struct work_purchase *out,
                        struct err *e);

#endif
