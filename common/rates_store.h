/*
 * The SQL of rates.c, and of nobody else.
 */
#ifndef GEMPIX_COMMON_RATES_STORE_H
#define GEMPIX_COMMON_RATES_STORE_H

#include <stdint.h>

#include "common/rates.h"

struct db_rows;

int rates_store_prepare(struct db *db, struct err *e);
int rates_store_prepare_work(struct db *db, struct err *e);

/* Sums and means of the workers seen since; out->measured tells whether there were means. */
int rates_store_load(struct db *db, const char *model, int64_t since, struct rates *out,
                     struct err *e);
/* Rows of the other models: name, speed. */
int rates_store_others(struct db *db, const char *model, int64_t since, struct db_rows **out,
                       struct err *e);
/* The work that is queued for a model; at most `max` jobs are counted. */
int rates_store_queued(struct db *db, const char *model, int max, int64_t *work, struct err *e);
int rates_store_put(struct db *db, const char *worker, const char *model, int64_t speed,
                    const struct rates_curves *curves, int64_t now, struct err *e);
int rates_store_drop(struct db *db, const char *worker, struct err *e);
int rates_store_forget(struct db *db, int64_t before, struct err *e);

#endif
