/*
 * Which language a visitor gets, and its words, numbers and days. The catalogues are the built
 * ones.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/clock.h"
#include "common/err.h"
#include "common/language.h"
#include "t/lib/tap.h"

static void
test_accept(void)
{
    static const struct {
        const char *header, *tag;
    } cases[] = {
        {"", "en"},
        {"de", "de"},
        {"de-AT", "de"},
        {"DE-at;q=0.8", "de"},
        {"fr-CH, fr;q=0.9, en;q=0.8, de;q=0.7, *;q=0.5", "fr"},
        {"en;q=0.5, es;q=0.9", "es"},
        {"nl, pl;q=0.9", "en"},
        {"nl, ja;q=0.1", "ja"},
        {"zh-CN,zh;q=0.9,en;q=0.8", "zh-Hans"},
        {"zh-Hans-SG", "zh-Hans"},
        {"zh-TW, en;q=0.5", "en"},
        {"zh", "zh-Hans"},
        {"de;q=0", "en"},
        {"de;q=0, fr;q=0.001", "fr"},
        {"de;q=17, fr", "fr"},
        {";;;,,, ,de", "de"},
        {"a-very-long-tag-that-nobody-would-ever-send-to-us, es", "es"},
    };

    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
        is_str(languages[language_accept(cases[i].header)].tag, cases[i].tag, cases[i].header);
}

static void
test_words(void)
{
    struct err e;

    is_str(T("Nothing here"), "Nothing here", "English is what the code says");
    language_use(language_find("de"));
    is_str(T("Nothing here"), "Hier ist nichts", "German");
    is_str(T("no such sentence"), "no such sentence", "what has no translation stays");
    is_str(T(""), "", "the empty sentence is not the catalogue's head");
    err_set(&e, ST_NOTFOUND, "There is nothing at this address.", "detail");
    is_str(e.message, "Unter dieser Adresse gibt es nichts.", "errors speak it, too");
    is_str(e.detail, "detail", "… and the log's part stays");
    language_use(language_find("ja"));
    is_str(T("Nothing here"), "ここには何もありません", "Japanese right after it");
    language_use(99);
    is_str(T("Nothing here"), "Nothing here", "no such language: English");
}

static void
test_numbers(void)
{
    static const struct {
        const char *tag, *million, *real, *day;
    } cases[] = {
        {"en", "-1,234,567", "7.50", "3 Nov 2026"},
        {"de", "-1.234.567", "7,50", "3. Nov. 2026"},
        {"fr", "-1\u202F234\u202F567", "7,50", "3 nov. 2026"},
        {"es", "-1.234.567", "7,50", "3 nov. 2026"},
        {"ja", "-1,234,567", "7.50", "2026年11月3日"},
        {"zh-Hans", "-1,234,567", "7.50", "2026年11月3日"},
    };
    char text[DATE_TEXT];

    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        language_use(language_find(cases[i].tag));
        language_number(-1234567, text);
        is_str(text, cases[i].million, cases[i].tag);
        language_number(999, text);
        is_str(text, "999", "… a small number as it is");
        language_real(7.5, 2, text);
        is_str(text, cases[i].real, "… a fraction");
        language_date(INT64_C(1793664000) * CLOCK_SECOND, text);
        is_str(text, cases[i].day, "… a day");
    }
}

int
main(void)
{
    char directory[4096];
    struct err e;

    snprintf(directory, sizeof directory, "%s/po", getenv("GEMPIX_BUILD"));
    is_int(language_start(directory, &e), ST_OK, "the catalogues open");
    test_accept();
    test_words();
    test_numbers();
    return tap_done();
}
