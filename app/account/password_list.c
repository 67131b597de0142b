/*
 * Passwords that everybody tries first: a list of words, and the patterns that no list could hold.
 * Knows no accounts; account.c asks.
 */
#include "app/account/password_list.h"

#include <string.h>
#include <strings.h>

/* Eight characters or more: shorter ones are refused for their length. */
static const char *const common[] = {
    "password",    "password1",     "password2",   "password12",
    "password123", "password1234",  "password!",   "password1!",
    "passw0rd",    "passw0rd1",     "passw0rd!",   "p@ssword",
    "p@ssw0rd",    "p@ssword1",     "p@ssw0rd1",   "p@ssw0rd123",
    "pa55word",    "pa$$word",      "pa$$w0rd",    "mypassword",
    "mypassword1", "mypass123",     "newpassword", "thepassword",
    "nopassword",  "yourpassword",  "passwort",    "passwort1",
    "passwort123", "motdepasse",    "motdepasse1", "contrasena",
    "contraseña",  "qwertyui",      "qwertyuiop",  "qwerty12",
    "qwerty123",   "qwerty1234",    "qwerty12345", "qwerty123456",
    "1qwerty1",    "qwertzui",      "qwertzuiop",  "qwertz123",
    "azertyui",    "azertyuiop",    "azerty123",   "asdfghjk",
    "asdfghjkl",   "asdfasdf",      "asdf1234",    "asdfqwer",
    "zxcvbnm1",    "zxcvbnm123",    "zxcvbnm,",    "1q2w3e4r",
    "1q2w3e4r5t",  "1q2w3e4r5t6y",  "q1w2e3r4",    "q1w2e3r4t5",
    "1qaz2wsx",    "1qaz2wsx3edc",  "zaq12wsx",    "zaq1zaq1",
    "!qaz2wsx",    "qazwsxedc",     "qazwsx123",   "qweasdzxc",
    "qweasd123",   "qwe12345",      "1234qwer",    "123qweasd",
    "12qwaszx",    "q2w3e4r5",      "abcd1234",    "abc12345",
    "abc123456",   "abcdefg1",      "a1b2c3d4",    "a1b2c3d4e5",
    "a1234567",    "a12345678",     "a123456789",  "aa123456",
    "aa12345678",  "aaa12345",      "1234abcd",    "12345abc",
    "123456ab",    "123456abc",     "12345678a",   "123456789a",
    "1234567a",    "12341234",      "123123123",   "123321123",
    "11112222",    "11223344",      "1122334455",  "12344321",
    "87654321",    "987654321",     "9876543210",  "0987654321",
    "10203040",    "13579246",      "147258369",   "147852369",
    "159753159",   "159357258",     "741852963",   "789456123",
    "963852741",   "0123456789",    "31415926",    "314159265",
    "27182818",    "01020304",      "01012000",    "01011980",
    "11223311",    "iloveyou",      "iloveyou1",   "iloveyou2",
    "iloveyou!",   "iloveyou123",   "ilovegod",    "ilovemom",
    "loveyou1",    "lovelove",      "loveme123",   "princess",
    "princess1",   "princess123",   "sunshine",    "sunshine1",
    "sunshine123", "football",      "football1",   "football123",
    "baseball",    "baseball1",     "basketball",  "volleyball",
    "superman",    "superman1",     "superman123", "batman123",
    "spiderman",   "spiderman1",    "starwars",    "starwars1",
    "pokemon1",    "pokemon123",    "pikachu1",    "minecraft",
    "minecraft1",  "fortnite1",     "naruto123",   "jordan23",
    "michael1",    "jennifer",      "jessica1",    "michelle",
    "charlie1",    "ashley123",     "daniel123",   "thomas123",
    "alexander",   "benjamin",      "elizabeth",   "samantha",
    "nicholas",    "jonathan",      "christian",   "victoria",
    "veronica",    "patricia",      "stephanie",   "christopher",
    "computer",    "computer1",     "internet",    "internet1",
    "trustno1",    "letmein1",      "letmein123",  "letmein!",
    "welcome1",    "welcome12",     "welcome123",  "welcome1234",
    "welcome!",    "welcome2",      "admin123",    "admin1234",
    "admin12345",  "administrator", "root1234",    "rootroot",
    "adminadmin",  "master123",     "superuser",   "test1234",
    "test12345",   "testtest",      "testing1",    "testing123",
    "tester123",   "guest123",      "user1234",    "username",
    "changeme",    "changeme1",     "changeme123", "default1",
    "secret123",   "topsecret",     "mysecret",    "access14",
    "access123",   "login123",      "hello123",    "hello1234",
    "helloworld",  "hellohello",    "whatever",    "whatever1",
    "dragon123",   "shadow123",     "monkey123",   "tigger123",
    "freedom1",    "killer123",     "cookie123",   "chocolate",
    "chocolate1",  "cheese123",     "butterfly",   "butterfly1",
    "snowball",    "mountain",      "midnight",    "corvette",
    "mercedes",    "mustang1",      "porsche911",  "ferrari1",
    "liverpool",   "liverpool1",    "barcelona",   "realmadrid",
    "juventus",    "manchester",    "chelsea1",    "arsenal1",
    "summer2024",  "summer2025",    "summer2026",  "winter2024",
    "winter2025",  "winter2026",    "spring2025",  "spring2026",
    "autumn2025",  "autumn2026",    "january1",    "december",
    "november",    "september",     "gempix12",    "gempix123",
    "gempix22",    "gempixgempix",  "pictures",    "correcthorsebatterystaple",
};

/* True when the password is one run of at most four bytes said again and again: "aaaaaaaa",
 * "abcabcabc". */
static bool
repeats(const char *s, size_t len)
{
    for (size_t run = 1; run <= 4; run++) {
        size_t i = run;
        while (i < len && s[i] == s[i - run])
            i++;
        if (i == len && len >= 2 * run)
            return true;
    }
    return false;
}

/* True for "12345678", "abcdefgh", "87654321": each byte is the last one plus or minus one. */
static bool
counts(const char *s, size_t len)
{
    int by = len > 1 ? s[1] - s[0] : 0;

    if (by != 1 && by != -1)
        return false;
    for (size_t i = 1; i < len; i++) {
        bool wraps = by == 1 && s[i - 1] == '9' && s[i] == '0';
        if (s[i] - s[i - 1] != by && !wraps)
            return false;
    }
    return true;
}

bool
password_is_common(const char *password)
{
    size_t len = strlen(password);

    if (repeats(password, len) || counts(password, len))
        return true;
    for (size_t i = 0; i < sizeof common / sizeof common[0]; i++) {
        if (strcasecmp(password, common[i]) == 0)
            return true;
    }
    return false;
}
