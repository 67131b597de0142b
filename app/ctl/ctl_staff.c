/*
 * Commands about the staff: who has which role. Nobody gets one through the site. Knows no SQL.
 * Read next: app/admin/staff.h.
 */
#include <stdio.h>
#include <stdlib.h>

#include "app/account/account.h"
#include "app/admin/staff.h"
#include "app/ctl/ctl.h"
#include "common/clock.h"

#define LIST_MAX 1000

int
ctl_staff_add(struct ctl *c)
{
    int role = role_find(c->words[1]), rc;
    char key[255];

    if (role < 0)
        return ctl_usage(c, "ROLE: support, moderator, billing, privacy or owner.");
    if ((rc = account_email_key(c->words[0], key, &c->e)) != ST_OK ||
        (rc = staff_operator_prepare(c->db, &c->e)) != ST_OK ||
        (rc = staff_add(c->db, key, (enum role)role, &c->e)) != ST_OK)
        return rc;
    printf("%s is %s; signing in must ask for a code (account page, second step)\n", key,
           role_word((enum role)role));
    return CTL_OK;
}

int
ctl_staff_remove(struct ctl *c)
{
    char key[255];
    int rc;

    if ((rc = account_email_key(c->words[0], key, &c->e)) != ST_OK ||
        (rc = staff_operator_prepare(c->db, &c->e)) != ST_OK ||
        (rc = staff_remove(c->db, key, &c->e)) != ST_OK)
        return rc;
    printf("%s has no role any more\n", key);
    return CTL_OK;
}

int
ctl_staff_list(struct ctl *c)
{
    struct staff_row *list = calloc(LIST_MAX, sizeof *list);
    size_t count = 0;
    int rc;

    if (list == NULL)
        return err_set(&c->e, ST_NOMEM, "Out of memory.", NULL);
    if ((rc = staff_operator_prepare(c->db, &c->e)) == ST_OK)
        rc = staff_list(c->db, list, LIST_MAX, &count, &c->e);
    for (size_t i = 0; rc == ST_OK && i < count; i++) {
        char at[32];

        clock_iso(list[i].added_at, at, sizeof at);
        printf("%-9s  %s  %s%s\n", role_word(list[i].role), at, list[i].email,
               list[i].second ? "" : "  (no second step: cannot come in)");
    }
    free(list);
    return rc;
}
