/*
 * The render daemon from the inside: what it holds, its loop, and what a job in progress asks of
 * it. For the files of this folder.
 */
#ifndef GEMPIX_RENDER_DAEMON_DAEMON_H
#define GEMPIX_RENDER_DAEMON_DAEMON_H

#include <signal.h>
#include <stdbool.h>
#include <stdint.h>

#include "render/pipeline/generate.h"

struct conf;
struct db;
struct err;
struct store;

struct daemon {
    const struct conf *conf;
    struct db *db;
    struct store *store;
    struct pipeline *pipeline;
    char worker[81];                    /* host:pid */
    bool once;                          /* ends when there is nothing to do */
    const volatile sig_atomic_t *stops; /* signals to end that have come */
    int wake;      /* descriptor that becomes readable with the first of them */
    int64_t speed; /* pixel-steps per second, moving average; 0 = not measured yet */
    int64_t announced_at, swept_at; /* clock_monotonic; 0 = never */
    int64_t idle_ms;                /* the next pause between polls */
    int64_t store_pause_ms;         /* the last pause after a failure of the store; 0 = it works */
    bool database_away;             /* said so already */
};

/* Claims and draws until told to end. 0, or ST_DB when the database refuses the very first steps.
 */
int daemon_run(struct daemon *d, struct err *e);

bool daemon_stopping(const struct daemon *d);
/* A sign of life for the service manager, and every ten seconds one for the waiting times. Cheap
 * enough for every step. */
void daemon_tick(struct daemon *d);
/* Takes part in the measured speed: so many pixel-steps in so many microseconds. */
void daemon_measure(struct daemon *d, int64_t work, int64_t us);
/* The store failed: the next claim waits, longer each time in a row. */
void daemon_store_failed(struct daemon *d);

#endif
