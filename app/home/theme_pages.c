/*
 * The links that choose light or dark: keep it in a cookie that holds nothing else, and go back to
 * where they were. Like the language's they need no script and no form.
 */
#include "app/http/cookie.h"
#include "app/http/http.h"
#include "app/routes.h"
#include "app/view/theme.h"
#include "common/err.h"
#include "common/language.h"

#define COOKIE_SECONDS ((int64_t)365 * 86400)

static const struct field fields[] = {
    {"to", N_("Colours"), FIELD_LINE, 1, THEME_WORD - 1, true, NULL},
};
static const struct form form = {fields, sizeof fields / sizeof fields[0]};

static int
theme_choose(struct request *rq, struct response *rs, struct err *e)
{
    int index = rq->errors == 0 ? theme_find(rq->values[0].text) : -1, rc;

    if (index < 0)
        return err_set(e, ST_INVALID, "These colours are not among those offered.", NULL);
    rc = cookie_set(rs, rq->tls, THEME_COOKIE, themes[index].word,
                    index == THEME_AUTOMATIC ? 0 : COOKIE_SECONDS, e);
    if (rc != ST_OK)
        return rc;
    return response_redirect(rq, rs, rq->referer_path[0] != '\0' ? rq->referer_path : "/", e);
}

const struct route theme_routes[] = {
    {"theme", METHOD_GET, "/theme", theme_choose, 0, CSRF_NONE, RATE_PAGE, &form, 0},
    {0},
};
