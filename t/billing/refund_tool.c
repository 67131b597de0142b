/*
 * What the button on a purchase's page does, without a browser: refund_tool CONFIG ORDER asks for
 * the money of its unused credits, as the member who bought them. Exit 0 also when there is nothing
 * to be had; run by 40-histories.t.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "common/conf.h"
#include "common/crypto.h"
#include "common/db.h"
#include "common/err.h"
#include "common/purchase.h"
#include "common/purchase_store.h"
#include "common/refund.h"

static int
ask(struct db *db, const struct conf *conf, const char *order, struct err *e)
{
    struct refund_wish wish = {0};
    struct refund_offer offer;
    struct purchase p;
    struct refund r;
    int rc;

    if ((rc = id_parse(order, &wish.purchase)) != ST_OK || (rc = refund_prepare(db, e)) != ST_OK ||
        (rc = purchase_store_find(db, PURCHASE_BY_ID, 0, &wish.purchase, NULL, &p, e)) != ST_OK ||
        (rc = refund_offer(db, conf, &p, &offer, e)) != ST_OK || offer.amount == 0)
        return rc;
    wish.account = p.account;
    wish.amount = offer.amount;
    if ((rc = refund_ask(db, conf, &wish, &r, e)) == ST_OK)
        printf("%" PRId64 "\n", r.amount);
    return rc;
}

int
main(int argc, char **argv)
{
    struct conf *conf = NULL;
    struct db *db = NULL;
    struct err e = {0};
    int rc;

    if (argc != 3)
        return 2;
    if ((rc = crypto_start(&e)) == ST_OK && (rc = conf_load(argv[1], &conf, &e)) == ST_OK &&
        (rc = db_open(conf, &db, &e)) == ST_OK)
        rc = ask(db, conf, argv[2], &e);
    if (rc == ST_CONFLICT || rc == ST_INVALID) /* not now, says the site or the processor */
        rc = ST_OK;
    if (rc != ST_OK)
        fprintf(stderr, "%s (%s)\n", e.message, e.detail);
    db_close(db);
    conf_free(conf);
    return rc == ST_OK ? 0 : 1;
}
