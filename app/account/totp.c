/*
 * Codes of authenticator apps; see totp.h. Used by second.c.
 */
#include "app/account/totp.h"

#include <liboath/oath.h>
#include <string.h>

#include "common/clock.h"

#define STEP_SECONDS 30
#define DIGITS 6
#define WINDOW 1 /* steps that a clock may be off */

bool
totp_fits(const uint8_t secret[TOTP_SECRET], const char *code, int64_t at, int64_t *step)
{
    uint64_t counter = 0;
    int position = 0;

    *step = 0;
    if (strlen(code) != DIGITS || strspn(code, "0123456789") != DIGITS)
        return false;
    if (oath_totp_validate3((const char *)secret, TOTP_SECRET, (time_t)(at / CLOCK_SECOND),
                            STEP_SECONDS, 0, WINDOW, &position, &counter, code) < 0)
        return false;
    *step = (int64_t)counter;
    return true;
}

bool
totp_code(const uint8_t secret[TOTP_SECRET], int64_t at, char out[7])
{
    return oath_totp_generate((const char *)secret, TOTP_SECRET, (time_t)(at / CLOCK_SECOND),
                              STEP_SECONDS, 0, DIGITS, out) == OATH_OK;
}

void
totp_base32(const uint8_t secret[TOTP_SECRET], char out[TOTP_BASE32])
{
    static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
    size_t used = 0;
    uint64_t bits = 0;
    int have = 0;

    for (size_t i = 0; i < TOTP_SECRET; i++) {
        bits = bits << 8 | secret[i];
        for (have += 8; have >= 5; have -= 5)
            out[used++] = letters[bits >> (have - 5) & 31];
    }
    out[used] = '\0';
}
