/*
 * Sentences of templates in the visitor's language; see messages.h. Read next: templates.c.
 */
#include "app/view/messages.h"

#include <string.h>

#include "common/err.h"
#include "common/language.h"
#include "common/text.h"

#define OPEN "{{#_}}"
#define CLOSE "{{/_}}"
#define TAG (sizeof OPEN - 1)
#define SENTENCE_MAX 2000 /* bytes */

static int
line_of(const char *source, const char *at)
{
    int line = 1;

    for (; source < at; source++)
        line += *source == '\n';
    return line;
}

/* The sentence as the catalogue knows it: runs of white space are one blank, none at the ends. */
static size_t
squeeze(const char *s, const char *end, char out[SENTENCE_MAX])
{
    size_t used = 0;

    for (; s < end; s++) {
        if (strchr(" \t\r\n", *s) == NULL)
            out[used++] = *s;
        else if (used > 0 && out[used - 1] != ' ')
            out[used++] = ' ';
    }
    if (used > 0 && out[used - 1] == ' ')
        used--;
    out[used] = '\0';
    return used;
}

int
messages_fill(const char *source, struct text *out, struct err *e)
{
    const char *s = source, *open;
    char sentence[SENTENCE_MAX];

    while ((open = strstr(s, OPEN)) != NULL) {
        const char *begin = open + TAG, *close = strstr(begin, CLOSE);
        const char *inner = strstr(begin, OPEN);

        if (close == NULL || (inner != NULL && inner < close) || close - begin >= SENTENCE_MAX)
            return err_setf(e, ST_INVALID, "line %d: this sentence has no end.",
                            line_of(source, open));
        text_put(out, s, (size_t)(open - s));
        squeeze(begin, close, sentence);
        text_puts(out, T(sentence));
        s = close + TAG;
    }
    text_puts(out, s);
    return out->failed ? err_setf(e, ST_TOOBIG, "This template is too large.") : ST_OK;
}
