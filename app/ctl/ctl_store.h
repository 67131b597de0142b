/*
 * The SQL of gempixctl: looking at accounts and jobs from outside their owners' pages. Everything
 * that changes credits or states goes through common/ledger.h and common/job.h.
 */
#ifndef GEMPIX_APP_CTL_CTL_STORE_H
#define GEMPIX_APP_CTL_CTL_STORE_H

#include <stdint.h>

#include "common/ids.h"

struct db;
struct err;

struct ctl_job {
    int64_t id, account;
    struct id public_id;
    char state[16], model[65], worker[81], error_code[33], error_message[256];
    int64_t images, attempts, price, step, steps;
    int64_t queued_at, started_at, finished_at, lease_until; /* 0 = not yet */
};

int ctl_store_prepare(struct db *db, struct err *e);
/* The account of an address in key form. 0, ST_NOTFOUND or ST_DB. */
int ctl_store_account(struct db *db, const char *email_key, int64_t *account, struct err *e);
/* The number by which the audit log knows an account. 0, ST_NOTFOUND or ST_DB. */
int ctl_store_public_id(struct db *db, int64_t account, struct id *out, struct err *e);
/* The newest jobs, of one state or of all (state NULL), at most `max`. */
int ctl_store_jobs(struct db *db, const char *state, struct ctl_job *out, int max, int *count,
                   struct err *e);
/* 0, ST_NOTFOUND or ST_DB. */
int ctl_store_job(struct db *db, const struct id *public_id, struct ctl_job *out, struct err *e);
/* Ends the lease of a running job now. ST_CONFLICT when it does not run. */
int ctl_store_end_lease(struct db *db, const struct id *public_id, struct err *e);
/* How many jobs of this model are queued or running. */
int ctl_store_jobs_of_model(struct db *db, const char *model, int64_t *count, struct err *e);

#endif
