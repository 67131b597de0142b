/*
 * The one source of time. Everything is UTC, in microseconds since 1970. Tests move it with
 * clock_shift() or with the environment variable GEMPIX_CLOCK_SHIFT (seconds, read once), so
 * nothing else may ask the system for the date.
 */
#ifndef GEMPIX_COMMON_CLOCK_H
#define GEMPIX_COMMON_CLOCK_H

#include <stddef.h>
#include <stdint.h>

#define CLOCK_SECOND INT64_C(1000000)
#define CLOCK_MINUTE (60 * CLOCK_SECOND)
#define CLOCK_HOUR (60 * CLOCK_MINUTE)
#define CLOCK_DAY (24 * CLOCK_HOUR)

/* Microseconds since 1970-01-01 UTC, shifted as told. */
int64_t clock_now(void);
/* Microseconds of a clock that never jumps: for durations and deadlines inside one process. */
int64_t clock_monotonic(void);
/* Moves clock_now() by `us` from where it is; for tests. */
void clock_shift(int64_t us);

/* "2026-11-22T23:40:00Z" into out[size >= 21]; and "Sun, 22 Nov 2026 23:40:00 GMT" (RFC 9110) into
 * out[size >= 30]. */
void clock_iso(int64_t us, char *out, size_t size);
void clock_http(int64_t us, char *out, size_t size);

#endif
