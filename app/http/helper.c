/*
 * Helper programs; see helper.h. Knows no formats. What they write on standard error goes where the
 * worker's own log goes.
 */
#include "app/http/helper.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "app/http/fcgi.h"
#include "app/http/http.h"
#include "common/clock.h"
#include "common/err.h"
#include "common/log.h"
#include "common/program.h"

#define INPUT_MAX 60000 /* a pipe holds it, so that it can be written before the helper reads */
#define CHUNK 32768
#define PATIENCE (20 * CLOCK_SECOND) /* until the first byte */

static int
broken(struct err *e, const struct helper_call *call, const char *what)
{
    return err_set(e, ST_INTERNAL, "Something went wrong on our side. Please try again later.",
                   "%s: %s: %s", call->program, what, strerror(errno));
}

/* Neither end goes to a program by itself. */
static int
make_pipe(int pair[2])
{
    if (pipe(pair) != 0)
        return -1;
    if (fcntl(pair[0], F_SETFD, FD_CLOEXEC) == 0 && fcntl(pair[1], F_SETFD, FD_CLOEXEC) == 0)
        return 0;
    close(pair[0]);
    close(pair[1]);
    return -1;
}

/* A descriptor that holds the input: the file, or a pipe that is full already. */
static int
open_input(const struct helper_call *call, int *fd, struct err *e)
{
    int pair[2];

    *fd = -1;
    if (call->file >= 0) {
        *fd = fcntl(call->file, F_DUPFD_CLOEXEC, 3);
        return *fd >= 0 ? ST_OK : broken(e, call, "input");
    }
    if (call->input_len > INPUT_MAX)
        return err_set(e, ST_TOOBIG, "That is too much at once. Please select less.", "input");
    if (make_pipe(pair) != 0)
        return broken(e, call, "pipe");
    *fd = pair[0];
    if (write(pair[1], call->input, call->input_len) != (ssize_t)call->input_len) {
        close(pair[1]);
        return broken(e, call, "input");
    }
    close(pair[1]);
    return ST_OK;
}

/* What can be read now, at most `size`; 0 at the end, -1 when it failed or took too long. */
static ssize_t
read_some(int fd, char *out, size_t size, int64_t patience)
{
    int64_t deadline = clock_monotonic() + patience;

    for (;;) {
        int64_t left = (deadline - clock_monotonic()) / 1000;
        struct pollfd p = {.fd = fd, .events = POLLIN};
        int n = left > 0 ? poll(&p, 1, (int)left) : 0;
        ssize_t got;

        if (n == 0)
            errno = ETIMEDOUT;
        if (n == 0 || (n < 0 && errno != EINTR))
            return -1;
        if (n < 0)
            continue;
        if ((got = read(fd, out, size)) >= 0 || errno != EINTR)
            return got;
    }
}

int
helper_start(const char *folder, const struct helper_call *call, struct helper *out,
             struct text *body, struct err *e)
{
    int in = -1, pair[2] = {-1, -1}, rc;
    char chunk[CHUNK];
    ssize_t got;

    *out = (struct helper){.out = -1};
    snprintf(out->name, sizeof out->name, "%s", call->program);
    if ((rc = open_input(call, &in, e)) != ST_OK)
        goto out;
    if (make_pipe(pair) != 0) {
        rc = broken(e, call, "pipe");
        goto out;
    }
    out->out = pair[0];
    if ((errno = program_start(folder, call->program, call->args, in, pair[1], &out->pid)) != 0) {
        close(out->out);
        out->pid = 0;
        rc = broken(e, call, "start");
        goto out;
    }
    close(pair[1]);
    pair[1] = -1;
    if ((got = read_some(out->out, chunk, sizeof chunk, PATIENCE)) < 0)
        rc = broken(e, call, "reading");
    else if (got == 0)
        rc = err_set(e, ST_INTERNAL, "Something went wrong on our side. Please try again later.",
                     "%s gave nothing", call->program);
    else
        text_put(body, chunk, (size_t)got);
out:
    if (in >= 0)
        close(in);
    if (pair[1] >= 0)
        close(pair[1]);
    if (rc != ST_OK)
        helper_end(out);
    return rc;
}

bool
helper_relay(struct helper *h, struct fcgi_call *call)
{
    char chunk[CHUNK];
    int status = -1;
    ssize_t got;
    bool well;

    while ((got = read_some(h->out, chunk, sizeof chunk, PATIENCE)) > 0)
        fcgi_write(call, chunk, (size_t)got);
    close(h->out);
    h->out = -1;
    if (got == 0) {
        status = program_wait(h->pid);
        h->pid = 0;
    }
    well = got == 0 && WIFEXITED(status) && WEXITSTATUS(status) == 0;
    if (!well) {
        struct err e = {0};
        err_set(&e, ST_INTERNAL, "An answer was cut off.", "%s: status %d", h->name, status);
        log_err(LOG_LEVEL_ERROR, "helper", &e);
    }
    return well;
}

void
helper_end(struct helper *h)
{
    if (h->pid <= 0)
        return;
    if (h->out >= 0)
        close(h->out);
    h->out = -1;
    kill(h->pid, SIGKILL);
    program_wait(h->pid);
    h->pid = 0;
}
