/*
 * The render daemon from the inside: what it holds, its loop, and what a job in progress asks of
 * it. For the files of this folder.
 */
#ifndef GEMPIX_RENDER_DAEMON_DAEMON_H
#define GEMPIX_RENDER_DAEMON_DAEMON_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "render/daemon/models.h"

struct conf;
struct db;
struct err;
struct heartbeat;
struct store;

#define DAEMON_JOBS 16 /* claimed together, at most */

struct daemon {
    const struct conf *conf;
    struct db *db;
    struct store *store;
    struct models models;
    struct heartbeat *heartbeat;
    char worker[81];                /* host:pid */
    bool once;                      /* ends when there is nothing to do */
    const atomic_int *stops;        /* signals to end that have come */
    int wake;                       /* descriptor that becomes readable with the first of them */
    size_t last;                    /* model that was drawn with last */
    int64_t announced_at, swept_at; /* clock_monotonic; 0 = never */
    int64_t worked_at;              /* the last job, or the start */
    int64_t looked_at;              /* for new models */
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
/* The store failed: the next claim waits, longer each time in a row. */
void daemon_store_failed(struct daemon *d);

#endif
