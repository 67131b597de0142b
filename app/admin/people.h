/*
 * Accounts as the staff sees them, and what it may do to them. Every act and its row in the audit
 * log are one transaction. Looks are written by the pages, before they show anything. Knows no
 * HTTP.
 */
#ifndef GEMPIX_APP_ADMIN_PEOPLE_H
#define GEMPIX_APP_ADMIN_PEOPLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/ids.h"

struct conf;
struct db;
struct err;

struct person {
    int64_t account;
    struct id id;
    char email[255], display_name[81], language[16];
    bool closed, second, limited; /* limited: its data are only stored (common/rights.h) */
    char role[16];                                  /* "" = none */
    int64_t created_at, verified_at, restricted_at; /* µs UTC, 0 = not */
    char restriction[500 * 4 + 1];
    int64_t available, held; /* credits */
    int64_t sessions, pictures, published;
};

/* A job without its words. */
struct person_job {
    struct id id;
    char state[12], kind[12], model[65];
    int64_t images, price, queued_at;
};

int people_prepare(struct db *db, struct err *e);
/* All accounts that claim or own the address; `email_key` as account_email_key makes it. */
int people_find(struct db *db, const char *email_key, struct id *out, size_t max, size_t *count,
                struct err *e);
int people_load(struct db *db, const struct id *id, struct person *out, struct err *e);
int people_jobs(struct db *db, int64_t account, struct person_job *out, size_t max, size_t *count,
                struct err *e);

/* Who acts, on whom, why. The member reads the reason of a restriction. */
struct people_act {
    const struct conf *conf;
    int64_t staff;
    const struct id *id;
    const char *reason;
};
/* It can neither make nor publish until it is released; a letter and a notice tell. ST_CONFLICT
 * where it is so already, or the account is one of the staff's. */
int people_restrict(struct db *db, const struct people_act *act, struct err *e);
int people_release(struct db *db, const struct people_act *act, struct err *e);
/* `reason` goes to the member as a question of support's, which they can answer; the audit log keeps
 * the question's number. ST_INVALID, ST_CONFLICT (said so today). */
int people_write(struct db *db, const struct people_act *act, struct err *e);
/* Signs it out everywhere. */
int people_end_sessions(struct db *db, const struct people_act *act, struct err *e);

#endif
