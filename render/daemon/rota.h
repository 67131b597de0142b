/*
 * Which model's queue a worker serves next. Each model is a queue of its own, and turns of two
 * queues cannot be compared; so a worker shares its time evenly among the models that have work:
 * the one that had least of it comes next. Opening a model takes time, so the one in memory may
 * have ROTA_STAY seconds more than the others; so no model waits longer than twice that and a batch
 * for each of the others. Knows no queue and no clock.
 */
#ifndef GEMPIX_RENDER_DAEMON_ROTA_H
#define GEMPIX_RENDER_DAEMON_ROTA_H

#include <stdbool.h>
#include <stddef.h>

#define ROTA_STAY 30.0 /* seconds */

/* One model's account of time. Zeroed at first. */
struct rota_entry {
    double served; /* seconds of work; comparable with the other entries alone */
    bool waiting;  /* had work when it was last asked */
    bool resident; /* is in memory */
};

/* Notes whether the entry has work now. What comes back from idleness gets no credit for it. */
void rota_note(struct rota_entry *list, size_t count, size_t which, bool waiting);
/* The entry to serve next, or `count` when none is waiting. */
size_t rota_next(const struct rota_entry *list, size_t count);
/* So many seconds were spent for the entry. */
void rota_served(struct rota_entry *entry, double seconds);

#endif
