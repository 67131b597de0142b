/*
 * Languages of the site: which one a visitor reads, and its words. The catalogues are gettext's
 * (po/), found by their English sentences; what has no translation stays English. One worker serves
 * one request at a time, so the language is chosen once per request and holds until the next.
 * Letters are written in the language of who reads them. Knows no HTTP and no templates.
 */
#ifndef GEMPIX_COMMON_LANGUAGE_H
#define GEMPIX_COMMON_LANGUAGE_H

#include <stddef.h>
#include <stdint.h>

struct err;

#define LANGUAGES 6
#define LANGUAGE_TAG 16          /* room for the longest tag */
#define LANGUAGE_COOKIE "locale" /* a tag and nothing else (P7) */
#define LANGUAGE_COOKIE_SECONDS ((int64_t)365 * 86400)

struct language {
    const char *tag;   /* BCP 47, as in <html lang>: "zh-Hans" */
    const char *name;  /* in the language itself */
    const char *code;  /* gettext's: "zh_CN"; "" = the sentences as they are in the code */
    char point;        /* decimal separator */
    const char *group; /* between thousands; "" = none */
};

/* The first is English, which is always complete. */
extern const struct language languages[LANGUAGES];

/* Opens the catalogues DIRECTORY/CODE/LC_MESSAGES/gempix.mo. 0, ST_INTERNAL. Call once. */
int language_start(const char *directory, struct err *e);

/* Index of a tag as a cookie holds it ("de", "zh-Hans"), or -1. */
int language_find(const char *tag);
/* The best of an Accept-Language header (RFC 9110, 12.5.4; matched as RFC 4647 looks up): an index,
 * 0 where nothing fits. */
int language_accept(const char *header);

/* Chooses for what follows; language_current says what is chosen (0 at the start). */
void language_use(int index);
int language_current(void);
/* For a letter: chooses the language of its reader by tag ("" or unknown leaves what is chosen).
 * Returns what was chosen before, for language_use when the letter is written. */
int language_for_reader(const char *tag);

/* The sentence in the chosen language. Never NULL; static memory of the catalogue. */
const char *T(const char *sentence) __attribute__((format_arg(1)));
/* The same with the form that the number n needs; both hold %d or neither. */
const char *TN(const char *one, const char *many, unsigned long n)
    __attribute__((format_arg(1), format_arg(2)));
/* Marks a sentence in a table for the catalogue; T translates it where it is shown. */
#define N_(sentence) sentence

/* 12,345 with the language's separators. */
#define NUMBER_TEXT 40
void language_number(int64_t n, char out[NUMBER_TEXT]);
/* 7.5 with the language's decimal separator, `decimals` at most 6. */
void language_real(double value, int decimals, char out[NUMBER_TEXT]);
/* The day of `at` (microseconds since 1970, UTC) as it is written in the language: "3 Nov 2026",
 * "3. Nov. 2026", "2026年11月3日". */
#define DATE_TEXT 48
void language_date(int64_t at, char out[DATE_TEXT]);

#endif
