/*
 * The command that compares the payment processor's lists with our books, or shows what the last
 * comparison found. It shows ids and sums, no customer, and repairs nothing.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "app/ctl/ctl.h"
#include "common/clock.h"
#include "common/processor.h"
#include "common/reconcile.h"

#define DAYS_MOST 3650
#define DAYS 35
#define LIST_MAX 1000

int
ctl_reconcile(struct ctl *c)
{
    const char *days = ctl_option(c, "days");
    struct reconcile_report r;
    struct difference *list;
    int64_t back = DAYS;
    char at[32];
    int count = 0, rc;

    if (days != NULL && (rc = ctl_number(c, "--days", days, 1, DAYS_MOST, &back)) != CTL_OK)
        return rc;
    if (!processor_configured(c->conf))
        return ctl_usage(
            c, "billing.plans, billing.key_file and billing.webhook_secret_file are needed.");
    if (ctl_option(c, "last") != NULL)
        rc = reconcile_newest(c->db, &r, &c->e);
    else
        rc = reconcile_run(c->db, c->conf, clock_now() - back * CLOCK_DAY, &r, &c->e);
    if (rc != ST_OK)
        return rc;
    if ((list = calloc(LIST_MAX, sizeof *list)) == NULL)
        return err_set(&c->e, ST_NOMEM, "Out of memory.", NULL);
    rc = reconcile_list(c->db, r.run, list, LIST_MAX, &count, &c->e);
    clock_iso(r.ran_at, at, sizeof at);
    if (rc == ST_OK)
        printf("at %s: %d sessions, %d charges, %d refunds, %d purchases, %d differences\n",
               r.run != 0 ? at : "no time yet", r.sessions, r.charges, r.refunds, r.purchases,
               r.differences);
    for (int i = 0; i < count && rc == ST_OK; i++)
        printf("%s: %s, purchase %" PRId64 ", ours %" PRId64 ", theirs %" PRId64 "\n",
               difference_words(list[i].kind), list[i].object[0] != '\0' ? list[i].object : "-",
               list[i].purchase, list[i].ours, list[i].theirs);
    free(list);
    return rc;
}
