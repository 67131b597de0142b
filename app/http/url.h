/*
 * Percent-encoding, and content hashes of static files. url_for and url_static are in http.h.
 */
#ifndef GEMPIX_APP_HTTP_URL_H
#define GEMPIX_APP_HTTP_URL_H

#include <stdbool.h>
#include <stddef.h>

struct arena;
struct conf;
struct stamps;
struct text;

/* Appends `s` percent-encoded; letters, digits and -._~ stay. */
void url_encode(struct text *t, const char *s);
/* Decodes len bytes in place; with `form`, + is a blank. The new length, or -1 when a % is not
 * followed by two hexadecimal digits. */
long url_decode(char *s, size_t len, bool form);

/* Remembers the hash of each file until the file changes. NULL when out of memory. */
struct stamps *stamps_new(const char *directory);
void stamps_free(struct stamps *s);
/* 10 characters for the content of `file` (a plain name), or NULL where it cannot be read. Borrowed
 * until the file changes. */
const char *stamps_get(struct stamps *s, const char *file);

#endif
