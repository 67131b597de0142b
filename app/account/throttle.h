/*
 * What keeps passwords from being guessed, and guessing from slowing the site: a delay that doubles
 * per address and client, and a bound on how many passwords are looked at in one moment by all
 * workers together. Nobody can lock out an owner: the delay counts per client, and a browser that
 * the account knows has a count of its own. No HTTP here, no SQL text (throttle_store.c has it).
 */
#ifndef GEMPIX_APP_ACCOUNT_THROTTLE_H
#define GEMPIX_APP_ACCOUNT_THROTTLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct db;
struct err;

#define THROTTLE_BUCKET 32
#define THROTTLE_FREE 5  /* tries without a delay */
#define THROTTLE_MAX 900 /* seconds of the longest delay */

/* Who tries: `client` are the bytes of rate_client, `device` the token of the cookie ("" = none).
 */
struct throttle_who {
    const char *email; /* as typed */
    const uint8_t *client;
    size_t client_len;
    const char *device;
    const uint8_t *key; /* 32 bytes: the site's own for this purpose */
};

/* Where one is counted. */
struct throttle_place {
    uint8_t bucket[THROTTLE_BUCKET];
    bool known; /* the account of this address knows the browser */
};

int throttle_prepare(struct db *db, struct err *e);
/* Counts a try. 0, or ST_LIMIT and the seconds to wait; then the password must not be looked at. */
int throttle_try(struct db *db, const struct throttle_who *who, struct throttle_place *place,
                 int *seconds, struct err *e);
/* The password was right: the count begins anew. */
int throttle_right(struct db *db, const struct throttle_place *place, struct err *e);

/* One password at a time is looked at; one more may wait a second, and one of a known browser. 0,
 * ST_TIMEOUT with a sentence (all others), ST_DB. gate_leave also after a failure. */
int gate_enter(struct db *db, bool known, struct err *e);
void gate_leave(struct db *db);

#endif
