/*
 * Words for spans, rules and lists of the data register. Knows no markup.
 */
#include "common/register_words.h"

#include <ctype.h>
#include <string.h>

#include "common/conf.h"
#include "common/language.h"
#include "common/text.h"

void
register_put_span(struct text *t, int64_t seconds)
{
    enum { YEAR = 366 * 86400, DAY = 86400, HOUR = 3600, MINUTE = 60 };

    if (seconds % YEAR == 0)
        text_printf(t, TN("%d year", "%d years", (unsigned long)(seconds / YEAR)),
                    (int)(seconds / YEAR));
    else if (seconds % DAY == 0)
        text_printf(t, TN("%d day", "%d days", (unsigned long)(seconds / DAY)),
                    (int)(seconds / DAY));
    else if (seconds % HOUR == 0)
        text_printf(t, TN("%d hour", "%d hours", (unsigned long)(seconds / HOUR)),
                    (int)(seconds / HOUR));
    else if (seconds % MINUTE == 0)
        text_printf(t, TN("%d minute", "%d minutes", (unsigned long)(seconds / MINUTE)),
                    (int)(seconds / MINUTE));
    else
        text_printf(t, TN("%d second", "%d seconds", (unsigned long)seconds), (int)seconds);
}

void
register_put_filled(struct text *t, const char *words, const struct conf *conf)
{
    if (conf == NULL) {
        text_puts(t, words);
        return;
    }
    while (*words != '\0') {
        size_t plain = strcspn(words, "{");

        text_put(t, words, plain);
        words += plain;
        if (strncmp(words, "{site}", 6) == 0) {
            text_puts(t, conf->site.name);
            words += 6;
        } else if (strncmp(words, "{contact}", 9) == 0) {
            text_puts(t, conf->site.contact[0] != '\0' ? conf->site.contact
                                                       : T("the operator of this site"));
            words += 9;
        } else if (strncmp(words, "{transient}", 11) == 0) {
            register_put_span(t, conf->media.transient);
            words += 11;
        } else if (strncmp(words, "{upload}", 8) == 0) {
            register_put_span(t, conf->media.upload_lives);
            words += 8;
        } else if (*words != '\0') {
            text_putc(t, *words++);
        }
    }
}

static void
put_rule(struct text *t, const struct register_keep *k, const struct conf *conf)
{
    if (k->words != NULL) {
        register_put_filled(t, T(k->words), conf);
        return;
    }
    switch (k->rule) {
    case REGISTER_ACCOUNT:
    case REGISTER_WITH:
        text_puts(t, T("while the account lives"));
        break;
    case REGISTER_JOB:
        text_puts(t, T("until the work ends"));
        break;
    case REGISTER_ALWAYS:
        text_puts(t, T("as long as the site stands"));
        break;
    case REGISTER_AFTER:
    case REGISTER_NEWEST:
        register_put_span(t, k->seconds);
        break;
    }
}

void
register_put_keep(struct text *t, const struct register_keep *k, const struct conf *conf)
{
    for (; k != NULL; k = k->next) {
        put_rule(t, k, conf);
        if (k->next != NULL)
            text_puts(t, T(", or "));
    }
}

void
register_put_names(struct text *t, const struct register_word *list, const char *const *ids)
{
    for (size_t i = 0; ids != NULL && ids[i] != NULL; i++) {
        const char *name = T(register_word(list, ids[i])->name);

        if (i > 0)
            text_puts(t, T(", "));
        /* Other languages have their own rules for the first letter within a sentence. */
        text_putc(t, language_current() == 0 ? (char)tolower((unsigned char)*name) : *name);
        text_puts(t, name + 1);
    }
}

void
register_put_parts(struct text *t, const struct register_thing *thing)
{
    size_t start = t->len;

    for (const struct register_part *p = thing->parts; p != NULL; p = p->next) {
        if (p->form == REGISTER_UNEXPORTED && thing->export_as != NULL)
            continue;
        if (t->len > start)
            text_puts(t, T("; "));
        text_puts(t, T(p->about));
    }
}
