/*
 * Commands about the audit log: is its chain whole, and what does it say. Knows no SQL and no
 * hashes. Read next: common/audit.h.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "app/ctl/ctl.h"
#include "app/ctl/ctl_store.h"
#include "common/audit.h"

#define LIST_MAX 1000
#define HEX ((size_t)2 * CRYPTO_SHA256)

/* --expect ROW:HASH, as an earlier run printed it. */
static int
read_witness(struct ctl *c, int64_t *row, const char **hash)
{
    const char *text = ctl_option(c, "expect");
    char number[24];
    size_t digits;

    *row = 0;
    *hash = "";
    if (text == NULL)
        return CTL_OK;
    digits = strcspn(text, ":");
    if (digits == 0 || digits >= sizeof number || text[digits] != ':' ||
        strspn(text + digits + 1, "0123456789abcdef") != HEX || strlen(text + digits + 1) != HEX)
        return ctl_usage(c, "--expect: ROW:HASH, as \"audit verify\" prints it.");
    snprintf(number, sizeof number, "%.*s", (int)digits, text);
    *hash = text + digits + 1;
    return ctl_number(c, "--expect", number, 1, INT64_MAX, row);
}

int
ctl_note(struct ctl *c, enum audit_action action, const char *subject, const char *reason)
{
    const struct audit_entry entry = {.action = action, .subject = subject, .reason = reason};
    int rc = audit_prepare(c->db, &c->e);

    return rc == ST_OK ? audit_write(c->db, &entry, &c->e) : rc;
}

int
ctl_note_account(struct ctl *c, enum audit_action action, int64_t account, const char *reason)
{
    char subject[ID_TEXT];
    struct id id;
    int rc;

    if ((rc = ctl_store_prepare(c->db, &c->e)) != ST_OK ||
        (rc = ctl_store_public_id(c->db, account, &id, &c->e)) != ST_OK)
        return rc;
    id_format(&id, subject);
    return ctl_note(c, action, subject, reason);
}

int
ctl_audit_verify(struct ctl *c)
{
    struct audit_report r;
    const char *hash;
    int64_t row;
    int rc;

    if ((rc = read_witness(c, &row, &hash)) != CTL_OK ||
        (rc = audit_prepare(c->db, &c->e)) != ST_OK ||
        (rc = audit_verify(c->db, row, hash, &r, &c->e)) != ST_OK)
        return rc;
    if (r.broken != 0) {
        printf("row %" PRId64 " is wrong: %s\n", r.broken, r.why);
        return CTL_FAILED;
    }
    printf("rows %" PRId64 "\nemptied by retention %" PRId64 "\n", r.rows, r.emptied);
    if (r.last != 0)
        printf("newest %" PRId64 ":%s\n", r.last, r.last_hash);
    return CTL_OK;
}

int
ctl_audit_list(struct ctl *c)
{
    const char *many = ctl_option(c, "count");
    struct audit_filter filter = {.action = ctl_option(c, "action"),
                                  .subject = ctl_option(c, "subject")};
    struct audit_row *list;
    size_t count = 0;
    int64_t max = 20;
    int rc;

    if (many != NULL && (rc = ctl_number(c, "--count", many, 1, LIST_MAX, &max)) != CTL_OK)
        return rc;
    if (filter.action != NULL && audit_find(filter.action) < 0)
        return ctl_usage(c, "--action: there is no action %s.", filter.action);
    if ((list = calloc((size_t)max, sizeof *list)) == NULL)
        return err_set(&c->e, ST_NOMEM, "Out of memory.", NULL);
    rc = audit_prepare(c->db, &c->e);
    if (rc == ST_OK)
        rc = audit_list(c->db, &filter, list, (size_t)max, &count, &c->e);
    for (size_t i = 0; rc == ST_OK && i < count; i++) {
        const struct audit_row *r = &list[i];
        char at[32];

        clock_iso(r->at, at, sizeof at);
        if (r->emptied)
            printf("%6" PRId64 "  %s  (emptied)\n", r->id, at);
        else
            printf("%6" PRId64 "  %s  %-20s  %-16s  %s %s  %s\n", r->id, at,
                   r->staff == 0 ? "operator" : r->staff_name, r->action, r->kind, r->subject,
                   r->reason);
    }
    free(list);
    return rc;
}
