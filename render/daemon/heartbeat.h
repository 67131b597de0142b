/*
 * Signs of life from a thread of its own, for steps of the engine that take minutes: it prolongs
 * the leases of the jobs in hand over its own connection to the database, and tells the service
 * manager. It only speaks for a main thread that has been heard of within `patience`: one that
 * hangs for longer loses its leases, and the manager ends it.
 *
 * It decides nothing. A lease that it could not prolong, and a stop that somebody asked for, are
 * noted; the main thread reads them where it looks anyway.
 */
#ifndef GEMPIX_RENDER_DAEMON_HEARTBEAT_H
#define GEMPIX_RENDER_DAEMON_HEARTBEAT_H

#include <stdbool.h>
#include <stdint.h>

struct conf;
struct err;
struct heartbeat;
struct job;

/* Starts the thread. 0, ST_DB or ST_NOMEM. heartbeat_stop(*out). */
int heartbeat_start(const struct conf *conf, struct heartbeat **out, struct err *e);
void heartbeat_stop(struct heartbeat *h); /* waits for the thread; NULL is legal */

/* The main thread is alive. Cheap. */
void heartbeat_touch(struct heartbeat *h);

#define HEARTBEAT_JOBS 64
/* From now on, until heartbeat_drop, the job's lease is prolonged where the main thread does not do
   it in time. `until` is the lease's end by clock_monotonic; called again it moves that on. */
void heartbeat_hold(struct heartbeat *h, const struct job *job, int64_t until);
void heartbeat_drop(struct heartbeat *h, const struct job *job);
/* The lease's end as either thread prolonged it last, 0 = not held; *cancel becomes true when the
 * thread has seen that a stop was asked for. */
int64_t heartbeat_lease(struct heartbeat *h, const struct job *job, bool *cancel);

#endif
