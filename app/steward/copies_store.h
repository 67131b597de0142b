/*
 * Which copies are to be written, and how it went. Private to copies.c.
 */
#ifndef GEMPIX_APP_STEWARD_COPIES_STORE_H
#define GEMPIX_APP_STEWARD_COPIES_STORE_H

#include <stdbool.h>
#include <stdint.h>

#include "common/copy.h"

struct copy_person {
    char email[256], language[36];
};

int copies_store_prepare(struct db *db, struct err *e);
/* The next one that may be claimed now, of an open account; id 0 = none. */
int copies_store_due(struct db *db, int64_t now, struct data_copy *out, struct err *e);
/* Claims it with c->file until c->due_at; ST_LOST when somebody else was faster. */
int copies_store_claim(struct db *db, const struct data_copy *c, int64_t seen_due_at,
                       struct err *e);
/* No attempt is left. */
int copies_store_give_up(struct db *db, const struct data_copy *c, struct err *e);
/* This claim has failed: again at `next`, or never when no attempt is left. */
int copies_store_failed(struct db *db, const struct data_copy *c, int64_t next, struct err *e);
/* ST_LOST: the claim is somebody else's by now, or the account was erased. */
int copies_store_ready(struct db *db, const struct data_copy *c, const uint8_t hash[CRYPTO_SHA256],
                       int64_t now, struct err *e);
int copies_store_person(struct db *db, int64_t account, struct copy_person *out, struct err *e);

#endif
