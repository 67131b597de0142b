/*
 * Families of browsers; see browser.h. Order matters: most browsers claim to be others as well.
 */
#include "app/http/browser.h"

#include <stddef.h>
#include <stdio.h>
#include <string.h>

struct mark {
    const char *mark, *name;
};

static const struct mark browsers[] = {
    {"Edg", "Edge"},        {"OPR/", "Opera"},         {"SamsungBrowser/", "Samsung Internet"},
    {"Vivaldi", "Vivaldi"}, {"Firefox/", "Firefox"},   {"FxiOS/", "Firefox"},
    {"CriOS/", "Chrome"},   {"Chromium/", "Chromium"}, {"Chrome/", "Chrome"},
    {"Safari/", "Safari"},  {"curl/", "curl"},
};

static const struct mark systems[] = {
    {"Android", "Android"}, {"iPhone", "iPhone"},   {"iPad", "iPad"},       {"Windows", "Windows"},
    {"CrOS", "ChromeOS"},   {"Macintosh", "macOS"}, {"FreeBSD", "FreeBSD"}, {"Linux", "Linux"},
};

static const char *
find(const struct mark *marks, size_t count, const char *text)
{
    for (size_t i = 0; i < count; i++) {
        if (strstr(text, marks[i].mark) != NULL)
            return marks[i].name;
    }
    return NULL;
}

void
browser_family(const char *user_agent, char out[BROWSER_TEXT])
{
    const char *browser = find(browsers, sizeof browsers / sizeof browsers[0], user_agent);
    const char *system = find(systems, sizeof systems / sizeof systems[0], user_agent);

    if (browser != NULL && system != NULL)
        snprintf(out, BROWSER_TEXT, "%s on %s", browser, system);
    else
        snprintf(out, BROWSER_TEXT, "%s", browser != NULL ? browser : system != NULL ? system : "");
}
