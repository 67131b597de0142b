/*
 * The parent's side of decoding foreign pictures; see intake.h. Knows no format. One socket carries
 * the file there and the answer back. Read next: main_decode.c.
 */
#include "render/intake/intake.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "common/clock.h"
#include "common/err.h"
#include "render/intake/intake_wire.h"
#include "render/pipeline/generate.h"

#define NUMBER 24 /* bytes of a printed size */

struct child {
    pid_t pid;
    int socket;
    int64_t deadline;
};

static int
broken(struct err *e, const char *what, int number)
{
    return err_set(e, ST_INTERNAL, "Pictures cannot be taken in at the moment.",
                   "gempix-decode: %s: %s", what, strerror(number));
}

static int
start(const struct intake *in, struct child *c, struct err *e)
{
    char bytes[NUMBER], pixels[NUMBER];
    char *argv[] = {(char *)"gempix-decode", bytes, pixels, NULL}, *environment[] = {NULL};
    posix_spawn_file_actions_t actions;
    int pair[2], rc;

    snprintf(bytes, sizeof bytes, "%zu", in->bytes_max);
    snprintf(pixels, sizeof pixels, "%zu", in->pixels_max);
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) != 0)
        return broken(e, "socketpair", errno);
    if ((rc = posix_spawn_file_actions_init(&actions)) == 0) {
        if ((rc = posix_spawn_file_actions_adddup2(&actions, pair[1], STDIN_FILENO)) == 0 &&
            (rc = posix_spawn_file_actions_adddup2(&actions, pair[1], STDOUT_FILENO)) == 0)
            rc = posix_spawn(&c->pid, in->program, &actions, NULL, argv, environment);
        posix_spawn_file_actions_destroy(&actions);
    }
    close(pair[1]);
    if (rc != 0) {
        close(pair[0]);
        return broken(e, in->program, rc);
    }
    c->socket = pair[0];
    c->deadline = clock_monotonic() + in->patience_us;
    return ST_OK;
}

/* Ends the child, whatever it does. */
static void
end(struct child *c)
{
    close(c->socket);
    kill(c->pid, SIGKILL);
    while (waitpid(c->pid, NULL, 0) < 0 && errno == EINTR)
        ;
}

/* Waits until the socket can be read (POLLIN) or written (POLLOUT). */
static int
ready(const struct child *c, short what, struct err *e)
{
    int64_t left = (c->deadline - clock_monotonic()) / 1000;
    struct pollfd p = {.fd = c->socket, .events = what};
    int n;

    if (left <= 0 || (n = poll(&p, 1, (int)(left < INT32_MAX ? left : INT32_MAX))) == 0)
        return err_set(e, ST_TIMEOUT, "This picture takes too long to read.", "gempix-decode");
    return n < 0 && errno != EINTR ? broken(e, "poll", errno) : ST_OK;
}

/* A child that has seen enough stops reading: what it answers says why. */
static int
send_file(const struct child *c, const char *data, size_t size, struct err *e)
{
    int rc;

    while (size > 0) {
        ssize_t n;

        if ((rc = ready(c, POLLOUT, e)) != ST_OK)
            return rc;
        n = send(c->socket, data, size, MSG_NOSIGNAL | MSG_DONTWAIT);
        if (n < 0 && (errno == EINTR || errno == EAGAIN))
            continue;
        if (n < 0)
            break;
        data += n;
        size -= (size_t)n;
    }
    shutdown(c->socket, SHUT_WR);
    return ST_OK;
}

static int
receive(const struct child *c, void *out, size_t size, struct err *e)
{
    char *at = out;
    int rc;

    while (size > 0) {
        ssize_t n;

        if ((rc = ready(c, POLLIN, e)) != ST_OK)
            return rc;
        n = recv(c->socket, at, size, MSG_DONTWAIT);
        if (n < 0 && (errno == EINTR || errno == EAGAIN))
            continue;
        if (n <= 0)
            return err_set(e, ST_INVALID, "This picture could not be read: its file is damaged.",
                           "gempix-decode ended early");
        at += n;
        size -= (size_t)n;
    }
    return ST_OK;
}

/* The answer is input, too: a decoder that was taken over may say anything. */
static int
take_answer(const struct intake *in, const struct child *c, struct image *out, struct err *e)
{
    struct intake_answer a;
    size_t pixels;
    int rc = receive(c, &a, sizeof a, e);

    if (rc != ST_OK)
        return rc;
    a.message[sizeof a.message - 1] = a.detail[sizeof a.detail - 1] = '\0';
    if (a.magic != INTAKE_MAGIC)
        return broken(e, "answer", EPROTO);
    if (a.status != ST_OK)
        return err_set(e, a.status < 0 ? a.status : ST_INTERNAL, a.message, "%s", a.detail);
    if (a.width == 0 || a.height == 0 || a.width > INT32_MAX || a.height > INT32_MAX ||
        a.width > in->pixels_max / a.height)
        return broken(e, "size", EPROTO);
    pixels = (size_t)a.width * a.height;
    if ((out->pixels = malloc(pixels * 3)) == NULL)
        return err_set(e, ST_NOMEM, "Please try again later.", "picture of %zu pixels", pixels);
    out->width = (int)a.width;
    out->height = (int)a.height;
    return receive(c, out->pixels, pixels * 3, e);
}

int
intake_decode(const struct intake *in, const void *data, size_t size, struct image *out,
              struct err *e)
{
    struct child c;
    int rc;

    memset(out, 0, sizeof *out);
    if (size > in->bytes_max)
        return err_setf(e, ST_TOOBIG, "This file is too large: at most %zu KiB are taken.",
                        in->bytes_max >> 10);
    if ((rc = start(in, &c, e)) != ST_OK)
        return rc;
    if ((rc = send_file(&c, data, size, e)) == ST_OK)
        rc = take_answer(in, &c, out, e);
    end(&c);
    if (rc != ST_OK)
        image_release(out);
    return rc;
}
