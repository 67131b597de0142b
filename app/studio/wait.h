/*
 * How long something will still take, from the work ahead and the speed of the render hosts. An
 * estimate for people: it is rounded so that it does not promise more than it knows.
 */
#ifndef GEMPIX_APP_STUDIO_WAIT_H
#define GEMPIX_APP_STUDIO_WAIT_H

#include <stddef.h>
#include <stdint.h>

#define WAIT_UNKNOWN INT64_C(-1)
#define WAIT_WORDS 48 /* bytes that wait_words may need */

/* Seconds for `work` pixel-steps at `speed` pixel-steps per second, rounded up; WAIT_UNKNOWN while
 * speed is 0. */
int64_t wait_seconds(int64_t work, int64_t speed);
/* What is left of a job of `cost` pixel-steps after `step` of `steps`. */
int64_t wait_work_left(int64_t cost, int step, int steps);
/* "a few seconds", "about 20 seconds", "about 5 minutes", "about 2 hours"; "" for WAIT_UNKNOWN. */
void wait_words(int64_t seconds, char *out, size_t size);

#endif
