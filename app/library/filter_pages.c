/*
 * Filters of the library; see filter_pages.h. Knows no database. Read next: library_pages.c.
 */
#include "app/library/filter_pages.h"

#include <stdlib.h>
#include <string.h>

#include "app/http/url.h"
#include "common/arena.h"
#include "common/clock.h"
#include "common/language.h"

#define WORDS_MAX 200

const char *const filter_kinds[] = {"all", "words", "picture", "cleanup", "film", "larger", NULL};
const char *const filter_kind_labels[] = {
    N_("All"),        N_("From words"), N_("From pictures"),
    N_("Cleaned up"), N_("Animated"),   N_("Enlarged"),
};
/* The kinds of jobs of each. */
static const char *const kind_sets[] = {
    "", "generate", "variation,edit,repaint", "cleanup", "animate", "upscale",
};

static const struct field fields[FILTER_FIELDS] = {
    [FILTER_WORDS] = {"q", N_("Search"), FIELD_LINE, 0, WORDS_MAX, false, NULL},
    [FILTER_KIND] = {"kind", N_("Kind"), FIELD_CHOICE, 0, 0, false, filter_kinds},
    [FILTER_SAVED] = {"saved", N_("Kept only"), FIELD_CHECK, 0, 0, false, NULL},
    [FILTER_FROM] = {"from", N_("From"), FIELD_LINE, 0, 10, false, NULL},
    [FILTER_TO] = {"to", N_("To"), FIELD_LINE, 0, 10, false, NULL},
    [FILTER_BEFORE] = {"before", N_("Place"), FIELD_ID, 0, 0, false, NULL},
    [FILTER_DELETED] = {"deleted", N_("Deletion"), FIELD_ID, 0, 0, false, NULL},
};
const struct form filter_form = {fields, FILTER_FIELDS};

static bool
is_leap(int year)
{
    return (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
}

int64_t
filter_date(const char *s)
{
    static const int days_of[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    int64_t days = 0;
    int year, month, day;

    if (strlen(s) != 10 || strspn(s, "0123456789") != 4 || s[4] != '-' ||
        strspn(s + 5, "0123456789") != 2 || s[7] != '-' || strspn(s + 8, "0123456789") != 2)
        return -1;
    year = (int)strtol(s, NULL, 10);
    month = (int)strtol(s + 5, NULL, 10);
    day = (int)strtol(s + 8, NULL, 10);
    if (year < 1970 || month < 1 || month > 12 || day < 1 ||
        day > days_of[month - 1] + (month == 2 && is_leap(year)))
        return -1;
    for (int y = 1970; y < year; y++)
        days += is_leap(y) ? 366 : 365;
    for (int m = 1; m < month; m++)
        days += days_of[m - 1] + (m == 2 && is_leap(year));
    return (days + day - 1) * CLOCK_DAY;
}

/* One word as a pattern for LIKE: anywhere, itself. */
static void
put_pattern(char out[LIBRARY_PATTERN], const char *word, size_t len)
{
    size_t used = 0;

    out[used++] = '%';
    for (size_t i = 0; i < len && used < LIBRARY_PATTERN - 3; i++) {
        if (word[i] == '%' || word[i] == '_' || word[i] == '\\')
            out[used++] = '\\';
        out[used++] = word[i];
    }
    out[used++] = '%';
    out[used] = '\0';
}

/* The last pattern takes what is left, blanks and all. */
static void
read_words(const char *s, struct library_query *query)
{
    for (s += strspn(s, " "); *s != '\0' && query->words < LIBRARY_WORDS; s += strspn(s, " ")) {
        size_t len = query->words < LIBRARY_WORDS - 1 ? strcspn(s, " ") : strlen(s);
        put_pattern(query->like[query->words++], s, len);
        s += len;
    }
}

bool
filter_read(const struct value *values, struct library_query *query)
{
    const struct value *from = &values[FILTER_FROM], *to = &values[FILTER_TO];
    bool right = true;

    for (int i = 0; i < FILTER_BEFORE; i++)
        right = right && values[i].error == NULL;
    if (values[FILTER_WORDS].present && values[FILTER_WORDS].error == NULL)
        read_words(values[FILTER_WORDS].text, query);
    if (values[FILTER_KIND].present && values[FILTER_KIND].error == NULL)
        query->kinds = kind_sets[values[FILTER_KIND].i];
    query->saved = values[FILTER_SAVED].i == 1;
    if (from->present && from->error == NULL) {
        int64_t at = filter_date(from->text);
        query->from = at >= 0 ? at : 0;
        right = right && at >= 0;
    }
    if (to->present && to->error == NULL) {
        int64_t at = filter_date(to->text);
        query->to = at >= 0 ? at + CLOCK_DAY : 0;
        right = right && at >= 0;
    }
    return right;
}

bool
filter_any(const struct library_query *query)
{
    return query->words > 0 || query->saved || (query->kinds != NULL && query->kinds[0] != '\0') ||
           query->from > 0 || query->to > 0;
}

static void
put(struct text *t, const char *name, const char *value)
{
    if (t->len > 0)
        text_putc(t, '&');
    text_puts(t, name);
    text_putc(t, '=');
    url_encode(t, value);
}

const char *
filter_address(struct request *rq, const struct library_query *query)
{
    const struct value *v = rq->values;
    const char *out;
    struct text t;

    text_init(&t, 4096);
    if (query->words > 0)
        put(&t, "q", v[FILTER_WORDS].text);
    if (query->kinds != NULL && query->kinds[0] != '\0')
        put(&t, "kind", v[FILTER_KIND].text);
    if (query->saved)
        put(&t, "saved", "1");
    if (query->from > 0)
        put(&t, "from", v[FILTER_FROM].text);
    if (query->to > 0)
        put(&t, "to", v[FILTER_TO].text);
    out = t.failed ? NULL : arena_strndup(rq->arena, text_cstr(&t), t.len);
    text_release(&t);
    return out;
}
