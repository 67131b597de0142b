/*
 * Signs of life from a thread of its own, for steps of the engine that take minutes: it prolongs
 * the leases of the jobs in hand over its own connection to the database, and tells the service
 * manager. It only speaks for a main thread that has been heard of within `patience`: one that
 * hangs for longer loses its leases, and the manager ends it.
 *
 * A lease that it could not prolong, and a stop that somebody asked for, are noted; the main thread
 * reads them where it looks anyway. It decides one thing alone: when the daemon is told to end and
 * the main thread is not heard of for HEARTBEAT_STOP_WAIT, in a step that takes so long, it gives
 * the jobs back, so that others need not wait for the leases. The main thread then finds them lost.
 */
#ifndef GEMPIX_RENDER_DAEMON_HEARTBEAT_H
#define GEMPIX_RENDER_DAEMON_HEARTBEAT_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "common/clock.h"

struct conf;
struct err;
struct heartbeat;
struct job;

#define HEARTBEAT_STOP_WAIT (15 * CLOCK_SECOND)

/* Starts the thread. *stops is above 0 from when the daemon is told to end; it then waits so long
 * (HEARTBEAT_STOP_WAIT) for the main thread. 0, ST_DB or ST_NOMEM. heartbeat_stop(*out). */
int heartbeat_start(const struct conf *conf, const atomic_int *stops, int64_t stop_wait,
                    struct heartbeat **out, struct err *e);
void heartbeat_stop(struct heartbeat *h); /* waits for the thread; NULL is legal */

/* The main thread is alive. Cheap. */
void heartbeat_touch(struct heartbeat *h);

#define HEARTBEAT_JOBS 64
/* From now on, until heartbeat_drop, the job's lease is prolonged where the main thread does not do
   it in time. `until` is the lease's end by clock_monotonic; called again it moves that on. */
void heartbeat_hold(struct heartbeat *h, const struct job *job, int64_t until);
void heartbeat_drop(struct heartbeat *h, const struct job *job);
/* The lease's end as either thread prolonged it last, 0 = not held, or lost; *cancel becomes true
 * when the thread has seen that a stop was asked for. */
int64_t heartbeat_lease(struct heartbeat *h, const struct job *job, bool *cancel);

#endif
