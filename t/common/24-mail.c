/*
 * Letters as text: what a header may hold, encoded words, quoted-printable. Nothing here needs a
 * server; t/daemon/20-steward.t sends real ones.
 */
#include "common/clock.h"
#include "common/err.h"
#include "common/mail_message.h"
#include "common/text.h"
#include "t/lib/tap.h"

static struct err e;
static struct text out;

static struct mail_message
plain(void)
{
    return (struct mail_message){
        .from_name = "Gempix 2",
        .from = "gempix@example.org",
        .to = "ada@example.org",
        .subject = "Welcome",
        .body = "Hello\n",
        .number = 7,
        .created_at = 1000,
        .now = INT64_C(1795390800000000),
    };
}

static const char *
write_message(const struct mail_message *m)
{
    text_clear(&out);
    return mail_message_write(m, &out, &e) == ST_OK ? text_cstr(&out) : "refused";
}

static void
test_addresses(void)
{
    static const char *const good[] = {"a@b", "ada.lovelace+x@example.org",
                                       "o'neil_-%@ex-ample.org"};
    static const char *const bad[] = {
        "",        "@",          "a@",          "@b",     "a",     "a b@c",   "a@b c",
        "a@b@c",   "a@b\r\nX:y", "a@b>",        "<a@b>",  "a,b@c", "a;b@c",   "\"a\"@b",
        "a@b\x7f", "-oX@b",      "a\xC3\xA9@b", "a(b)@c", "a:b@c", "a@[1.2]", "a\\b@c",
    };
    char longest[300];

    for (size_t i = 0; i < sizeof good / sizeof good[0]; i++)
        ok(mail_address_valid(good[i]), "an address: %s", good[i]);
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        ok(!mail_address_valid(bad[i]), "none: number %zu of the list", i);
    memset(longest, 'a', sizeof longest);
    memcpy(longest, "x@", 2);
    longest[254] = '\0';
    ok(mail_address_valid(longest), "254 bytes are an address");
    longest[254] = 'a';
    longest[255] = '\0';
    ok(!mail_address_valid(longest), "255 are not");
}

static void
test_head(void)
{
    struct mail_message m = plain();

    is_str(write_message(&m),
           "Date: Sun, 22 Nov 2026 23:40:00 +0000\r\n"
           "From: \"Gempix 2\"\r\n <gempix@example.org>\r\n"
           "To: <ada@example.org>\r\n"
           "Subject: Welcome\r\n"
           "Message-ID: <1000.7.gempix@example.org>\r\n"
           "Auto-Submitted: auto-generated\r\n"
           "MIME-Version: 1.0\r\n"
           "Content-Type: text/plain; charset=utf-8\r\n"
           "Content-Transfer-Encoding: quoted-printable\r\n"
           "\r\n"
           "Hello\r\n",
           "a plain letter");
    m.from_name = "a \"b\" \\ c";
    ok(strstr(write_message(&m), "From: \"a \\\"b\\\" \\\\ c\"\r\n") != NULL, "a name in quotes");
    m.from_name = "";
    ok(strstr(write_message(&m), "From: <gempix@") != NULL, "no name");
    m.from_name = "Gr\xC3\xB6\xC3\x9F"
                  "e";
    ok(strstr(write_message(&m), "From: =?UTF-8?Q?Gr=C3=B6=C3=9Fe?=\r\n <") != NULL,
       "a name beyond ASCII");
    m.subject = "=?UTF-8?Q?x?=";
    ok(strstr(write_message(&m), "Subject: =?UTF-8?Q?=3D=3FUTF=2D8=3FQ=3Fx=3F=3D?=\r\n") != NULL,
       "words that look encoded are meant as they are");
}

static void
test_injection(void)
{
    static const char *const bad[] = {"a\r\nBcc: b@c", "a\nb", "a\rb", "a\x01", "a\x7f"};
    struct mail_message m;

    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        m = plain();
        m.subject = bad[i];
        is_str(write_message(&m), "refused", "a subject with control characters");
        m = plain();
        m.from_name = bad[i];
        is_str(write_message(&m), "refused", "a name with control characters");
    }
    m = plain();
    m.to = "ada@example.org\r\nBcc: b@c";
    is_str(write_message(&m), "refused", "an address with a line end");
    is_int(e.code, ST_INVALID, "... is invalid");
}

static const char *
body_of(const char *body)
{
    struct mail_message m = plain();
    const char *end;

    m.body = body;
    end = strstr(write_message(&m), "\r\n\r\n");
    return end != NULL ? end + 4 : "none";
}

/* Every line ends in CRLF, none is longer than 76 or begins with a dot; plain ASCII and tabs. */
static bool
is_tame(const char *s)
{
    size_t column = 0;

    for (; *s != '\0'; s++) {
        if (s[0] == '\r' && s[1] == '\n') {
            s++;
            column = 0;
            continue;
        }
        if ((*s < ' ' && *s != '\t') || *s > 126 || (column == 0 && *s == '.') || ++column > 76)
            return false;
    }
    return column == 0;
}

static void
test_body(void)
{
    char wild[5000];
    uint32_t state = 7;
    bool tame = true;

    is_str(body_of(""), "", "an empty body");
    is_str(body_of("a\nb"), "a\r\nb\r\n", "lines end in CRLF, the last one too");
    is_str(body_of("a\r\nb\r\n\r\n"), "a\r\nb\r\n\r\n", "CRLF stays what it is");
    is_str(body_of("a\rb"), "a=0Db\r\n", "a lone CR is no line end");
    is_str(body_of(".\n..x"), "=2E\r\n=2E.x\r\n", "dots at the begin of a line are hidden");
    is_str(body_of("a \nb\t"), "a=20\r\nb=09\r\n", "blanks at the end of a line stay");
    is_str(body_of("1=1 \xE2\x98\x80"), "1=3D1 =E2=98=80\r\n", "what is not plain is encoded");
    for (int round = 0; round < 200; round++) {
        for (size_t i = 0; i + 1 < sizeof wild; i++) {
            state = state * 1664525 + 1013904223;
            wild[i] = (char)(1 + (state >> 24) % (round % 2 == 0 ? 255 : 60));
        }
        wild[sizeof wild - 1] = '\0';
        tame = tame && is_tame(body_of(wild));
    }
    ok(tame, "whatever the body, its lines are short, plain and without leading dots");
}

int
main(void)
{
    text_init(&out, 1 << 20);
    test_addresses();
    test_head();
    test_injection();
    test_body();
    text_release(&out);
    return tap_done();
}
