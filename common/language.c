/*
 * The languages and their catalogues; see language.h. Read next: app/view/templates.c, which
 * translates templates once, when it loads them.
 */
#include "common/language.h"

#include <inttypes.h>
#include <libintl.h>
#include <locale.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "common/clock.h"
#include "common/err.h"

#define DOMAIN "gempix"
#define RANGE_MAX 35 /* letters of a language tag, RFC 5646 4.4.1 */

const struct language languages[LANGUAGES] = {
    {"en", "English", "", '.', ","},         {"de", "Deutsch", "de", ',', "."},
    {"fr", "Français", "fr", ',', "\u202F"}, {"es", "Español", "es", ',', "."},
    {"ja", "日本語", "ja", '.', ","},        {"zh-Hans", "简体中文", "zh_CN", '.', ","},
};

static int current;

/* gettext keeps what it has looked up; its manual says to move this counter when the language
 * changes. */
extern int _nl_msg_cat_cntr;

/* Any locale but "C" makes gettext look into LANGUAGE; C.UTF-8 is part of the C library. */
int
language_start(const char *directory, struct err *e)
{
    if (setlocale(LC_MESSAGES, "C.UTF-8") == NULL || bindtextdomain(DOMAIN, directory) == NULL ||
        bind_textdomain_codeset(DOMAIN, "UTF-8") == NULL || textdomain(DOMAIN) == NULL)
        return err_set(e, ST_INTERNAL, "The languages cannot be opened.", "%s", directory);
    language_use(0);
    err_translate(T);
    return ST_OK;
}

int
language_find(const char *tag)
{
    for (int i = 0; i < LANGUAGES; i++) {
        if (strcasecmp(languages[i].tag, tag) == 0)
            return i;
    }
    return -1;
}

/* --- Accept-Language --- */

/* The language of one range: "de-AT" is served by "de", "zh-CN" and "zh" by "zh-Hans"; a visitor
 * who asks for traditional characters is not given simplified ones. */
static int
serves(const char *range, size_t len)
{
    static const struct {
        const char *range, *tag;
    } chinese[] = {
        {"zh", "zh-Hans"}, {"zh-CN", "zh-Hans"}, {"zh-SG", "zh-Hans"}, {"zh-MY", "zh-Hans"}};
    char tag[RANGE_MAX + 1], *dash;

    if (len == 0 || len > RANGE_MAX)
        return -1;
    memcpy(tag, range, len);
    tag[len] = '\0';
    for (;;) {
        int found = language_find(tag);

        for (size_t i = 0; found < 0 && i < sizeof chinese / sizeof chinese[0]; i++) {
            if (strcasecmp(chinese[i].range, tag) == 0 && len == strlen(tag))
                found = language_find(chinese[i].tag);
        }
        if (found >= 0)
            return found;
        if ((dash = strrchr(tag, '-')) == NULL)
            return -1;
        *dash = '\0';
    }
}

/* The weight behind a range in thousandths: 1000 where none is given, 0 where it is damaged. */
static int
weight(const char *s, const char *end)
{
    const char *q = memchr(s, '=', (size_t)(end - s));
    int value = 0, unit = 1000;

    if (q == NULL)
        return 1000;
    for (q++; q < end && unit > 0; q++) {
        if (*q == '.')
            continue;
        if (*q < '0' || *q > '9')
            break;
        value += (*q - '0') * unit;
        unit /= 10;
    }
    return value <= 1000 ? value : 0;
}

int
language_accept(const char *header)
{
    int best = 0, most = 0;

    for (const char *s = header; *s != '\0';) {
        const char *end = s + strcspn(s, ","), *range = s + strspn(s, " \t");
        size_t len = strcspn(range, " \t;,");
        int index = serves(range, len), w = weight(range + len, end);

        if (index >= 0 && w > most) {
            best = index;
            most = w;
        }
        s = *end == ',' ? end + 1 : end;
    }
    return best;
}

/* --- words --- */

