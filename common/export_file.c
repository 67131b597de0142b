/*
 * Runs gempix-pack and feeds it; see export_file.h. Knows no SQL and no archive. Read next:
 * common/export.c, app/pack/main_pack.c.
 */
#include "common/export_file.h"

#include <errno.h>
#include <fcntl.h>
#include <spawn.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "common/conf.h"
#include "common/err.h"
#include "common/export.h"

#define PATH_MAX_BYTES 4200

extern char **environ;

/* gempix-pack, which writes into `out`; *in is its standard input. */
static int
start_pack(const struct conf *conf, int out, pid_t *pid, FILE **in, struct err *e)
{
    char path[PATH_MAX_BYTES], *args[] = {"gempix-pack", conf->media.root, NULL};
    posix_spawn_file_actions_t actions;
    int ends[2], rc;

    snprintf(path, sizeof path, "%s/gempix-pack", conf->app.helpers);
    if (pipe(ends) != 0)
        return err_setf(e, ST_IO, "pipe: %s", strerror(errno));
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
    return err_setf(e, ST_IO, "%s: %s", path, strerror(rc != 0 ? rc : errno));
}

static int
end_pack(pid_t pid, FILE *in, int rc, struct err *e)
{
    int status = 0;
    pid_t gone;

    /* Half a copy must not end as a whole one: what is no line makes gempix-pack fail. */
    if (rc != ST_OK)
        fputs("\nfailed\n", in);
    if (fclose(in) != 0 && rc == ST_OK)
        rc = err_set(e, ST_IO, "The copy cannot be written.", NULL);
    while ((gone = waitpid(pid, &status, 0)) < 0 && errno == EINTR)
        ;
    if (rc == ST_OK && (gone != pid || !WIFEXITED(status) || WEXITSTATUS(status) != 0))
        rc = err_set(e, ST_IO, "gempix-pack has failed.", NULL);
    return rc;
}

int
export_file_write(struct db *db, const struct conf *conf, const struct register_file *r,
                  int64_t account, int out, int64_t *rows, struct err *e)
{
    FILE *in = NULL;
    pid_t pid;
    int rc;

    *rows = 0;
    if ((rc = start_pack(conf, out, &pid, &in, e)) != ST_OK)
        return rc;
    rc = export_write(db, r, account, conf->site.name, in, rows, e);
    return end_pack(pid, in, rc, e);
}
