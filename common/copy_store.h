/*
 * All SQL of rows about copies. Private to copy.c and copy_files.c; the steward's is in
 * app/steward/copies_store.c.
 */
#ifndef GEMPIX_COMMON_COPY_STORE_H
#define GEMPIX_COMMON_COPY_STORE_H

#include <stdbool.h>
#include <stdint.h>

#include "common/copy.h"

struct db_rows;

int copy_store_prepare(struct db *db, struct err *e);
/* Inside a transaction: nobody else asks for this account until its end. */
int copy_store_lock(struct db *db, int64_t account, struct err *e);
int copy_store_newest(struct db *db, int64_t account, struct data_copy *out, struct err *e);
/* ST_CONFLICT: one is open. */
int copy_store_insert(struct db *db, int64_t account, int64_t now, struct err *e);
/* ST_NOTFOUND: none of this account. */
int copy_store_by_token(struct db *db, int64_t account, const uint8_t hash[CRYPTO_SHA256],
                        struct data_copy *out, struct err *e);
/* Marks one that is ready and not over as fetched; another state changes nothing. */
int copy_store_fetched(struct db *db, int64_t account, const uint8_t hash[CRYPTO_SHA256],
                       const uint8_t by[CRYPTO_SHA256], int64_t now, struct err *e);

int copy_store_prepare_files(struct db *db, struct err *e);
/* Ids of the account's files. db_rows_free(*out). */
int copy_store_files(struct db *db, int64_t account, struct db_rows **out, struct err *e);
/* Number and file of what is over: fetched before `fetched`, or not fetched until `now`. */
int copy_store_over(struct db *db, int64_t now, int64_t fetched, int max, struct db_rows **out,
                    struct err *e);
/* Its file is gone. */
int copy_store_removed(struct db *db, int64_t id, struct err *e);
int copy_store_known(struct db *db, const struct id *file, bool *known, struct err *e);

#endif
