/*
 * Waiting times; see wait.h. Knows no jobs and no queue, only work and speed.
 */
#include "app/studio/wait.h"

#include <inttypes.h>
#include <stdio.h>

#include "common/language.h"
#define MINUTE 60
#define HOUR 3600

int64_t
wait_seconds(int64_t work, int64_t speed)
{
    if (speed <= 0)
        return WAIT_UNKNOWN;
    return work > 0 ? (work - 1) / speed + 1 : 0;
}

int64_t
wait_work_left(int64_t cost, int step, int steps)
{
    if (steps <= 0 || step >= steps || cost <= 0)
        return 0;
    if (step <= 0)
        return cost;
    /* Divided first: a cost times its steps need not fit. */
    return cost / steps * (steps - step);
}

static int64_t
round_up(int64_t n, int64_t unit)
{
    return (n + unit - 1) / unit * unit;
}

void
wait_words(int64_t seconds, char *out, size_t size)
{
    int64_t n;

    if (seconds < 0) {
        snprintf(out, size, "%s", "");
    } else if (seconds <= 5) {
        snprintf(out, size, "%s", T("a few seconds"));
    } else if (seconds <= MINUTE - 5) {
        n = round_up(seconds, seconds <= 30 ? 5 : 10);
        snprintf(out, size, T("about %" PRId64 " seconds"), n);
    } else if (seconds <= HOUR - MINUTE) {
        n = round_up(seconds, MINUTE) / MINUTE;
        snprintf(out, size,
                 TN("about %" PRId64 " minute", "about %" PRId64 " minutes", (unsigned long)n), n);
    } else {
        n = round_up(seconds, HOUR) / HOUR;
        snprintf(out, size,
                 TN("about %" PRId64 " hour", "about %" PRId64 " hours", (unsigned long)n), n);
    }
}
