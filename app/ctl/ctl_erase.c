/*
 * Commands about the end of accounts: erasing one, and verifying a receipt. Knows no SQL. Read
 * next: common/erasure.h.
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "app/account/account.h"
#include "app/ctl/ctl.h"
#include "app/ctl/ctl_store.h"
#include "common/arena.h"
#include "common/clock.h"
#include "common/conf.h"
#include "common/db.h"
#include "common/erasure.h"
#include "common/job.h"
#include "common/mail.h"
#include "common/register.h"
#include "common/store.h"

#define REGISTER_MAX ((size_t)8 * 1024 * 1024)
#define PATH_MAX_BYTES 4200
#define RECEIPT_MAX 60000

/* Erases everything that is due, this account included. */
static int
erase_now(struct ctl *c, struct arena *arena, int *done)
{
    char path[PATH_MAX_BYTES];
    struct register_file *data;
    struct erasure_plan *plan;
    struct store *store = NULL;
    int rc;

    snprintf(path, sizeof path, "%s/register.yaml", c->conf->policy.dir);
    if ((rc = register_load(path, arena, &data, &c->e)) != ST_OK ||
        (rc = store_open(c->conf->media.root, &store, &c->e)) != ST_OK)
        return rc;
    if ((rc = erasure_plan_open(c->db, data, &plan, &c->e)) == ST_OK)
        rc = erasure_run(c->db, c->conf, store, plan, NULL, done, &c->e);
    store_close(store);
    db_close(c->db); /* the plan's statements live as long as the connection */
    c->db = NULL;
    if (rc == ST_OK)
        erasure_plan_free(plan);
    return rc;
}

int
ctl_erase(struct ctl *c)
{
    bool now = ctl_option(c, "now") != NULL;
    struct erasure r;
    struct arena *arena = NULL;
    char key[255], at[32];
    int64_t account;
    int done = 0, rc;

    if ((rc = account_email_key(c->words[0], key, &c->e)) != ST_OK ||
        (rc = ctl_store_prepare(c->db, &c->e)) != ST_OK ||
        (rc = job_prepare(c->db, &c->e)) != ST_OK || (rc = mail_prepare(c->db, &c->e)) != ST_OK ||
        (rc = erasure_prepare(c->db, &c->e)) != ST_OK ||
        (rc = ctl_store_account(c->db, key, &account, &c->e)) != ST_OK ||
        (rc = ctl_note_account(c, AUDIT_ACCOUNT_ERASE, account, now ? "at once" : "")) != ST_OK ||
        (rc = erasure_ask(c->db, c->conf, account, now ? 0 : c->conf->policy.grace * CLOCK_DAY,
                          &c->e)) != ST_OK ||
        (rc = erasure_load(c->db, account, &r, &c->e)) != ST_OK)
        return rc;
    clock_iso(r.due_at, at, sizeof at);
    if (!now) {
        printf("closed; the steward erases it after %s\n", at);
        return CTL_OK;
    }
    if ((arena = arena_new(REGISTER_MAX)) == NULL)
        return err_set(&c->e, ST_NOMEM, "Out of memory.", NULL);
    rc = erase_now(c, arena, &done);
    arena_free(arena);
    if (rc == ST_OK)
        puts(done > 0 ? "erased" : "closed; work of it still runs, the steward erases it then");
    return rc;
}

static int
read_receipt(struct ctl *c, char *out, size_t size)
{
    FILE *in = strcmp(c->words[0], "-") == 0 ? stdin : fopen(c->words[0], "re");
    size_t len;

    if (in == NULL)
        return err_setf(&c->e, ST_IO, "%s cannot be read.", c->words[0]);
    len = fread(out, 1, size - 1, in);
    out[len] = '\0';
    if (in != stdin)
        fclose(in);
    return len + 1 < size ? ST_OK : err_setf(&c->e, ST_TOOBIG, "The receipt is too long.");
}

int
ctl_receipt_verify(struct ctl *c)
{
    static char text[RECEIPT_MAX];
    struct receipt_check check;
    char at[32];
    int rc;

    if ((rc = read_receipt(c, text, sizeof text)) != ST_OK ||
        (rc = erasure_prepare(c->db, &c->e)) != ST_OK ||
        (rc = erasure_verify(c->db, text, &check, &c->e)) != ST_OK)
        return rc;
    clock_iso(check.done_at, at, sizeof at);
    switch (check.state) {
    case RECEIPT_TRUE:
        printf("true: %d lines, deletion completed %s\n", check.lines, at);
        return CTL_OK;
    case RECEIPT_CODE:
        printf("a deletion with this code was completed %s; no chain to verify\n", at);
        return CTL_OK;
    case RECEIPT_BROKEN:
        printf("broken: line %d of the chain is not as written (0: the end)\n", check.wrong);
        return CTL_FAILED;
    case RECEIPT_UNKNOWN:
        puts("unknown: no deletion with this code was completed here");
        return CTL_FAILED;
    default:
        puts("there is no receipt in this text");
        return CTL_FAILED;
    }
}
