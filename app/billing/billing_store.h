/*
 * The movements of a member's credits as the ledger has them, for looking. Private to this folder.
 */
#ifndef GEMPIX_APP_BILLING_BILLING_STORE_H
#define GEMPIX_APP_BILLING_BILLING_STORE_H

#include <stdint.h>

#include "common/ids.h"

struct db;
struct err;

struct movement {
    int64_t id;
    char cause[12]; /* of ledger_transfer.cause */
    char note[201];
    int64_t available; /* what came into, or left, the available credits */
    struct id job;     /* zeros = none */
    int has_job;
    int64_t at;
};

int billing_store_prepare(struct db *db, struct err *e);
/* The newest before `before` (0 = from the newest); at most `max`. */
int billing_store_movements(struct db *db, int64_t account, int64_t before, struct movement *out,
                            int max, int *count, struct err *e);

#endif
