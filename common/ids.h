/*
 * Public ids: 128 random bits, written as 26 characters of lower-case Crockford base32 (no i, l, o,
 * u). They can be neither counted nor guessed. In the database they are BINARY(16).
 */
#ifndef GEMPIX_COMMON_IDS_H
#define GEMPIX_COMMON_IDS_H

#include <stdint.h>

#define ID_TEXT 27 /* 26 characters and the NUL */

struct id {
    uint8_t bytes[16];
};

void id_random(struct id *out);
void id_format(const struct id *id, char out[ID_TEXT]);
/* 0, or ST_INVALID for anything but 26 characters of the alphabet in canonical form. */
int id_parse(const char *s, struct id *out);

#endif
