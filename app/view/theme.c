/*
 * The themes; see theme.h. Next: app/home/theme_pages.c, where one is chosen.
 */
#include "app/view/theme.h"

#include <string.h>

#include "app/http/app.h"
#include "app/http/cookie.h"
#include "app/http/http.h"
#include "common/language.h"

const struct theme themes[THEMES] = {
    {"auto", N_("Colours as your device has them"), "auto"},
    {"light", N_("Light colours"), "sun"},
    {"dark", N_("Dark colours"), "moon"},
};

int
theme_find(const char *word)
{
    for (int i = 0; i < THEMES; i++) {
        if (strcmp(themes[i].word, word) == 0)
            return i;
    }
    return -1;
}

int
theme_of(const struct request *rq)
{
    const struct exchange *x = rq->internal;
    char name[COOKIE_NAME], word[THEME_WORD];
    int index = -1;

    cookie_name(THEME_COOKIE, x->app->tls, name);
    if (cookie_find(x->cookie, name, word, sizeof word))
        index = theme_find(word);
    return index >= 0 ? index : THEME_AUTOMATIC;
}
