/*
 * The table of licences. See model_licence.h.
 */
#include "app/ctl/model_licence.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

#define USES                                                                                       \
    "It allows commercial use, forbids a list of harmful uses, and you must bind those who use "   \
    "your service to the same list."

static const struct model_licence TABLE[] = {
    {"apache-2.0", "Apache License 2.0", true, ""},
    {"mit", "MIT License", true, ""},
    {"bsd-2-clause", "BSD 2-Clause License", true, ""},
    {"bsd-3-clause", "BSD 3-Clause License", true, ""},
    {"cc0-1.0", "CC0 1.0", true, ""},
    {"cc-by-4.0", "Creative Commons Attribution 4.0", true, ""},
    {"unlicense", "The Unlicense", true, ""},
    {"creativeml-openrail-m", "CreativeML Open RAIL-M", false, USES},
    {"openrail", "Open RAIL", false, USES},
    {"openrail++", "CreativeML Open RAIL++-M", false, USES},
    {"bigscience-openrail-m", "BigScience Open RAIL-M", false, USES},
    {"sai-nc-community", "Stability AI Non-Commercial Community License", false,
     "It does not allow commercial use."},
    {"stabilityai-nc-community", "Stability AI Non-Commercial Community License", false,
     "It does not allow commercial use."},
    {"stabilityai-ai-community", "Stability AI Community License", false,
     "It allows commercial use below a yearly revenue that the text states, and wants a "
     "registration."},
    {"cc-by-nc-4.0", "Creative Commons Attribution-NonCommercial 4.0", false,
     "It does not allow commercial use."},
    {"cc-by-nc-sa-4.0", "Creative Commons Attribution-NonCommercial-ShareAlike 4.0", false,
     "It does not allow commercial use."},
    {"cc-by-sa-4.0", "Creative Commons Attribution-ShareAlike 4.0", false,
     "What is derived from it must carry the same licence."},
    {"agpl-3.0", "GNU Affero General Public License 3.0", false,
     "Those who use your service may ask for the source."},
    {"gpl-3.0", "GNU General Public License 3.0", false,
     "What is derived from it must carry the same licence."},
};

static const struct model_licence UNKNOWN = {
    "", "a licence that is not known here", false,
    "Read its text: whether you may use the model, and for what, is said there alone."};

const struct model_licence *
model_licence_find(const char *id)
{
    for (size_t i = 0; i < sizeof TABLE / sizeof *TABLE; i++)
        if (strcasecmp(id, TABLE[i].id) == 0)
            return &TABLE[i];
    return &UNKNOWN;
}

/* The head of a card is YAML between two lines "---"; one line of it is wanted, and the first of
 * them only where it is plain. */
void
model_licence_of_card(const char *card, char *out, size_t size)
{
    static const char *const NAMES[] = {"license_name:", "license:"};

    snprintf(out, size, "%s", "");
    if (strncmp(card, "---", 3) != 0)
        return;
    for (size_t n = 0; n < sizeof NAMES / sizeof *NAMES; n++) {
        const char *line = strchr(card, '\n');
        for (; line != NULL && strncmp(line + 1, "---", 3) != 0; line = strchr(line + 1, '\n')) {
            const char *value = line + 1;
            size_t len;
            if (strncmp(value, NAMES[n], strlen(NAMES[n])) != 0)
                continue;
            value += strlen(NAMES[n]);
            value += strspn(value, " \t\"'");
            len = strcspn(value, " \t\"'\r\n#");
            if (len > 0 && len < size) {
                snprintf(out, size, "%.*s", (int)len, value);
                return;
            }
        }
    }
}
