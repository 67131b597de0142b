/*
 * The command that writes a copy of a member's data: for an answer to somebody who asked for it.
 * Knows no SQL and no archive. Read next: common/export.h, app/pack/main_pack.c.
 */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "app/account/account.h"
#include "app/ctl/ctl.h"
#include "app/ctl/ctl_store.h"
#include "common/arena.h"
#include "common/conf.h"
#include "common/export.h"
#include "common/register.h"

#define REGISTER_MAX ((size_t)8 * 1024 * 1024)
#define PATH_MAX_BYTES 4200

extern char **environ;

/* gempix-pack, which writes into `out`; *in is its standard input. */
static int
start_pack(struct ctl *c, int out, pid_t *pid, FILE **in)
{
    char path[PATH_MAX_BYTES], *args[] = {"gempix-pack", c->conf->media.root, NULL};
    posix_spawn_file_actions_t actions;
    int ends[2], rc;

    snprintf(path, sizeof path, "%s/gempix-pack", c->conf->app.helpers);
    if (pipe(ends) != 0)
        return err_setf(&c->e, ST_IO, "pipe: %s", strerror(errno));
    fcntl(ends[0], F_SETFD, FD_CLOEXEC);
    fcntl(ends[1], F_SETFD, FD_CLOEXEC);
    if ((rc = posix_spawn_file_actions_init(&actions)) == 0) {
        if ((rc = posix_spawn_file_actions_adddup2(&actions, ends[0], STDIN_FILENO)) == 0 &&
            (rc = posix_spawn_file_actions_adddup2(&actions, out, STDOUT_FILENO)) == 0)
            rc = posix_spawn(pid, path, &actions, NULL, args, environ);
        posix_spawn_file_actions_destroy(&actions);
    }
    close(ends[0]);
    if (rc == 0 && (*in = fdopen(ends[1], "w")) != NULL)
        return ST_OK;
    close(ends[1]);
    return err_setf(&c->e, ST_IO, "%s: %s", path, strerror(rc != 0 ? rc : errno));
}

static int
end_pack(struct ctl *c, pid_t pid, FILE *in, int rc)
{
    int status = 0;
    pid_t gone;

    /* Half a copy must not end as a whole one: what is no line makes gempix-pack fail. */
    if (rc != ST_OK)
        fputs("\nfailed\n", in);
    if (fclose(in) != 0 && rc == ST_OK)
        rc = err_set(&c->e, ST_IO, "The copy cannot be written.", NULL);
    while ((gone = waitpid(pid, &status, 0)) < 0 && errno == EINTR)
        ;
    if (rc == ST_OK && (gone != pid || !WIFEXITED(status) || WEXITSTATUS(status) != 0))
        rc = err_set(&c->e, ST_IO, "gempix-pack has failed.", NULL);
    return rc;
}

static int
write_copy(struct ctl *c, int64_t account, int out, int64_t *rows)
{
    char path[PATH_MAX_BYTES];
    struct arena *arena = arena_new(REGISTER_MAX); /* the statements name its words until the end */
    struct register_file *r;
    pid_t pid;
    FILE *in = NULL;
    int rc;

    if (arena == NULL)
        return err_set(&c->e, ST_NOMEM, "Out of memory.", NULL);
    snprintf(path, sizeof path, "%s/register.yaml", c->conf->policy.dir);
    if ((rc = register_load(path, arena, &r, &c->e)) == ST_OK &&
        (rc = start_pack(c, out, &pid, &in)) == ST_OK) {
        rc = export_write(c->db, r, account, c->conf->site.name, in, rows, &c->e);
        rc = end_pack(c, pid, in, rc);
    }
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
        (rc = ctl_store_account(c->db, key, &account, &c->e)) != ST_OK)
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
