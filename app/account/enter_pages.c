/*
 * Letting somebody in; see enter_pages.h. Who may come in is decided before. Read next: device.c.
 */
#include "app/account/enter_pages.h"

#include "app/account/device.h"
#include "app/http/cookie.h"
#include "app/http/http.h"
#include "app/http/session.h"
#include "common/err.h"

#define COOKIE_SECONDS ((int64_t)DEVICE_DAYS * 86400)

int
enter(struct request *rq, struct response *rs, int64_t account, struct err *e)
{
    char token[DEVICE_TOKEN], fresh[DEVICE_TOKEN];
    struct whence whence;
    struct device d = {token, whence.browser, whence.region};
    int rc;

    session_whence(rq, &whence);
    if (!request_cookie(rq, DEVICE_COOKIE, token, sizeof token))
        token[0] = '\0';
    if ((rc = device_note(rq->db, rq->conf, account, &d, fresh, e)) != ST_OK)
        return rc;
    rc =
        cookie_set(rs, rq->tls, DEVICE_COOKIE, fresh[0] != '\0' ? fresh : token, COOKIE_SECONDS, e);
    return rc == ST_OK ? session_start(rq, rs, account, e) : rc;
}
