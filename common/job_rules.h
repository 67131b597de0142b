/*
 * What the files of the job queue share and nobody else needs: job.c (the application's side),
 * job_work.c (the worker's and the clock's side), job_move.c (states and credits), job_params.c.
 * Everyone else includes common/job.h.
 */
#ifndef GEMPIX_COMMON_JOB_RULES_H
#define GEMPIX_COMMON_JOB_RULES_H

#include <stdbool.h>
#include <stdint.h>

#include "common/job.h"

/* Bounds of the kind's members. 0 or ST_INVALID. */
int job_params_check(enum job_kind kind, const struct job_params *p, struct err *e);

/* A move of one job that the caller has locked in this transaction. */
struct job_move {
    const struct job *job; /* id, account, price, lease_token and state as locked */
    enum job_state to;
    bool unblamed;              /* to queued: this attempt does not count */
    bool evict;                 /* the lease is taken from its worker: the old token becomes void */
    int64_t media_lives_us;     /* to done */
    const char *code, *message; /* to failed */
};
/* State, credits, media and preview together. ST_CONFLICT when the table of moves or the row says
 * no. */
int job_move(struct db *db, const struct job_move *m, struct err *e);

#endif
