/*
 * Asking for consent, changing one's mind, and what is noted of those who agreed. The question
 * itself is in the frame (templates/consent.mustache). Next: app/http/consent.h, the cookie.
 */
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include "app/http/consent.h"
#include "app/http/http.h"
#include "app/privacy/consent_log.h"
#include "app/privacy/policy.h"
#include "app/privacy/policy_cache.h"
#include "app/routes.h"
#include "app/view/view.h"
#include "common/clock.h"
#include "common/err.h"
#include "common/language.h"

#define BODY_MAX 1024

static const char *const answers[] = {"refuse", "accept", NULL};

static const struct field fields[] = {
    {"choice", N_("Choice"), FIELD_CHOICE, 0, 0, true, answers},
};
static const struct form form = {fields, sizeof fields / sizeof fields[0]};

static int
choices_show(struct request *rq, struct response *rs, struct err *e)
{
    struct view *v = view_new(rq->arena);
    uint8_t hash[CRYPTO_SHA256];
    struct consent_entry last;
    char day[DATE_TEXT];
    int rc;

    view_flag(v, "by_browser", consent_refused_by_browser(rq));
    view_flag(v, "accepted", consent_of(rq) == CONSENT_ACCEPTED);
    view_flag(v, "refused", consent_of(rq) == CONSENT_REFUSED);
    view_flag(v, "unasked", consent_of(rq) == CONSENT_UNASKED);
    if (consent_word(rq, hash)) {
        rc = consent_store_last(rq->db, hash, &last, e);
        if (rc != ST_OK && rc != ST_NOTFOUND)
            return rc;
        if (rc == ST_OK) {
            language_date(last.decided_at, day);
            view_text(v, "decided", day);
            view_text(v, "version", last.version);
        }
    }
    return page_render(rq, rs, "choices", N_("Privacy choices"), v, e);
}

static int
choices_take(struct request *rq, struct response *rs, struct err *e)
{
    const struct policy *p;
    struct consent_entry entry = {.decided_at = clock_now()};
    uint8_t hash[CRYPTO_SHA256];
    int rc;

    if (rq->errors > 0)
        return err_set(e, ST_INVALID, "Please choose one of the two.", NULL);
    entry.accepted = rq->values[0].i == 1 && !consent_refused_by_browser(rq);
    if ((rc = policy_cached(rq->conf, &p, e)) != ST_OK)
        return rc;
    snprintf(entry.version, sizeof entry.version, "%s", p->data->version);
    if ((rc = consent_keep(rq, rs, entry.accepted, hash, e)) != ST_OK ||
        (rc = consent_store_add(rq->db, hash, rq->visitor.account, &entry, e)) != ST_OK)
        return rc;
    return response_redirect(rq, rs, rq->referer_path[0] != '\0' ? rq->referer_path : "/", e);
}

int
consent_visited(struct request *rq, struct err *e)
{
    if (consent_of(rq) != CONSENT_ACCEPTED)
        return ST_OK;
    return consent_store_event(rq->db, rq->route->name, clock_now(), e);
}

const struct route consent_routes[] = {
    {"choices", METHOD_GET, "/privacy/choices", choices_show, 0, CSRF_NONE, RATE_PAGE, NULL, 0},
    {"choose", METHOD_POST, "/privacy/choices", choices_take, 0, CSRF_ORIGIN, RATE_PAGE, &form,
     BODY_MAX},
    {0},
};
