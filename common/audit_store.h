/*
 * All SQL of the audit log; for audit.c. Knows no hashes but as bytes.
 */
#ifndef GEMPIX_COMMON_AUDIT_STORE_H
#define GEMPIX_COMMON_AUDIT_STORE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/audit.h"
#include "common/crypto.h"

struct db_rows;

#define AUDIT_SALT 16

/* A row as its hash sees it. */
struct audit_stored {
    int64_t id, at;
    bool emptied; /* by retention: no salt, and no words */
    uint8_t salt[AUDIT_SALT];
    int64_t staff;
    const char *action, *kind, *subject, *reason; /* borrowed */
    uint8_t content[CRYPTO_SHA256], previous[CRYPTO_SHA256], hash[CRYPTO_SHA256];
};

struct audit_head {
    int64_t last, at; /* 0 = no row yet */
    uint8_t hash[CRYPTO_SHA256];
};

int audit_store_prepare(struct db *db, struct err *e);
/* Locks the chain's head until the transaction ends. */
int audit_store_lock(struct db *db, struct audit_head *out, struct err *e);
int audit_store_head(struct db *db, struct audit_head *out, struct err *e);
int audit_store_add(struct db *db, const struct audit_stored *row, struct err *e);
int audit_store_list(struct db *db, const struct audit_filter *filter, struct audit_row *out,
                     size_t max, size_t *count, struct err *e);
/* Rows from `after` on to `last`, in order, at most `max`; audit_store_read reads each. */
int audit_store_walk(struct db *db, int64_t after, int64_t last, size_t max, struct db_rows **out,
                     struct err *e);
void audit_store_read(struct db_rows *rows, struct audit_stored *out);

#endif
