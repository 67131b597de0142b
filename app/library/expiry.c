/*
 * Times in words for the library; see expiry.h. Reads no clock: the caller says what time it is.
 */
#include "app/library/expiry.h"

#include <stdio.h>

#include "common/clock.h"
#include "common/language.h"

const char *
expiry_format(enum expiry_unit unit)
{
    switch (unit) {
    case EXPIRY_MINUTES:
        return T("%d min");
    case EXPIRY_HOURS:
        return T("%d h");
    case EXPIRY_DAYS:
        return TN("%d day", "%d days", 2);
    default:
        return T("less than a minute");
    }
}

void
expiry_words(int64_t expires_at, int64_t now, char *out, size_t size)
{
    int64_t left = expires_at - now;
    int days = (int)(left / CLOCK_DAY);

    if (expires_at == 0)
        snprintf(out, size, "%s", "");
    else if (left < CLOCK_MINUTE)
        snprintf(out, size, "%s", T("less than a minute"));
    else if (left < 2 * CLOCK_HOUR)
        snprintf(out, size, T("%d min"), (int)(left / CLOCK_MINUTE));
    else if (left < 2 * CLOCK_DAY)
        snprintf(out, size, T("%d h"), (int)(left / CLOCK_HOUR));
    else
        snprintf(out, size, TN("%d day", "%d days", (unsigned long)days), days);
}

void
age_words(int64_t at, int64_t now, char *out, size_t size)
{
    int64_t age = now - at;
    char date[DATE_TEXT];
    int n;

    if (age < CLOCK_MINUTE) {
        snprintf(out, size, "%s", T("just now"));
    } else if (age < CLOCK_HOUR) {
        snprintf(out, size, T("%d min ago"), (int)(age / CLOCK_MINUTE));
    } else if (age < CLOCK_DAY) {
        snprintf(out, size, T("%d h ago"), (int)(age / CLOCK_HOUR));
    } else if (age < 7 * CLOCK_DAY) {
        n = (int)(age / CLOCK_DAY);
        snprintf(out, size, TN("%d day ago", "%d days ago", (unsigned long)n), n);
    } else {
        language_date(at, date);
        snprintf(out, size, "%s", date);
    }
}
