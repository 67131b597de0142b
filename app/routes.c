/*
 * What the domains bring to the application: their route tables and their statements. The router
 * walks the tables; they are at the end of the *_pages.c files.
 */
#include "app/routes.h"

#include <stddef.h>

#include "app/account/account.h"
#include "app/admin/admin_pages.h"
#include "app/billing/billing_store.h"
#include "app/explore/publish.h"
#include "app/library/library_store.h"
#include "app/privacy/consent_log.h"
#include "app/privacy/notice.h"
#include "common/copy.h"
#include "common/erasure.h"
#include "common/err.h"
#include "common/flag_store.h"
#include "common/job.h"
#include "common/ledger.h"
#include "common/media.h"
#include "common/purchase.h"
#include "common/rights.h"
#include "common/ticket.h"

const struct route *const route_tables[] = {
    home_routes,    language_routes,     theme_routes,   machine_routes, account_routes,
    confirm_routes, studio_routes,       billing_routes, library_routes, privacy_routes,
    explore_routes, centre_routes,       consent_routes, notice_routes,  profile_routes,
    second_routes,  support_routes,      ticket_routes,  erasure_routes, copy_routes,
    rights_routes,  rights_state_routes,
#define ADMIN_SECTION(name, label, page, right) admin_##name##_routes,
#include "app/admin/section_list.h"
    NULL,
};

int
routes_prepare(struct db *db, struct err *e)
{
    static int (*const parts[])(struct db *, struct err *) = {
        account_prepare,    admin_prepare,         consent_store_prepare, notice_prepare,
        job_prepare,        ledger_prepare,        library_store_prepare, media_prepare,
        publish_prepare,    billing_store_prepare, purchase_prepare,      ticket_prepare,
        flag_store_prepare, erasure_prepare,       copy_prepare,          rights_prepare,
    };

    for (size_t i = 0; i < sizeof parts / sizeof parts[0]; i++) {
        int rc = parts[i](db, e);
        if (rc != ST_OK)
            return rc;
    }
    return ST_OK;
}

int
routes_admit(struct request *rq, struct response *rs, unsigned permission, bool *answered,
             struct err *e)
{
    return admin_admit(rq, rs, permission, answered, e);
}

int
routes_visited(struct request *rq, struct err *e)
{
    return consent_visited(rq, e);
}

const char *
routes_notice(struct request *rq)
{
    return notice_pending(rq);
}
