/*
 * Codes of authenticator apps against the vectors of RFC 6238, how long one counts, the secret as
 * text against RFC 4648, and the form of a QR picture.
 */
#include "app/account/qr_picture.h"
#include "app/account/totp.h"
#include "common/clock.h"
#include "common/err.h"
#include "common/text.h"
#include "t/lib/tap.h"

static const uint8_t secret[TOTP_SECRET] = "12345678901234567890";

static void
test_codes(void)
{
    /* The last six of the RFC's eight digits. */
    static const struct {
        int64_t seconds;
        const char *code;
    } vectors[] = {{59, "287082"},         {1111111109, "081804"}, {1111111111, "050471"},
                   {1234567890, "005924"}, {2000000000, "279037"}, {20000000000, "353130"}};
    int64_t step;

    for (size_t i = 0; i < sizeof vectors / sizeof vectors[0]; i++) {
        int64_t at = vectors[i].seconds * CLOCK_SECOND;
        char code[7];

        ok(totp_code(secret, at, code), "a code is made");
        is_str(code, vectors[i].code, "... the RFC's");
        ok(totp_fits(secret, code, at, &step), "... that fits");
        is_int(step, vectors[i].seconds / 30, "... and is known by its step");
        ok(totp_fits(secret, code, at + 30 * CLOCK_SECOND, &step), "half a minute later too");
        is_int(step, vectors[i].seconds / 30, "... by the same step");
        ok(totp_fits(secret, code, at - 29 * CLOCK_SECOND, &step), "on a clock that is slow");
        ok(!totp_fits(secret, code, at + 90 * CLOCK_SECOND, &step), "but not for ever");
    }
    ok(!totp_fits(secret, "", 0, &step), "nothing is no code");
    ok(!totp_fits(secret, "28708", 59 * CLOCK_SECOND, &step), "nor are five digits");
    ok(!totp_fits(secret, "0287082", 59 * CLOCK_SECOND, &step), "nor seven");
    ok(!totp_fits(secret, "28708x", 59 * CLOCK_SECOND, &step), "nor letters");
    ok(!totp_fits(secret, "287083", 59 * CLOCK_SECOND, &step), "nor another number");
}

int
main(void)
{
    char base32[TOTP_BASE32];
    struct text svg;
    struct err e;

    test_codes();
    totp_base32(secret, base32);
    is_str(base32, "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ", "the secret as people type it");
    text_init(&svg, 1 << 20);
    is_int(qr_picture("otpauth://totp/Site:ada%40example.org?secret=GEZD", &svg, &e), ST_OK,
           "a picture");
    ok(strncmp(text_cstr(&svg), "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 ", 52) ==
           0,
       "... in SVG");
    /* The finder's upper edge: seven dark squares behind the quiet zone of four. */
    ok(strstr(text_cstr(&svg), "d=\"M4 4h1v1h-1zM5 4h1v1h-1zM6 4h1v1h-1zM7 4h1v1h-1zM8 4h1v1h-1zM9 "
                               "4h1v1h-1zM10 4h1v1h-1z") != NULL,
       "... that begins like every QR picture");
    ok(strcmp(text_cstr(&svg) + svg.len - 9, "\"/></svg>") == 0, "... and is whole");
    text_release(&svg);
    return tap_done();
}
