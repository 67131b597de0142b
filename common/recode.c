/*
 * Talks to gempix-convert over one socket: the file goes in until its end, the picture comes out.
 * See recode.h.
 */
#include "common/recode.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/types.h>
#include <sys/wait.h>
#include <unistd.h>

#include "common/conf.h"
#include "common/err.h"
#include "common/program.h"

#define SECONDS 20                 /* without a byte */
#define OUT_MAX ((size_t)16 << 20) /* the largest picture that is taken back */
#define NUMBER 24

static int
refuse(struct err *e)
{
    return err_set(
        e, ST_INVALID,
        "One of the pictures cannot be read. Please save it anew as PNG, JPEG or WebP, or "
        "send the words without it.",
        NULL);
}

static bool
give(int fd, const char *data, size_t size)
{
    while (size > 0) {
        ssize_t n = send(fd, data, size, MSG_NOSIGNAL);

        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return false;
        data += n;
        size -= (size_t)n;
    }
    return shutdown(fd, SHUT_WR) == 0;
}

/* All that comes until the end. NULL: nothing did, too much, or too slowly. */
static void *
take(int fd, size_t *size)
{
    size_t room = (size_t)256 << 10, got = 0;
    char *data = malloc(room);

    while (data != NULL) {
        ssize_t n = recv(fd, data + got, room - got, 0);

        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0 || (n == 0 && got == 0))
            break;
        if (n == 0) {
            *size = got;
            return data;
        }
        if ((got += (size_t)n) == room) {
            char *more = room < OUT_MAX ? realloc(data, room * 2) : NULL;

            if (more == NULL)
                break;
            data = more;
            room *= 2;
        }
    }
    free(data);
    return NULL;
}

static int
open_sockets(int pair[2])
{
    const struct timeval patience = {.tv_sec = SECONDS};
    int why;

    if (socketpair(AF_UNIX, SOCK_STREAM, 0, pair) != 0)
        return errno;
    if (fcntl(pair[0], F_SETFD, FD_CLOEXEC) == 0 && fcntl(pair[1], F_SETFD, FD_CLOEXEC) == 0 &&
        setsockopt(pair[0], SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience) == 0 &&
        setsockopt(pair[0], SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience) == 0)
        return 0;
    why = errno;
    close(pair[0]);
    close(pair[1]);
    return why;
}

int
recode_picture(const struct conf *conf, const void *data, size_t size, void **out, size_t *out_size,
               struct err *e)
{
    char bytes[NUMBER], pixels[NUMBER];
    const char *args[] = {"bare", bytes, pixels, NULL};
    int pair[2], why, status;
    pid_t pid;

    *out = NULL;
    snprintf(bytes, sizeof bytes, "%zu", size);
    snprintf(pixels, sizeof pixels, "%d", RECODE_PIXELS);
    if (size == 0)
        return refuse(e);
    if ((why = open_sockets(pair)) == 0) {
        why = program_start(conf->app.helpers, "gempix-convert", args, pair[1], pair[1], &pid);
        close(pair[1]);
        if (why != 0)
            close(pair[0]);
    }
    if (why != 0)
        return err_set(e, ST_INTERNAL, "Something went wrong on our side. Please try again later.",
                       "gempix-convert: %s", strerror(why));
    if (give(pair[0], data, size))
        *out = take(pair[0], out_size);
    close(pair[0]);
    if (*out == NULL)
        kill(pid, SIGKILL);
    status = program_wait(pid);
    if (*out != NULL && WIFEXITED(status) && WEXITSTATUS(status) == EXIT_SUCCESS)
        return ST_OK;
    free(*out);
    *out = NULL;
    return refuse(e);
}
