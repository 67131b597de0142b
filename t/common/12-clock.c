/*
 * clock.h, ids.h, crypto.h: dates, ids, digests against published values, encodings, passwords.
 */
#include <stdlib.h>
#include <string.h>

#include "common/clock.h"
#include "common/crypto.h"
#include "common/err.h"
#include "common/ids.h"
#include "t/lib/tap.h"

static void
test_clock(void)
{
    char out[40];
    int64_t now, monotonic = clock_monotonic();

    clock_iso(INT64_C(1795390800) * CLOCK_SECOND, out, sizeof out);
    is_str(out, "2026-11-22T23:40:00Z", "iso");
    clock_http(INT64_C(1795390800) * CLOCK_SECOND, out, sizeof out);
    is_str(out, "Sun, 22 Nov 2026 23:40:00 GMT", "http");
    clock_http(INT64_C(951782400) * CLOCK_SECOND, out, sizeof out);
    is_str(out, "Tue, 29 Feb 2000 00:00:00 GMT", "a leap day");
    clock_iso(-1, out, sizeof out);
    is_str(out, "1969-12-31T23:59:59Z", "before 1970 rounds down");
    now = clock_now();
    ok(now > INT64_C(1700000000) * CLOCK_SECOND + CLOCK_DAY, "now, a day on by the environment");
    clock_shift(CLOCK_HOUR);
    ok(clock_now() - now >= CLOCK_HOUR && clock_now() - now < CLOCK_HOUR + CLOCK_MINUTE, "shift");
    ok(clock_monotonic() >= monotonic && clock_monotonic() - monotonic < CLOCK_MINUTE,
       "the other clock is not shifted");
}

static void
test_ids(void)
{
    struct id id, back;
    char text[ID_TEXT];
    bool round = true;

    memset(&id, 0, sizeof id);
    id_format(&id, text);
    is_str(text, "00000000000000000000000000", "zero");
    memset(&id, 0xFF, sizeof id);
    id_format(&id, text);
    is_str(text, "7zzzzzzzzzzzzzzzzzzzzzzzzz", "the largest");
    memset(&id, 0, sizeof id);
    id.bytes[15] = 32 + 10;
    id_format(&id, text);
    is_str(text, "0000000000000000000000001a", "five bits a digit");
    for (int i = 0; i < 1000; i++) {
        id_random(&id);
        id_format(&id, text);
        round = round && id_parse(text, &back) == ST_OK && memcmp(&id, &back, sizeof id) == 0;
    }
    ok(round, "a thousand come back");
    is_int(id_parse("80000000000000000000000000", &back), ST_INVALID, "over 128 bits");
    is_int(id_parse("7ZZZZZZZZZZZZZZZZZZZZZZZZZ", &back), ST_INVALID, "capitals");
    is_int(id_parse("0000000000000000000000000l", &back), ST_INVALID, "a letter that is not one");
    is_int(id_parse("0000000000000000000000000", &back), ST_INVALID, "too short");
    is_int(id_parse("000000000000000000000000000", &back), ST_INVALID, "too long");
    is_int(id_parse("", &back), ST_INVALID, "empty");
    is_int(id_parse(NULL, &back), ST_INVALID, "NULL");
}

static void
test_digests(void)
{
    struct crypto_sha256_state s;
    uint8_t one[CRYPTO_SHA256], two[CRYPTO_SHA256];
    char hex[2 * CRYPTO_SHA256 + 1], data[20] = {0};

    crypto_sha256("abc", 3, one);
    crypto_hex(one, sizeof one, hex);
    is_str(hex, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad", "FIPS 180");
    crypto_sha256_init(&s);
    crypto_sha256_update(&s, "a", 1);
    crypto_sha256_update(&s, "bc", 2);
    crypto_sha256_final(&s, two);
    ok(crypto_equal(one, two, sizeof one), "the same in pieces");
    memset(data, 0x0b, sizeof data);
    crypto_hmac_sha256(data, 20, "Hi There", 8, one);
    crypto_hex(one, sizeof one, hex);
    is_str(hex, "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7", "RFC 4231, 1");
    crypto_hmac_sha256("Jefe", 4, "what do ya want for nothing?", 28, one);
    crypto_hex(one, sizeof one, hex);
    is_str(hex, "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843", "RFC 4231, 2");
    ok(!crypto_equal(one, two, sizeof one), "different");
    crypto_wipe(data, sizeof data);
    ok(data[0] == 0 && data[19] == 0, "wipe");
}

static void
test_encodings(void)
{
    static const char *const pairs[][2] = {{"", ""},       {"f", "Zg"},        {"fo", "Zm8"},
                                           {"foo", "Zm9v"}, {"foob", "Zm9vYg"},
                                           {"\xfb\xff", "-_8"}};
    char out[32];
    uint8_t back[32];
    size_t len;

    for (size_t i = 0; i < sizeof pairs / sizeof pairs[0]; i++) {
        const char *raw = pairs[i][0], *text = pairs[i][1];
        is_int((int64_t)crypto_base64url(raw, strlen(raw), out, sizeof out), (int64_t)strlen(text),
               "length");
        is_str(out, text, "base64url");
        ok(crypto_base64url_decode(text, back, sizeof back, &len) == ST_OK && len == strlen(raw) &&
               memcmp(back, raw, len) == 0,
           "and back");
    }
    is_int(crypto_base64url_decode("Zg==", back, sizeof back, &len), ST_INVALID, "padding");
    is_int(crypto_base64url_decode("Z+8", back, sizeof back, &len), ST_INVALID, "other alphabet");
    is_int(crypto_base64url_decode("Zh", back, sizeof back, &len), ST_INVALID, "stray bits");
    is_int(crypto_base64url_decode("Zm9vYmE", back, 4, &len), ST_INVALID, "no room");
    is_int((int64_t)crypto_base64url("foo", 3, out, 4), 0, "no room for the NUL");
}

static void
test_passwords(void)
{
    char hash[CRYPTO_PASSWORD_TEXT], again[CRYPTO_PASSWORD_TEXT];
    int64_t start, known, unknown;
    struct err e;

    is_int(crypto_password_hash("correct horse", hash, &e), ST_OK, "hash");
    ok(strncmp(hash, "$argon2id$v=19$m=19456,t=2,p=1$", 31) == 0, "parameters: %.31s", hash);
    crypto_password_hash("correct horse", again, &e);
    ok(strcmp(hash, again) != 0, "salted");
    ok(crypto_password_verify(hash, "correct horse"), "verify");
    start = clock_monotonic();
    ok(!crypto_password_verify(hash, "wrong horse"), "a wrong one");
    known = clock_monotonic() - start;
    start = clock_monotonic();
    ok(!crypto_password_verify(NULL, "wrong horse"), "no account");
    unknown = clock_monotonic() - start;
    ok(unknown * 5 > known, "takes its time: %lld against %lld us", (long long)unknown,
       (long long)known);
    ok(!crypto_password_verify("", "x"), "empty hash");
    ok(!crypto_password_verify("$argon2id$v=19$broken", "x"), "broken hash");
}

int
main(void)
{
    struct err e;

    setenv("GEMPIX_CLOCK_SHIFT", "86400", 1);
    is_int(crypto_start(&e), ST_OK, "start");
    test_clock();
    test_ids();
    test_digests();
    test_encodings();
    test_passwords();
    return tap_done();
}
