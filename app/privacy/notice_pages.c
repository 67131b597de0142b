/*
 * Shows and puts away the notice about a changed policy; the frame has its words. Next: notice.h.
 */
#include <stddef.h>

#include "app/http/http.h"
#include "app/privacy/notice.h"
#include "app/privacy/policy_cache.h"
#include "app/routes.h"
#include "common/clock.h"
#include "common/err.h"

const char *
notice_pending(struct request *rq)
{
    const char *version;
    struct err ignored = {0};
    bool unseen;

    if (rq->db == NULL || policy_material(rq->conf, &version, &ignored) != ST_OK ||
        version == NULL ||
        notice_store_unseen(rq->db, rq->visitor.account, version, &unseen, &ignored) != ST_OK)
        return NULL;
    return unseen ? version : NULL;
}

static int
notice_seen(struct request *rq, struct response *rs, struct err *e)
{
    const char *version;
    int rc = policy_material(rq->conf, &version, e);

    if (rc == ST_OK && version != NULL)
        rc = notice_store_seen(rq->db, rq->visitor.account, version, clock_now(), e);
    if (rc != ST_OK)
        return rc;
    return response_redirect(rq, rs, rq->referer_path[0] != '\0' ? rq->referer_path : "/", e);
}

const struct route notice_routes[] = {
    {"notice_seen", METHOD_POST, "/privacy/notice", notice_seen, ROUTE_SIGNED_IN, CSRF_ORIGIN,
     RATE_PAGE, NULL, 16},
    {0},
};
