/*
 * Commands about flags: what a person should look at, and what was decided. Knows no SQL.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "app/ctl/ctl.h"
#include "common/clock.h"
#include "common/db.h"
#include "common/flag_store.h"

#define LIST_MAX 1000
#define NOTE_BYTES 300

int
ctl_flags_list(struct ctl *c)
{
    const char *many = ctl_option(c, "count");
    bool open = ctl_option(c, "closed") == NULL;
    struct flag *list;
    size_t count = 0;
    int64_t max = 20;
    int rc;

    if (many != NULL && (rc = ctl_number(c, "--count", many, 1, LIST_MAX, &max)) != CTL_OK)
        return rc;
    if ((list = calloc((size_t)max, sizeof *list)) == NULL)
        return err_set(&c->e, ST_NOMEM, "Out of memory.", NULL);
    rc = flag_store_prepare(c->db, &c->e);
    if (rc == ST_OK && (rc = ctl_note(c, AUDIT_FLAG_LIST, "", "")) == ST_OK)
        rc = flag_store_list(c->db, open, list, (size_t)max, &count, &c->e);
    for (size_t i = 0; rc == ST_OK && i < count; i++) {
        char at[32], account[ID_TEXT];

        clock_iso(list[i].created_at, at, sizeof at);
        id_format(&list[i].account, account);
        printf("%6" PRId64 "  %s  %-6s  account %s  %s%s%s%s%s\n", list[i].id, at, list[i].kind,
               account, list[i].about, list[i].subject[0] != '\0' ? "  job " : "", list[i].subject,
               list[i].note[0] != '\0' ? "  decided: " : "", list[i].note);
    }
    free(list);
    return rc;
}

/* The row of the audit log says about whom it was decided; it is written in the same step. */
struct decision {
    struct ctl *c;
    int64_t id;
    const char *note;
};

static int
decide_body(struct db *db, void *arg, struct err *e)
{
    const struct decision *d = arg;
    char account[ID_TEXT];
    struct flag f;
    int rc;

    if ((rc = flag_store_find(db, d->id, &f, e)) != ST_OK ||
        (rc = flag_store_close(db, d->id, d->note, e)) != ST_OK)
        return rc;
    id_format(&f.account, account);
    return ctl_note(d->c, AUDIT_FLAG_DECIDE, account, d->note);
}

int
ctl_flags_close(struct ctl *c)
{
    const char *note = ctl_option(c, "note");
    struct decision d = {.c = c, .note = note};
    int rc = ctl_number(c, "NUMBER", c->words[0], 1, INT64_MAX, &d.id);

    if (rc != CTL_OK)
        return rc;
    if (note == NULL || note[0] == '\0' || strlen(note) > NOTE_BYTES)
        return ctl_usage(c, "--note: say in 1 to %d bytes what was decided.", NOTE_BYTES);
    if ((rc = flag_store_prepare(c->db, &c->e)) == ST_OK &&
        (rc = audit_prepare(c->db, &c->e)) == ST_OK &&
        (rc = db_transaction(c->db, decide_body, &d, &c->e)) == ST_OK)
        printf("closed %" PRId64 "\n", d.id);
    return rc;
}
