/*
 * Filters of the library: dates, words and kinds as a form sends them, and as an address holds
 * them.
 */
#include <string.h>

#include "app/library/filter_pages.h"
#include "common/arena.h"
#include "common/clock.h"
#include "t/lib/tap.h"

static void
test_dates(void)
{
    static const char *const wrong[] = {
        "",           "2026",       "2026-1-01",  "2026-13-01",  "2026-00-10", "2026-02-29",
        "2026-04-31", "2026-11-00", "1969-12-31", "2026-11-22x", "22.11.2026", "2026/11/22",
    };

    is_int(filter_date("1970-01-01"), 0, "the first day");
    is_int(filter_date("1970-12-31"), 364 * CLOCK_DAY, "a year later");
    is_int(filter_date("2024-02-29"), 19782 * CLOCK_DAY, "a leap day");
    is_int(filter_date("2026-11-23"), INT64_C(1795392000) * CLOCK_SECOND, "a day of our own");
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++)
        is_int(filter_date(wrong[i]), -1, wrong[i]);
}

static struct value
text(const char *s)
{
    return (struct value){.present = s[0] != '\0', .text = s, .len = strlen(s)};
}

static void
test_words(void)
{
    struct value values[FILTER_FIELDS];
    struct library_query query = {0};

    for (int i = 0; i < FILTER_FIELDS; i++)
        values[i] = text("");
    ok(filter_read(values, &query) && !filter_any(&query), "nothing asked, nothing filtered");

    values[FILTER_WORDS] = text(" red  100%_\\ c d e ");
    ok(filter_read(values, &query) && filter_any(&query), "words");
    is_int(query.words, 4, "... at most four patterns");
    is_str(query.like[0], "%red%", "... anywhere in a prompt");
    is_str(query.like[1], "%100\\%\\_\\\\%", "... as they are");
    is_str(query.like[3], "%d e %", "... the last takes the rest");

    query = (struct library_query){0};
    values[FILTER_WORDS] = text("");
    values[FILTER_KIND] = text("picture");
    values[FILTER_KIND].i = 2;
    values[FILTER_SAVED].i = 1;
    values[FILTER_FROM] = text("1970-01-02");
    values[FILTER_TO] = text("1970-01-02");
    ok(filter_read(values, &query), "the other filters");
    is_str(query.kinds, "variation,edit,repaint", "... kinds of a group");
    ok(query.saved && query.from == CLOCK_DAY && query.to == 2 * CLOCK_DAY, "... a whole day");
    values[FILTER_TO] = text("tomorrow");
    query = (struct library_query){0};
    ok(!filter_read(values, &query) && query.to == 0 && query.from == CLOCK_DAY,
       "a date that is none is left out, and said");
}

static void
test_address(void)
{
    struct request rq = {.arena = arena_new(1 << 16)};
    struct library_query query = {0};

    for (int i = 0; i < FILTER_FIELDS; i++)
        rq.values[i] = text("");
    is_str(filter_address(&rq, &query), "", "no filters, no address");
    rq.values[FILTER_WORDS] = text("sun & sea");
    rq.values[FILTER_SAVED].i = 1;
    rq.values[FILTER_TO] = text("2026-11-22");
    filter_read(rq.values, &query);
    is_str(filter_address(&rq, &query), "q=sun%20%26%20sea&saved=1&to=2026-11-22", "encoded");
    arena_free(rq.arena);
}

int
main(void)
{
    test_dates();
    test_words();
    test_address();
    return tap_done();
}
