/*
 * Names of downloaded files; see file_name.h. Knows no files.
 */
#include "app/library/file_name.h"

#include <stdio.h>
#include <string.h>

#define WORDS_MAX 48

void
file_name(const char *prompt, const struct id *id, const char *extension, char out[FILE_NAME])
{
    char words[WORDS_MAX + 1] = "", text[ID_TEXT];
    size_t used = 0, whole = 0;

    for (const char *s = prompt; used < WORDS_MAX; s++) {
        char c = *s;
        if (c >= 'A' && c <= 'Z')
            c = (char)(c - 'A' + 'a');
        if ((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9')) {
            words[used++] = c;
            continue;
        }
        if (used > 0 && words[used - 1] != '-') {
            whole = used;
            words[used++] = '-';
        }
        if (c == '\0')
            break;
    }
    /* A word that did not fit goes; one that is longer than all the room is cut. */
    words[whole > 0 ? whole : used] = '\0';
    id_format(id, text);
    snprintf(out, FILE_NAME, "%s-%.8s.%s", words[0] != '\0' ? words : "gempix", text, extension);
}
