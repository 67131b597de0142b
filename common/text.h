/*
 * A growing byte string with a ceiling and a sticky failure flag: write freely, test `failed` once
 * at the end. The data always ends in a NUL that `len` does not count.
 */
#ifndef GEMPIX_COMMON_TEXT_H
#define GEMPIX_COMMON_TEXT_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>

struct text {
    char *data; /* heap, or NULL while empty */
    size_t len;
    size_t cap;
    size_t
        max; /* longest allowed len; a write that would pass it sets `failed` and writes nothing */
    bool failed;
};

/* Prepares an empty text that may grow to `max` bytes. Released with text_release; text_release of
 * a zeroed struct is legal. */
void text_init(struct text *t, size_t max);
void text_release(struct text *t);
/* Empties it, keeps the memory, clears `failed`. */
void text_clear(struct text *t);

void text_put(struct text *t, const void *bytes, size_t len);
void text_puts(struct text *t, const char *s);
void text_putc(struct text *t, char c);
void text_printf(struct text *t, const char *format, ...) __attribute__((format(printf, 2, 3)));
void text_vprintf(struct text *t, const char *format, va_list ap);

/* The bytes as a C string, never NULL ("" when empty). Valid until the next write. */
const char *text_cstr(const struct text *t);

#endif
