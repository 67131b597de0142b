/*
 * "expires in …" never promises more than there is; "… ago" becomes a date after a week.
 */
#include "app/library/expiry.h"
#include "common/clock.h"
#include "t/lib/tap.h"

#define NOW INT64_C(1795392000000000) /* 2026-11-23T00:00:00Z */

int
main(void)
{
    static const struct {
        int64_t left;
        const char *words;
    } expiries[] = {
        {-CLOCK_DAY, "less than a minute"},
        {59 * CLOCK_SECOND, "less than a minute"},
        {CLOCK_MINUTE, "1 min"},
        {51 * CLOCK_MINUTE - 1, "50 min"},
        {2 * CLOCK_HOUR - 1, "119 min"},
        {2 * CLOCK_HOUR, "2 h"},
        {24 * CLOCK_HOUR - 1, "23 h"},
        {48 * CLOCK_HOUR - 1, "47 h"},
        {3 * CLOCK_DAY - 1, "2 days"},
        {365 * CLOCK_DAY, "365 days"},
    };
    static const struct {
        int64_t age;
        const char *words;
    } ages[] = {
        {-CLOCK_SECOND, "just now"},       {0, "just now"},
        {CLOCK_MINUTE, "1 min ago"},       {CLOCK_HOUR - 1, "59 min ago"},
        {CLOCK_HOUR, "1 h ago"},           {CLOCK_DAY - 1, "23 h ago"},
        {CLOCK_DAY, "1 day ago"},          {2 * CLOCK_DAY, "2 days ago"},
        {7 * CLOCK_DAY - 1, "6 days ago"}, {7 * CLOCK_DAY, "16 Nov 2026"},
        {320 * CLOCK_DAY, "7 Jan 2026"},
    };
    char words[EXPIRY_WORDS];

    for (size_t i = 0; i < sizeof expiries / sizeof expiries[0]; i++) {
        expiry_words(NOW + expiries[i].left, NOW, words, sizeof words);
        is_str(words, expiries[i].words, "time left in words");
    }
    expiry_words(0, NOW, words, sizeof words);
    is_str(words, "", "what is kept does not expire");
    for (size_t i = 0; i < sizeof ages / sizeof ages[0]; i++) {
        age_words(NOW - ages[i].age, NOW, words, sizeof words);
        is_str(words, ages[i].words, "age in words");
    }
    return tap_done();
}
