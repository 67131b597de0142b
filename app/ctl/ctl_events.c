/*
 * Commands about the payment processor's messages: what came, what failed and why, once more. They
 * show no customer.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "app/ctl/ctl.h"
#include "common/clock.h"
#include "common/purchase.h"

#define LIST_MAX 1000

int
ctl_events_list(struct ctl *c)
{
    static const char *const states[] = {"new", "done", "ignored", "failed"};
    const char *state = ctl_option(c, "state"), *many = ctl_option(c, "count");
    struct purchase_event *list;
    int64_t max = 20;
    size_t known = 0;
    int count, rc;

    if (many != NULL && (rc = ctl_number(c, "--count", many, 1, LIST_MAX, &max)) != CTL_OK)
        return rc;
    while (state != NULL && known < 4 && strcmp(state, states[known]) != 0)
        known++;
    if (known == 4)
        return ctl_usage(c, "--state: new, done, ignored or failed.");
    if ((list = calloc((size_t)max, sizeof *list)) == NULL)
        return err_set(&c->e, ST_NOMEM, "Out of memory.", NULL);
    rc = purchase_event_list(c->db, state != NULL ? state : "", list, (int)max, &count, &c->e);
    if (rc == ST_OK)
        printf("%-20s  %-8s  %5s  %-36s  %s\n", "received", "state", "tries", "id", "type");
    for (int i = 0; rc == ST_OK && i < count; i++) {
        char at[32];

        clock_iso(list[i].received_at, at, sizeof at);
        printf("%-20s  %-8s  %5d  %-36s  %s\n", at, list[i].state, list[i].attempts, list[i].id,
               list[i].type);
        if (list[i].error[0] != '\0')
            printf("    %s\n", list[i].error);
    }
    free(list);
    return rc;
}

int
ctl_events_replay(struct ctl *c)
{
    int rc;

    if ((rc = ctl_note(c, AUDIT_PURCHASE_REPLAY, "", c->words[0])) != ST_OK ||
        (rc = purchase_event_replay(c->db, c->words[0], &c->e)) != ST_OK ||
        (rc = purchase_event_act(c->db, c->words[0], &c->e)) != ST_OK)
        return rc;
    printf("acted on %s; \"events list\" shows what became of it\n", c->words[0]);
    return CTL_OK;
}
