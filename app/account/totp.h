/*
 * Codes of authenticator apps (RFC 6238, six digits, 30 seconds, SHA-1, which is what all apps
 * know), by liboath. liboath/oath.h appears in totp.c alone. Knows no accounts.
 */
#ifndef GEMPIX_APP_ACCOUNT_TOTP_H
#define GEMPIX_APP_ACCOUNT_TOTP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define TOTP_SECRET 20
#define TOTP_BASE32 33 /* of a secret, with its NUL */

/* True when `code` is the one of the time `at` (µs UTC) or of the 30 seconds before or after. *step
 * is its number, by which a code that was used can be told from a new one. */
bool totp_fits(const uint8_t secret[TOTP_SECRET], const char *code, int64_t at, int64_t *step);
/* The code of a time, for tests and probes: six digits. False when the library fails. */
bool totp_code(const uint8_t secret[TOTP_SECRET], int64_t at, char out[7]);
/* The secret as people type it. */
void totp_base32(const uint8_t secret[TOTP_SECRET], char out[TOTP_BASE32]);

#endif
