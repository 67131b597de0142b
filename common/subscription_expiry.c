/*
 * Credits that are to be used within their month; see subscription.h. Credits that expire are spent
 * first: whatever the account's jobs took since a month's credits came is taken to be theirs, so
 * that nobody loses credits that do not expire, and nobody more than a month's.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "common/clock.h"
#include "common/db.h"
#include "common/err.h"
#include "common/ledger.h"
#include "common/purchase.h"
#include "common/purchase_store.h"
#include "common/refund.h"
#include "common/subscription.h"
#include "common/subscription_store.h"

struct expiry {
    const struct id *purchase;
    int64_t credits; /* how many expired */
};

/* What is left of a purchase and still there. */
static int
left_of(struct db *db, const struct purchase *p, int64_t *left, struct err *e)
{
    struct ledger_balance have;
    int64_t spent, held;
    char key[60];
    int rc;

    *left = 0;
    snprintf(key, sizeof key, "purchase:%" PRId64 ":paid", p->id);
    if ((rc = ledger_lock(db, p->account, &have, e)) != ST_OK ||
        (rc = subscription_store_spent(db, p->account, key, &spent, e)) != ST_OK ||
        (rc = refund_held(db, p->id, &held, e)) != ST_OK)
        return rc;
    *left = p->credits - p->refunded_credits - p->disputed_credits - spent - held;
    if (*left > have.available)
        *left = have.available;
    if (*left < 0)
        *left = 0;
    return ST_OK;
}

static int
expire_body(struct db *db, void *arg, struct err *e)
{
    struct expiry *x = arg;
    struct purchase p;
    char key[60];
    int rc = purchase_store_find(db, PURCHASE_BY_ID, 0, x->purchase, NULL, &p, e);

    x->credits = 0;
    if (rc != ST_OK || p.expired || (rc = left_of(db, &p, &x->credits, e)) != ST_OK)
        return rc;
    snprintf(key, sizeof key, "purchase:%" PRId64 ":expired", p.id);
    if (x->credits > 0 &&
        (rc = ledger_expire(db, p.account, x->credits, key, p.plan_name, e)) != ST_OK)
        return rc;
    return subscription_store_expired(db, p.id, x->credits, e);
}

int
subscription_expire(struct db *db, int max, int *count, int64_t *credits, struct err *e)
{
    struct id *due = calloc((size_t)max, sizeof *due);
    int rc = subscription_prepare(db, e), found = 0;

    *count = 0;
    *credits = 0;
    if (due == NULL)
        return err_set(e, ST_NOMEM, "Out of memory.", "expiry");
    if (rc == ST_OK)
        rc = subscription_store_due(db, clock_now(), due, max, &found, e);
    for (int i = 0; i < found && rc == ST_OK; i++) {
        struct expiry x = {.purchase = &due[i]};

        if ((rc = db_transaction(db, expire_body, &x, e)) == ST_OK) {
            *credits += x.credits;
            (*count)++;
        }
    }
    free(due);
    return rc;
}
