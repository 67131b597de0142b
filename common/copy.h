/*
 * The copies of their data that members ask for: at most one open at a time and a new one a day.
 * The steward writes it (app/steward/copies.h); a letter brings a link whose token only this letter
 * knows, and the account's own session exchanges it for the file, once. docs/policy/export.md says
 * it for members.
 */
#ifndef GEMPIX_COMMON_COPY_H
#define GEMPIX_COMMON_COPY_H

#include <stdbool.h>
#include <stdint.h>

#include "common/clock.h"
#include "common/crypto.h"
#include "common/ids.h"

struct db;
struct err;

#define COPY_TOKEN 44                  /* base64url of 32 bytes and the NUL */
#define COPY_LIVES (48 * CLOCK_HOUR)   /* µs that it waits to be fetched */
#define COPY_AGAIN (10 * CLOCK_MINUTE) /* µs in which a broken download may begin again */
#define COPY_EVERY (24 * CLOCK_HOUR)   /* µs from one to the next */
#define COPY_ATTEMPTS 3

enum copy_state {
    COPY_NONE, /* never asked for */
    COPY_ASKED,
    COPY_BUILDING,
    COPY_READY,
    COPY_FETCHED,
    COPY_FAILED,
    COPY_GONE, /* nobody fetched it */
};

/* Times are µs UTC, 0 = not yet. */
struct data_copy {
    int64_t id, account;
    enum copy_state state;
    int attempts;
    bool has_file;
    struct id file;
    int64_t asked_at, due_at, ends_at, fetched_at, bytes;
    uint8_t fetched_by[CRYPTO_SHA256]; /* hash of the session's hash */
};

int copy_prepare(struct db *db, struct err *e);
/* The account's newest; state COPY_NONE where there is none. 0 or ST_DB. */
int copy_newest(struct db *db, int64_t account, struct data_copy *out, struct err *e);
/* When the account may ask for the next one; 0 = now. */
int64_t copy_next(const struct data_copy *newest);
/* Asks for one. 0, ST_CONFLICT (one is open already), ST_LIMIT (too early), ST_DB. */
int copy_ask(struct db *db, int64_t account, struct err *e);

/* The copy that a link's token is for. 0, ST_NOTFOUND (no such token, or another account's). */
int copy_look(struct db *db, int64_t account, const char *token, struct data_copy *out,
              struct err *e);
/* Whether this session (its stored hash) could fetch it now. */
bool copy_open_to(const struct data_copy *c, const uint8_t session[CRYPTO_SHA256]);
/* Notes that this session fetches it; *out then names the file. 0, ST_NOTFOUND as above, ST_LOST
 * (fetched before, or its time is over). */
int copy_fetch(struct db *db, int64_t account, const char *token,
               const uint8_t session[CRYPTO_SHA256], struct data_copy *out, struct err *e);

#endif
