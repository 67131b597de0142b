/*
 * The table of ages: every member state of the Union once, in order, within the bounds of the law,
 * and the same as docs/policy/ages.md says.
 */
#include "app/account/consent_age.h"
#include "t/lib/tap.h"

static const char *const members[] = {"at", "be", "bg", "hr", "cy", "cz", "dk", "ee", "fi",
                                      "fr", "de", "gr", "hu", "ie", "it", "lv", "lt", "lu",
                                      "mt", "nl", "pl", "pt", "ro", "sk", "si", "es", "se"};

/* The whole of docs/policy/ages.md, or "". */
static const char *
read_document(void)
{
    static char text[20000];
    char path[4000];
    const char *source = getenv("GEMPIX_SRC");
    FILE *f;

    snprintf(path, sizeof path, "%s/docs/policy/ages.md", source != NULL ? source : ".");
    if ((f = fopen(path, "r")) != NULL) {
        text[fread(text, 1, sizeof text - 1, f)] = '\0';
        fclose(f);
    }
    return text;
}

int
main(void)
{
    const char *document = read_document();
    int count = 0;

    is_str(consent_ages[0].code, "other", "the first is any other country");
    is_int(consent_ages[0].years, CONSENT_AGE_MOST, "... with the highest age");
    for (; consent_ages[count].code != NULL; count++) {
        const struct consent_age *a = &consent_ages[count];
        char line[120];

        is_str(consent_codes[count], a->code, "a form's choice has the same place");
        ok(a->years >= CONSENT_AGE_LEAST && a->years <= CONSENT_AGE_MOST, "%s: %d years", a->name,
           a->years);
        ok(count < 2 || strcmp(consent_ages[count - 1].name, a->name) < 0, "... in its order");
        snprintf(line, sizeof line, "\n| %s | %d |", a->name, a->years);
        ok(strstr(document, line) != NULL, "... as the document says");
    }
    ok(consent_codes[count] == NULL, "the choices end where the table does");
    for (size_t i = 0; i < sizeof members / sizeof members[0]; i++) {
        int found = consent_age_find(members[i]);

        ok(found > 0 && strcmp(consent_codes[found], members[i]) == 0, "member state %s",
           members[i]);
    }
    is_str(consent_codes[consent_age_find("DE")], "de", "a web server's capital letters");
    is_int(consent_age_find("ZZ"), 0, "an unknown country is any other");
    is_int(consent_age_find(""), 0, "and so is none");
    return tap_done();
}
