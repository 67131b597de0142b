/*
 * The table of ages; see consent_age.h. A country whose law has no such age counts as any other:
 * with the highest that Article 8 of the GDPR knows. To change one: here and in
 * docs/policy/ages.md, which t/account/12-consent-age.c compares.
 */
#include "app/account/consent_age.h"

#include <ctype.h>
#include <stddef.h>
#include <string.h>

#include "common/language.h"

#define AGES(X)                                                                                    \
    X("other", N_("Another country"), 16)                                                          \
    X("at", N_("Austria"), 14)                                                                     \
    X("be", N_("Belgium"), 13)                                                                     \
    X("bg", N_("Bulgaria"), 14)                                                                    \
    X("hr", N_("Croatia"), 16)                                                                     \
    X("cy", N_("Cyprus"), 14)                                                                      \
    X("cz", N_("Czechia"), 15)                                                                     \
    X("dk", N_("Denmark"), 15)                                                                     \
    X("ee", N_("Estonia"), 13)                                                                     \
    X("fi", N_("Finland"), 13)                                                                     \
    X("fr", N_("France"), 15)                                                                      \
    X("de", N_("Germany"), 16)                                                                     \
    X("gr", N_("Greece"), 15)                                                                      \
    X("hu", N_("Hungary"), 16)                                                                     \
    X("is", N_("Iceland"), 13)                                                                     \
    X("ie", N_("Ireland"), 16)                                                                     \
    X("it", N_("Italy"), 14)                                                                       \
    X("lv", N_("Latvia"), 13)                                                                      \
    X("li", N_("Liechtenstein"), 16)                                                               \
    X("lt", N_("Lithuania"), 14)                                                                   \
    X("lu", N_("Luxembourg"), 16)                                                                  \
    X("mt", N_("Malta"), 13)                                                                       \
    X("nl", N_("Netherlands"), 16)                                                                 \
    X("no", N_("Norway"), 13)                                                                      \
    X("pl", N_("Poland"), 16)                                                                      \
    X("pt", N_("Portugal"), 13)                                                                    \
    X("ro", N_("Romania"), 16)                                                                     \
    X("sk", N_("Slovakia"), 16)                                                                    \
    X("si", N_("Slovenia"), 15)                                                                    \
    X("es", N_("Spain"), 14)                                                                       \
    X("se", N_("Sweden"), 13)                                                                      \
    X("gb", N_("United Kingdom"), 13)                                                              \
    X("us", N_("United States"), 13)

#define ROW(code, name, years) {code, name, years},
#define CODE(code, name, years) code,

const struct consent_age consent_ages[] = {AGES(ROW){NULL, NULL, 0}};
const char *const consent_codes[] = {AGES(CODE) NULL};

int
consent_age_find(const char *region)
{
    for (int i = 1; consent_codes[i] != NULL && strlen(region) == 2; i++) {
        if (tolower((unsigned char)region[0]) == consent_codes[i][0] &&
            tolower((unsigned char)region[1]) == consent_codes[i][1])
            return i;
    }
    return 0;
}
