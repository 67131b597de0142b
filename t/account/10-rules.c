/*
 * What an address, a password and a path to go back to must be.
 */
#include "app/account/account.h"
#include "app/account/next_path.h"
#include "app/account/password_list.h"
#include "common/arena.h"
#include "common/err.h"
#include "t/lib/tap.h"

static const struct {
    const char *email, *key; /* key NULL = refused */
} emails[] = {
    {"Ada@Example.ORG", "ada@example.org"},
    {"  ada@example.org \t", "ada@example.org"},
    {"a+b.c_d-e@x.co", "a+b.c_d-e@x.co"},
    {"o'neil@sub.example.co.uk", "o'neil@sub.example.co.uk"},
    {"a@1-2.example", "a@1-2.example"},
    {"", NULL},
    {"   ", NULL},
    {"ada", NULL},
    {"ada@", NULL},
    {"@example.org", NULL},
    {"ada@example", NULL},
    {"ada@example.", NULL},
    {"ada@.example.org", NULL},
    {"ada@exa..mple.org", NULL},
    {"ada@-example.org", NULL},
    {"ada@example-.org", NULL},
    {"ada@example.org-", NULL},
    {"ada@exam_ple.org", NULL},
    {"ada@ex ample.org", NULL},
    {"ada@@example.org", NULL},
    {"a@b@example.org", NULL},
    {".ada@example.org", NULL},
    {"ada.@example.org", NULL},
    {"a..da@example.org", NULL},
    {"ada lovelace@example.org", NULL},
    {"ada@example.org\nBcc: x@y.z", NULL},
    {"ada\r@example.org", NULL},
    {"<ada@example.org>", NULL},
    {"ädä@example.org", NULL},
    {"ada@[127.0.0.1]", NULL},
};

static void
test_emails(void)
{
    char key[255], longest[400];
    struct err e;

    for (size_t i = 0; i < sizeof emails / sizeof emails[0]; i++) {
        int rc = account_email_key(emails[i].email, key, &e);
        ok(emails[i].key == NULL ? rc == ST_INVALID && key[0] == '\0'
                                 : rc == ST_OK && strcmp(key, emails[i].key) == 0,
           "address %zu is %s", i, emails[i].key == NULL ? "refused" : "taken, as a key");
    }
    memset(longest, 'a', sizeof longest);
    memcpy(longest + 64, "@", 1);
    for (size_t i = 65; i < 252; i += 62)
        longest[i + 61] = '.';
    memcpy(longest + 251, ".de", 4);
    longest[250] = 'a';
    is_int(account_email_key(longest, key, &e), ST_OK, "254 bytes are taken");
    memmove(longest + 1, longest, 255);
    is_int(account_email_key(longest, key, &e), ST_INVALID, "255 are not");
}

static void
test_passwords(void)
{
    static const char *const good[] = {"seven quiet boats", "häuschen", "Tr0ub4dor&3",
                                       "日本語日本語文字", "password of mine"};
    static const char *const bad[] = {"short",
                                      "1234567",
                                      "日本語日本語文",
                                      "password",
                                      "PassWord1",
                                      "12345678",
                                      "87654321",
                                      "1234567890",
                                      "aaaaaaaa",
                                      "abababab",
                                      "abcabcabc",
                                      "abcdefghij",
                                      "ada.lovelace@example.org",
                                      "ADA.lovelace"};
    char longest[ACCOUNT_PASSWORD_MAX + 2];
    struct err e;

    for (size_t i = 0; i < sizeof good / sizeof good[0]; i++)
        is_int(account_password_check(good[i], "ada.lovelace@example.org", &e), ST_OK, good[i]);
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        is_int(account_password_check(bad[i], "Ada.Lovelace@example.org ", &e), ST_INVALID, bad[i]);
    for (int i = 0; i < ACCOUNT_PASSWORD_MAX + 1; i++)
        longest[i] = (char)('a' + i * i % 23);
    longest[ACCOUNT_PASSWORD_MAX + 1] = '\0';
    is_int(account_password_check(longest, "a@b.de", &e), ST_INVALID, "257 bytes are too many");
    longest[ACCOUNT_PASSWORD_MAX] = '\0';
    is_int(account_password_check(longest, "a@b.de", &e), ST_OK, "256 are allowed");
    is_int(account_password_check("something else", "", &e), ST_OK, "no address to compare with");
    ok(password_is_common("QwErTyUiOp"), "the list does not mind letter case");
    ok(!password_is_common("qwertyuiop and more"), "... but whole words alone");
}

static void
test_next_paths(void)
{
    static const char *const good[] = {"/", "/create", "/create?prompt=a+red%20sun", "/jobs/0abc",
                                       "/signinx"};
    static const char *const bad[] = {"",         "create",       "//evil.example", "/\\evil",
                                      "http://x", "/a\\b",        "/a\r\nb",        "/a b",
                                      "/\tevil",  "/caf\xc3\xa9", "/signin",        "/signin?x=1",
                                      "/signup",  "/signout",     "javascript:x"};
    char longest[NEXT_PATH_MAX + 2];
    struct arena *a = arena_new(1 << 20);

    for (size_t i = 0; i < sizeof good / sizeof good[0]; i++)
        ok(next_path_ok(good[i]), "a path of ours: %s", good[i]);
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        ok(!next_path_ok(bad[i]), "none of ours: case %zu", i);
    ok(!next_path_ok(NULL), "nothing is no path");
    memset(longest, 'a', sizeof longest);
    longest[0] = '/';
    longest[NEXT_PATH_MAX] = '\0';
    ok(next_path_ok(longest), "the longest path");
    longest[NEXT_PATH_MAX] = 'a';
    longest[NEXT_PATH_MAX + 1] = '\0';
    ok(!next_path_ok(longest), "one byte more");
    is_str(next_path_query(a, "/create?prompt=a+b&c=1"), "next=%2Fcreate%3Fprompt%3Da%2Bb%26c%3D1",
           "written for a link");
    ok(next_path_query(a, "//evil.example") == NULL, "no link to elsewhere");
    arena_free(a);
}

int
main(void)
{
    test_emails();
    test_passwords();
    test_next_paths();
    return tap_done();
}
