/*
 * As much Unicode as a tokenizer needs: UTF-8, classes, lower case, composition.
 */
#ifndef GEMPIX_RENDER_MODEL_UNICODE_H
#define GEMPIX_RENDER_MODEL_UNICODE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The character at s[0 … len) and its number of bytes; 0 bytes if it is not well-formed UTF-8 or
 * len is 0. */
size_t unicode_decode(const char *s, size_t len, uint32_t *out);
/* Writes 1 to 4 bytes. */
size_t unicode_encode(uint32_t c, char out[4]);

bool unicode_is_letter(uint32_t c);
bool unicode_is_number(uint32_t c);
bool unicode_is_space(uint32_t c);
uint32_t unicode_to_lower(uint32_t c);
/* The one character that base and mark compose to, or 0. Latin, Greek, Cyrillic and other scripts
 * below U+2000. */
uint32_t unicode_compose(uint32_t base, uint32_t mark);

#endif
