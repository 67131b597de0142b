/*
 * How long something is still there, in words of the visitor's language: "expires in 50 min".
 */
#ifndef GEMPIX_APP_LIBRARY_EXPIRY_H
#define GEMPIX_APP_LIBRARY_EXPIRY_H

#include <stddef.h>
#include <stdint.h>

#define EXPIRY_WORDS 64 /* bytes that expiry_words may need */

/* "less than a minute" (which holds no number), "%d min", "%d h", "%d days" in the visitor's
   language: what a script needs to let the words go on as time does. */
enum expiry_unit { EXPIRY_SOON, EXPIRY_MINUTES, EXPIRY_HOURS, EXPIRY_DAYS };
const char *expiry_format(enum expiry_unit unit);

/* "50 min", "23 h", "6 days"; rounded down, so that nothing vanishes earlier than it says. "" for
   expires_at 0 (kept). Times in µs UTC. */
void expiry_words(int64_t expires_at, int64_t now, char *out, size_t size);

/* "just now", "5 min ago", "3 h ago", "2 days ago", then the date. */
void age_words(int64_t at, int64_t now, char *out, size_t size);

#endif
