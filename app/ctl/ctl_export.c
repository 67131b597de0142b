/*
 * The command that writes a copy of a member's data: for an answer to somebody who asked for it.
 * Knows no SQL and no archive. Read next: common/export_file.h.
 */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "app/account/account.h"
#include "app/ctl/ctl.h"
#include "app/ctl/ctl_store.h"
#include "common/arena.h"
#include "common/conf.h"
#include "common/export_file.h"
#include "common/register.h"

#define REGISTER_MAX ((size_t)8 * 1024 * 1024)
#define PATH_MAX_BYTES 4200

static int
write_copy(struct ctl *c, int64_t account, int out, int64_t *rows)
{
    char path[PATH_MAX_BYTES];
    struct arena *arena = arena_new(REGISTER_MAX); /* the statements name its words until the end */
    struct register_file *r;
    int rc;

    if (arena == NULL)
        return err_set(&c->e, ST_NOMEM, "Out of memory.", NULL);
    snprintf(path, sizeof path, "%s/register.yaml", c->conf->policy.dir);
    if ((rc = register_load(path, arena, &r, &c->e)) == ST_OK)
        rc = export_file_write(c->db, c->conf, r, account, out, rows, &c->e);
    arena_free(arena);
    return rc;
}

int
ctl_export(struct ctl *c)
{
    const char *path = ctl_option(c, "out");
    int64_t account, rows = 0;
    char key[255];
    int rc, out;

    if (path == NULL || path[0] == '\0')
        return ctl_usage(c, "--out is missing.");
    if ((rc = account_email_key(c->words[0], key, &c->e)) != ST_OK ||
        (rc = ctl_store_prepare(c->db, &c->e)) != ST_OK ||
        (rc = ctl_store_account(c->db, key, &account, &c->e)) != ST_OK ||
        (rc = ctl_note_account(c, AUDIT_ACCOUNT_EXPORT, account, "")) != ST_OK)
        return rc;
    if ((out = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600)) < 0)
        return err_setf(&c->e, ST_IO, "%s: %s", path, strerror(errno));
    signal(SIGPIPE, SIG_IGN);
    rc = write_copy(c, account, out, &rows);
    if (close(out) != 0 && rc == ST_OK)
        rc = err_setf(&c->e, ST_IO, "%s: %s", path, strerror(errno));
    if (rc != ST_OK) {
        unlink(path);
        return rc;
    }
    printf("wrote %s: %" PRId64 " entries\n", path, rows);
    return CTL_OK;
}
