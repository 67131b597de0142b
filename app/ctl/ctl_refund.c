/*
 * The command that gives money back for a purchase, with the operator's reason. It shows the order
 * and sums, no customer.
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "app/ctl/ctl.h"
#include "common/purchase.h"
#include "common/refund.h"

#define REASON_MAX 300
#define AMOUNT_MAX 99999999

int
ctl_refund(struct ctl *c)
{
    static const char *const said[] = {
        [REFUND_ASKED] = "noted; the processor could not be reached, the steward tells it",
        [REFUND_SENT] = "the processor has it; the credits stay held until the money went",
        [REFUND_DONE] = "the money went",
        [REFUND_FAILED] = "the processor says it cannot be; the credits are back",
    };
    const char *reason = ctl_option(c, "reason"), *amount = ctl_option(c, "amount");
    struct refund_wish wish = {.reason = reason};
    struct refund r;
    int rc;

    if (reason == NULL || reason[0] == '\0' || strlen(reason) >= REASON_MAX)
        return ctl_usage(c, "--reason TEXT is needed; it is kept with the refund.");
    if (amount != NULL &&
        (rc = ctl_number(c, "--amount", amount, 1, AMOUNT_MAX, &wish.amount)) != CTL_OK)
        return rc;
    if (id_parse(c->words[0], &wish.purchase) != ST_OK)
        return ctl_usage(c, "ORDER is the last part of the address of the purchase's page.");
    if ((rc = ctl_note(c, AUDIT_PURCHASE_REFUND, c->words[0], reason)) != ST_OK ||
        (rc = refund_ask(c->db, c->conf, &wish, &r, &c->e)) != ST_OK)
        return rc;
    printf("refund of %" PRId64 " in minor units, %" PRId64 " credits: %s\n", r.amount, r.credits,
           said[r.state]);
    return CTL_OK;
}
