/*
 * Waiting times: rounded up, honest about what is unknown.
 */
#include "app/studio/wait.h"
#include "t/lib/tap.h"

static const struct {
    int64_t seconds;
    const char *words;
} cases[] = {
    {-1, ""},
    {0, "a few seconds"},
    {5, "a few seconds"},
    {6, "about 10 seconds"},
    {11, "about 15 seconds"},
    {30, "about 30 seconds"},
    {31, "about 40 seconds"},
    {55, "about 60 seconds"},
    {56, "about 1 minute"},
    {60, "about 1 minute"},
    {61, "about 2 minutes"},
    {3540, "about 59 minutes"},
    {3541, "about 1 hour"},
    {3600, "about 1 hour"},
    {3601, "about 2 hours"},
    {86400, "about 24 hours"},
};

int
main(void)
{
    char words[WAIT_WORDS];

    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        char what[64];
        wait_words(cases[i].seconds, words, sizeof words);
        snprintf(what, sizeof what, "%" PRId64 " seconds in words", cases[i].seconds);
        is_str(words, cases[i].words, what);
    }
    wait_words(INT64_MAX / 2, words, sizeof words);
    ok(strlen(words) < WAIT_WORDS - 1, "the longest wait fits");

    is_int(wait_seconds(1000, 0), WAIT_UNKNOWN, "without a known speed nothing is promised");
    is_int(wait_seconds(0, 100), 0, "no work takes no time");
    is_int(wait_seconds(100, 100), 1, "work over speed");
    is_int(wait_seconds(101, 100), 2, "rounded up");
    is_int(wait_seconds(INT64_MAX, 1), INT64_MAX, "no overflow");

    is_int(wait_work_left(1000, 0, 10), 1000, "nothing done yet");
    is_int(wait_work_left(1000, 4, 10), 600, "four of ten steps done");
    is_int(wait_work_left(1000, 10, 10), 0, "all done");
    is_int(wait_work_left(1000, 11, 10), 0, "more than all done");
    is_int(wait_work_left(1000, 0, 0), 0, "a job without steps");
    return tap_done();
}
