/*
 * Times in words for the library; see expiry.h. Reads no clock: the caller says what time it is.
 */
#include "app/library/expiry.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "common/clock.h"

void
expiry_words(int64_t expires_at, int64_t now, char *out, size_t size)
{
    int64_t left = expires_at - now;

    if (expires_at == 0)
        snprintf(out, size, "%s", "");
    else if (left < CLOCK_MINUTE)
        snprintf(out, size, "less than a minute");
    else if (left < 2 * CLOCK_HOUR)
        snprintf(out, size, "%" PRId64 " min", left / CLOCK_MINUTE);
    else if (left < 2 * CLOCK_DAY)
        snprintf(out, size, "%" PRId64 " h", left / CLOCK_HOUR);
    else
        snprintf(out, size, "%" PRId64 " days", left / CLOCK_DAY);
}

static void
date(int64_t at, char *out, size_t size)
{
    static const char months[][4] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                     "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
    char iso[32];
    int month;

    clock_iso(at, iso, sizeof iso); /* 2026-11-22T… */
    month = (int)strtol(iso + 5, NULL, 10);
    snprintf(out, size, "%.2s %s %.4s", iso + 8, months[month >= 1 && month <= 12 ? month - 1 : 0],
             iso);
}

void
age_words(int64_t at, int64_t now, char *out, size_t size)
{
    int64_t age = now - at;

    if (age < CLOCK_MINUTE)
        snprintf(out, size, "just now");
    else if (age < CLOCK_HOUR)
        snprintf(out, size, "%" PRId64 " min ago", age / CLOCK_MINUTE);
    else if (age < CLOCK_DAY)
        snprintf(out, size, "%" PRId64 " h ago", age / CLOCK_HOUR);
    else if (age < 7 * CLOCK_DAY)
        snprintf(out, size, "%" PRId64 " day%s ago", age / CLOCK_DAY,
                 age < 2 * CLOCK_DAY ? "" : "s");
    else
        date(at, out, size);
}
