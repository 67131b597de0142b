/*
 * Time. The only file that asks the system for the date; calendars are computed here, free of
 * locale and time zone.
 */
#include "common/clock.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

static _Atomic int64_t shift_us;
static pthread_once_t shift_once = PTHREAD_ONCE_INIT;

/* The environment moves the clock of a whole process tree: site tests age leases that way. */
static void
read_shift(void)
{
    const char *s = getenv("GEMPIX_CLOCK_SHIFT");
    char *end;
    long long seconds;

    if (s == NULL || *s == '\0')
        return;
    seconds = strtoll(s, &end, 10);
    if (*end == '\0' && seconds > -4000000000LL && seconds < 4000000000LL)
        atomic_fetch_add(&shift_us, (int64_t)seconds * CLOCK_SECOND);
}

static int64_t
read_clock(clockid_t which)
{
    struct timespec ts;

    clock_gettime(which, &ts); /* cannot fail for these two clocks */
    return (int64_t)ts.tv_sec * CLOCK_SECOND + ts.tv_nsec / 1000;
}

int64_t
clock_now(void)
{
    pthread_once(&shift_once, read_shift);
    return read_clock(CLOCK_REALTIME) + atomic_load(&shift_us);
}

int64_t
clock_monotonic(void)
{
    return read_clock(CLOCK_MONOTONIC);
}

void
clock_shift(int64_t us)
{
    atomic_fetch_add(&shift_us, us);
}

/* Splits into UTC calendar fields, rounding towards the past. */
static void
split(int64_t us, struct tm *tm)
{
    time_t seconds = (time_t)(us / CLOCK_SECOND - (us % CLOCK_SECOND < 0));

    if (gmtime_r(&seconds, tm) == NULL)
        *tm = (struct tm){.tm_mday = 1, .tm_year = 70, .tm_wday = 4};
}

void
clock_iso(int64_t us, char *out, size_t size)
{
    struct tm tm;

    split(us, &tm);
    snprintf(out, size, "%04ld-%02d-%02dT%02d:%02d:%02dZ", (long)tm.tm_year + 1900, tm.tm_mon + 1,
             tm.tm_mday, tm.tm_hour, tm.tm_min, tm.tm_sec);
}

void
clock_http(int64_t us, char *out, size_t size)
{
    static const char days[7][4] = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
    static const char months[12][4] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                       "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
    struct tm tm;

    split(us, &tm);
    snprintf(out, size, "%s, %02d %s %04ld %02d:%02d:%02d GMT", days[tm.tm_wday], tm.tm_mday,
             months[tm.tm_mon], (long)tm.tm_year + 1900, tm.tm_hour, tm.tm_min, tm.tm_sec);
}
