/*
 * Browsers that an account knows, by a cookie of their own that outlives sessions. No HTTP here, no
 * SQL text (device_store.c has it).
 */
#ifndef GEMPIX_APP_ACCOUNT_DEVICE_H
#define GEMPIX_APP_ACCOUNT_DEVICE_H

#include <stdbool.h>
#include <stdint.h>

struct conf;
struct db;
struct err;

#define DEVICE_COOKIE "gempix-device"
#define DEVICE_DAYS 180 /* after the last sign-in */
#define DEVICE_TOKEN 44 /* base64url of 32 bytes and the NUL */

/* A browser at the door. */
struct device {
    const char *token;            /* of its cookie, "" = none */
    const char *browser, *region; /* "" = unknown */
};

int device_prepare(struct db *db, struct err *e);
/* Notes a sign-in. A browser that the account does not know gets a token for its cookie in `fresh`,
 * else "". Where no earlier sign-in came from this family and region, the owner gets a letter; the
 * first one of an account is no news. 0 or as db_run. */
int device_note(struct db *db, const struct conf *conf, int64_t account, const struct device *d,
                char fresh[DEVICE_TOKEN], struct err *e);
/* Whether the account knows a browser with this token. */
int device_known(struct db *db, int64_t account, const char *token, bool *known, struct err *e);

#endif
