/*
 * The SQL that looks for accounts that behave unlike a person. Private to anomaly.c.
 */
#ifndef GEMPIX_APP_STEWARD_ANOMALY_STORE_H
#define GEMPIX_APP_STEWARD_ANOMALY_STORE_H

#include <stddef.h>
#include <stdint.h>

struct db;
struct err;

struct anomaly {
    int64_t account;
    int64_t count;       /* jobs, or accounts */
    char from[3], to[3]; /* countries of two sign-ins, the earlier first */
};

int anomaly_store_prepare(struct db *db, struct err *e);
/* Accounts with `least` jobs or more since then, among the newest jobs; at most `max`. */
int anomaly_store_bursts(struct db *db, int64_t since, int64_t least, struct anomaly *out,
                         size_t max, size_t *count, struct err *e);
/* Networks from which `least` accounts or more were opened since then: the first account of each,
 * and how many they are; at most `max`. */
int anomaly_store_crowds(struct db *db, int64_t since, int64_t least, struct anomaly *out,
                         size_t max, size_t *count, struct err *e);
/* Two sign-ins of an account in different countries, the later since then and at most `apart` µs
 * after the earlier; at most `max`. */
int anomaly_store_travels(struct db *db, int64_t since, int64_t apart, struct anomaly *out,
                          size_t max, size_t *count, struct err *e);
/* A flag; *fresh = 0 where the same was pointed out that day. */
int anomaly_store_flag(struct db *db, const char *kind, int64_t account, const char *about,
                       int64_t now, int64_t *fresh, struct err *e);

#endif
