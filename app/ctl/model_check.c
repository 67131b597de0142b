/*
 * Checking a model. See model_check.h.
 */
#include "app/ctl/model_check.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "app/ctl/model_place.h"
#include "common/clock.h"
#include "common/conf.h"
#include "common/err.h"
#include "common/text.h"

#define TEST_S 900 /* a large model on a slow disk */
#define WORDS_MAX 2000

extern char **environ;

int
model_check_files(struct model_place *p,
                  void (*each)(void *ctx, const char *name, const char *problem), void *ctx,
                  struct err *e)
{
    p->problem[0] = '\0';
    if (p->manifest.file_count == 0)
        return ST_OK; /* nothing to compare with: the state says so */
    p->state = MODEL_OK;
    for (size_t i = 0; i < p->manifest.file_count; i++) {
        const struct manifest_file *f = &p->manifest.files[i];
        char path[DISK_PATH], digest[FETCH_SHA256];
        const char *problem = NULL;
        enum model_state state = MODEL_DAMAGED;
        int64_t size = 0;
        int rc = disk_join(path, p->folder, f->name, e);
        if (rc == ST_OK && access(path, F_OK) != 0) {
            problem = "missing";
            state = MODEL_MISSING;
        } else if (rc == ST_OK && (rc = fetch_digest(path, digest, &size, e)) == ST_NOMEM) {
            return rc;
        } else if (rc != ST_OK) {
            problem = "cannot be read";
        } else if (size != f->size) {
            problem = "has another size";
        } else if (strcmp(digest, f->sha256) != 0) {
            problem = "was changed: its SHA-256 differs";
        }
        if (problem != NULL && (p->state == MODEL_OK || state == MODEL_MISSING)) {
            p->state = state;
            snprintf(p->problem, sizeof p->problem, "%.200s %.60s", f->name, problem);
        }
        each(ctx, f->name, problem);
    }
    return ST_OK;
}

/* Reads both pipes until they end or the deadline comes. 0 or ST_TIMEOUT. */
static int
listen_to(const int pipes[2], struct text *const texts[2], int64_t deadline)
{
    struct pollfd polls[2] = {{pipes[0], POLLIN, 0}, {pipes[1], POLLIN, 0}};
    int open_count = 2;

    while (open_count > 0) {
        int64_t left = (deadline - clock_monotonic()) / 1000;
        if (left <= 0)
            return ST_TIMEOUT;
        if (poll(polls, 2, left > 60000 ? 60000 : (int)left) <= 0)
            continue;
        for (int i = 0; i < 2; i++) {
            char buffer[4096];
            ssize_t n;
            if (polls[i].revents == 0)
                continue;
            n = read(polls[i].fd, buffer, sizeof buffer);
            if (n > 0) {
                text_put(texts[i], buffer, (size_t)n);
            } else if (n == 0 || errno != EINTR) {
                polls[i].fd = -1;
                open_count--;
            }
        }
    }
    return ST_OK;
}

/* A pipe whose ends no program inherits but as its own outputs. */
static int
make_pipe(int ends[2])
{
    if (pipe(ends) != 0)
        return -1;
    return fcntl(ends[0], F_SETFD, FD_CLOEXEC) == 0 && fcntl(ends[1], F_SETFD, FD_CLOEXEC) == 0
               ? 0
               : -1;
}

/* Starts the program with its outputs in pipes. */
static int
start(char *const argv[], int pipes[2], pid_t *pid, struct err *e)
{
    posix_spawn_file_actions_t actions;
    int out[2] = {-1, -1}, err[2] = {-1, -1}, rc = ST_OK, failed;

    if (make_pipe(out) != 0 || make_pipe(err) != 0 ||
        posix_spawn_file_actions_init(&actions) != 0) {
        rc = err_setf(e, ST_IO, "No pipe can be made: %s.", strerror(errno));
        goto out;
    }
    posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
    posix_spawn_file_actions_adddup2(&actions, out[1], STDOUT_FILENO);
    posix_spawn_file_actions_adddup2(&actions, err[1], STDERR_FILENO);
    failed = posix_spawn(pid, argv[0], &actions, NULL, argv, environ);
    posix_spawn_file_actions_destroy(&actions);
    if (failed != 0)
        rc = err_setf(e, ST_IO, "The engine %.100s cannot be started: %s. See models.engine.",
                      argv[0], strerror(failed));
out:
    for (int i = 0; i < 2; i++) {
        int *pair = i == 0 ? out : err;
        if (pair[1] >= 0)
            close(pair[1]);
        if (rc == ST_OK)
            pipes[i] = pair[0];
        else if (pair[0] >= 0)
            close(pair[0]);
    }
    return rc;
}

/* The engine's own sentence without its name and its advice. */
static const char *
words_of(struct text *complaint)
{
    char *words = complaint->data, *colon;

    if (words == NULL || words[0] == '\0')
        return "it says nothing";
    words[strcspn(words, "\n")] = '\0';
    colon = strstr(words, ": ");
    return colon != NULL ? colon + 2 : words;
}

int
model_check_engine(const struct conf *conf, const char *folder, struct text *report, struct err *e)
{
    char option[] = "--self-test";
    char program[DISK_PATH], path[DISK_PATH];
    char *const argv[] = {program, option, path, NULL};
    struct text complaint;
    struct text *const texts[2] = {report, &complaint};
    int pipes[2] = {-1, -1}, status = 0, rc;
    pid_t pid;

    snprintf(program, sizeof program, "%s", conf->models.engine);
    snprintf(path, sizeof path, "%s", folder);
    text_init(&complaint, WORDS_MAX);
    if ((rc = start(argv, pipes, &pid, e)) != ST_OK)
        goto out;
    rc = listen_to(pipes, texts, clock_monotonic() + TEST_S * CLOCK_SECOND);
    if (rc != ST_OK)
        kill(pid, SIGKILL);
    close(pipes[0]);
    close(pipes[1]);
    while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
        ;
    if (rc != ST_OK)
        err_setf(e, rc, "The engine took longer than %d minutes to test the model.", TEST_S / 60);
    else if (WIFSIGNALED(status))
        rc =
            err_setf(e, ST_INTERNAL, "The engine was ended by signal %d while it tested the model.",
                     WTERMSIG(status));
    else if (WEXITSTATUS(status) != 0)
        rc = err_setf(e, ST_UNSUPPORTED, "The engine cannot use the model: %.200s",
                      words_of(&complaint));
out:
    text_release(&complaint);
    return rc;
}
