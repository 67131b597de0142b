/*
 * The deadline of a request: calendar months, the last day where a month has no such day, the same
 * time of day.
 */
#include <string.h>

#include "common/clock.h"
#include "common/rights.h"
#include "t/lib/tap.h"

#define AT INT64_C(1000000)

static const struct {
    const char *what;
    int64_t from; /* s UTC */
    int months;
    const char *due;
} cases[] = {
    {"an ordinary day", 1773578096, 1, "2026-04-15T12:34:56Z"},
    {"31 January of a common year", 1769817600, 1, "2026-02-28T00:00:00Z"},
    {"31 January of a leap year", 1832889600, 1, "2028-02-29T00:00:00Z"},
    {"29 February, a month", 1835395200, 1, "2028-03-29T00:00:00Z"},
    {"31 December, into the next year", 1798718399, 1, "2027-01-31T11:59:59Z"},
    {"31 December, two months", 1798718399, 2, "2027-02-28T11:59:59Z"},
    {"31 January, three months: from the day itself", 1769817600, 3, "2026-04-30T00:00:00Z"},
    {"28 February stays the 28th", 1772236800, 1, "2026-03-28T00:00:00Z"},
    {"no month", 1773578096, 0, "2026-03-15T12:34:56Z"},
};

int
main(void)
{
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        char at[32];

        clock_iso(rights_months_after(cases[i].from * AT, cases[i].months), at, sizeof at);
        is_str(at, cases[i].due, cases[i].what);
    }
    return tap_done();
}
