/*
 * A letter that came in, taken apart. gmime.h appears in letter.c alone. Knows no tickets.
 */
#ifndef GEMPIX_APP_INBOUND_LETTER_H
#define GEMPIX_APP_INBOUND_LETTER_H

#include <stdbool.h>
#include <stddef.h>

#include "common/text.h"

struct err;

#define LETTER_PICTURES 3

struct letter {
    char from[255];       /* the address, "" = none */
    char subject[400];    /* UTF-8, one line */
    char message_id[251]; /* with its angle brackets; "" = none, or one that nobody could answer */
    struct text recipients; /* all addresses it was sent to, separated by blanks */
    struct text body;       /* plain text; of HTML what a reader sees */
    bool automatic;         /* sent by a program: nobody waits for an answer */
    struct {
        void *data; /* heap */
        size_t size;
    } pictures[LETTER_PICTURES];
    size_t picture_count;
    struct text dropped; /* names of what came along and is not kept, a line each */
};

/* Takes apart one RFC 5322 message. `keeps` decides on the bytes of what came along. 0; ST_INVALID
 * when it is no message; ST_NOMEM. letter_release(out) in any case. */
int letter_read(const void *data, size_t size, bool (*keeps)(const void *data, size_t size),
                size_t body_max, struct letter *out, struct err *e);
void letter_release(struct letter *l); /* a zeroed struct is legal */

#endif
