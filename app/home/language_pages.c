/*
 * The link that chooses a language: keeps it in a cookie that holds nothing else, and goes back to
 * where it was. It needs no script and no form, so that no page sets a cookie by being looked at.
 */
#include "app/http/cookie.h"
#include "app/http/http.h"
#include "app/routes.h"
#include "common/err.h"
#include "common/language.h"

static const struct field fields[] = {
    {"to", N_("Language"), FIELD_LINE, 1, LANGUAGE_TAG - 1, true, NULL},
};
static const struct form form = {fields, sizeof fields / sizeof fields[0]};

static int
language_choose(struct request *rq, struct response *rs, struct err *e)
{
    int index = rq->errors == 0 ? language_find(rq->values[0].text) : -1, rc;

    if (index < 0)
        return err_set(e, ST_INVALID, "This language is not among those offered.", NULL);
    rc = cookie_set(rs, rq->tls, LANGUAGE_COOKIE, languages[index].tag, LANGUAGE_COOKIE_SECONDS, e);
    if (rc != ST_OK)
        return rc;
    return response_redirect(rq, rs, rq->referer_path[0] != '\0' ? rq->referer_path : "/", e);
}

const struct route language_routes[] = {
    {"language", METHOD_GET, "/language", language_choose, 0, CSRF_NONE, RATE_PAGE, &form, 0},
    {0},
};