void
language_use(int index)
{
    if (index < 0 || index >= LANGUAGES)
        index = 0;
    if (index == current && getenv("LANGUAGE") != NULL)
        return;
    current = index;
    /* Fails only without memory; the page then comes in the language before. */
    (void)setenv("LANGUAGE", index == 0 ? "en" : languages[index].code, 1);
    _nl_msg_cat_cntr++;
}

int
language_current(void)
{
    return current;
}

int
language_for_reader(const char *tag)
{
    int before = current, index = language_find(tag);

    if (index >= 0)
        language_use(index);
    return before;
}

/* gettext answers the empty sentence with the catalogue's head. */
const char *
T(const char *sentence)
{
    return current == 0 || sentence[0] == '\0' ? sentence : gettext(sentence);
}

const char *
TN(const char *one, const char *many, unsigned long n)
{
    if (current == 0)
        return n == 1 ? one : many;
    return ngettext(one, many, n);
}

/* --- numbers and days --- */

static void
group_digits(const char *digits, char *out, size_t size)
{
    const char *group = languages[current].group;
    size_t len = strlen(digits), used = 0;

    for (size_t i = 0; i < len && used + 8 < size; i++) {
        out[used++] = digits[i];
        if (digits[i] != '-' && i + 1 < len && (len - i - 1) % 3 == 0) {
            memcpy(out + used, group, strlen(group));
            used += strlen(group);
        }
    }
    out[used] = '\0';
}

void
language_number(int64_t n, char out[NUMBER_TEXT])
{
    char digits[24];

    snprintf(digits, sizeof digits, "%" PRId64, n);
    group_digits(digits, out, NUMBER_TEXT);
}

void
language_real(double value, int decimals, char out[NUMBER_TEXT])
{
    char *point;

    snprintf(out, NUMBER_TEXT, "%.*f", decimals < 6 ? decimals : 6, value);
    if ((point = strchr(out, '.')) != NULL)
        *point = languages[current].point;
}

struct blank {
    const char *name, *value;
};

/* A pattern with its blanks filled in; what is no blank stays. */
static void
fill_in(const char *pattern, const struct blank *blanks, char *out, size_t size)
{
    size_t used = 0;

    while (*pattern != '\0' && used + 1 < size) {
        const struct blank *b = blanks;
        size_t len;

        while (b->name != NULL && strncmp(pattern, b->name, strlen(b->name)) != 0)
            b++;
        if (b->name == NULL) {
            out[used++] = *pattern++;
            continue;
        }
        if ((len = strlen(b->value)) > size - 1 - used)
            len = size - 1 - used;
        memcpy(out + used, b->value, len);
        used += len;
        pattern += strlen(b->name);
    }
    out[used] = '\0';
}

void
language_date(int64_t at, char out[DATE_TEXT])
{
    static const char *const months[12] = {
        N_("Jan"), N_("Feb"), N_("Mar"), N_("Apr"), N_("May"), N_("Jun"),
        N_("Jul"), N_("Aug"), N_("Sep"), N_("Oct"), N_("Nov"), N_("Dec"),
    };
    char iso[32], digits[3][12]; /* 2026-11-22T… */
    int year, month, day;

    clock_iso(at, iso, sizeof iso);
    year = (int)strtol(iso, NULL, 10);
    month = (int)strtol(iso + 5, NULL, 10);
    day = (int)strtol(iso + 8, NULL, 10);
    if (month < 1 || month > 12)
        month = 1;
    snprintf(digits[0], sizeof digits[0], "%d", day);
    snprintf(digits[1], sizeof digits[1], "%d", month);
    snprintf(digits[2], sizeof digits[2], "%d", year);
    fill_in(T("{day} {month} {year}"),
            (const struct blank[]){{"{day}", digits[0]},
                                   {"{month}", T(months[month - 1])},
                                   {"{number}", digits[1]},
                                   {"{year}", digits[2]},
                                   {NULL, NULL}},
            out, DATE_TEXT);
}
