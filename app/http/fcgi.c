/*
 * The accept loop; see fcgi.h. The only file that includes fcgiapp.h. The library's traps decide
 * its shape: waiting is done here, not in the library, so that a signal is never missed; a
 * connection is closed after its request, whatever the peer asked for, because a kept one occupies
 * the worker; and an alarm ends a worker whose peer stops talking, since the library reads without
 * a time limit.
 */
#include "app/http/fcgi.h"

#include <errno.h>
#include <fcgiapp.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/select.h>
#include <sys/socket.h>
#include <unistd.h>

#include "common/clock.h"
#include "common/crypto.h"
#include "common/err.h"

#define ANSWER_SECONDS 60
#define SYSTEMD_FD 3
#define FAILURES_MAX 20 /* in a row; then another process may have better luck */

struct fcgi_call {
    FCGX_Request request;
};

static volatile sig_atomic_t stop;

static void
on_stop(int signal)
{
    (void)signal;
    stop = 1;
}

static bool
is_listening(int fd)
{
    int yes = 0;
    socklen_t size = sizeof yes;

    return getsockopt(fd, SOL_SOCKET, SO_ACCEPTCONN, &yes, &size) == 0 && yes != 0;
}

int
fcgi_socket(int *out, struct err *e)
{
    const char *pid = getenv("LISTEN_PID"), *count = getenv("LISTEN_FDS");

    *out = -1;
    if (pid != NULL && count != NULL && strtol(pid, NULL, 10) == (long)getpid() &&
        strtol(count, NULL, 10) >= 1)
        *out = SYSTEMD_FD;
    else
        *out = STDIN_FILENO;
    if (is_listening(*out))
        return ST_OK;
    *out = -1;
    return err_setf(
        e, ST_IO,
        "There is no listening socket on descriptor 0 or from systemd. Start workers by systemd or "
        "scripts/workers.");
}

/* Stop signals stay blocked but for the wait, so a request always runs to its end. */
static void
catch_signals(sigset_t *waiting)
{
    struct sigaction stopping = {.sa_handler = on_stop}, ignore = {.sa_handler = SIG_IGN};
    sigset_t blocked;

    sigemptyset(&stopping.sa_mask);
    sigemptyset(&ignore.sa_mask);
    sigaction(SIGTERM, &stopping, NULL);
    sigaction(SIGINT, &stopping, NULL);
    sigaction(SIGPIPE, &ignore, NULL);
    sigemptyset(&blocked);
    sigaddset(&blocked, SIGTERM);
    sigaddset(&blocked, SIGINT);
    sigprocmask(SIG_BLOCK, &blocked, waiting);
    sigdelset(waiting, SIGTERM);
    sigdelset(waiting, SIGINT);
    sigdelset(waiting, SIGALRM);
}

/* pselect reports a ready socket before a pending signal: under load it would never tell. */
static bool
must_stop(void)
{
    sigset_t pending;

    if (stop)
        return true;
    sigpending(&pending);
    return sigismember(&pending, SIGTERM) == 1 || sigismember(&pending, SIGINT) == 1;
}

/* True when a connection may be waiting; false at the deadline, a signal, or an error. */
static bool
wait_connection(int fd, int64_t deadline, const sigset_t *waiting)
{
    int64_t left = deadline - clock_monotonic();
    struct timespec ts;
    fd_set set;

    if (left <= 0)
        return false;
    ts.tv_sec = (time_t)(left / CLOCK_SECOND);
    ts.tv_nsec = (long)(left % CLOCK_SECOND * 1000);
    FD_ZERO(&set);
    FD_SET(fd, &set);
    return pselect(fd + 1, &set, NULL, NULL, &ts, waiting) > 0;
}

/* `most` or up to an eighth less, so that workers that started together do not end together. */
static int64_t
jitter(int64_t most)
{
    int64_t span = most / 8 < UINT32_MAX ? most / 8 : UINT32_MAX - 1;

    return most - (int64_t)(crypto_random_u32() % (uint32_t)(span + 1));
}

int
fcgi_serve(int fd, const struct fcgi_limits *limits,
           void (*answer)(void *ctx, struct fcgi_call *call), void *ctx, struct err *e)
{
    int64_t left = jitter(limits->requests);
    int64_t deadline = clock_monotonic() + jitter(limits->seconds * 1000) * (CLOCK_SECOND / 1000);
    struct fcgi_call call;
    int failures = 0, flags = fcntl(fd, F_GETFL);
    sigset_t waiting;

    /* Several workers wake for one connection: those that come late must not sleep in accept. */
    if (flags < 0 || fcntl(fd, F_SETFL, flags | O_NONBLOCK) != 0 || fd >= FD_SETSIZE ||
        FCGX_Init() != 0 || FCGX_InitRequest(&call.request, fd, FCGI_FAIL_ACCEPT_ON_INTR) != 0)
        return err_set(e, ST_IO, "The application's socket cannot be used.", "%s", strerror(errno));
    catch_signals(&waiting);
    while (left > 0 && failures < FAILURES_MAX && !must_stop() && clock_monotonic() < deadline) {
        int rc;
        if (!wait_connection(fd, deadline, &waiting))
            continue;
        alarm(ANSWER_SECONDS);
        rc = FCGX_Accept_r(&call.request);
        if (rc == 0) {
            failures = 0;
            left--;
            answer(ctx, &call);
            FCGX_Finish_r(&call.request);
        } else if (rc != -EAGAIN && rc != -EWOULDBLOCK && rc != -EINTR) {
            failures++;
        }
        FCGX_Free(&call.request, 1);
        alarm(0);
    }
    return failures < FAILURES_MAX ? ST_OK
                                   : err_set(e, ST_IO, "The application's socket cannot be used.",
                                             "%d failures in a row", failures);
}

char *const *
fcgi_params(const struct fcgi_call *call)
{
    return call->request.envp;
}

size_t
fcgi_read(struct fcgi_call *call, void *out, size_t size)
{
    size_t done = 0;

    while (done < size) {
        size_t part = size - done < INT_MAX ? size - done : INT_MAX;
        int n = FCGX_GetStr((char *)out + done, (int)part, call->request.in);
        if (n <= 0)
            break;
        done += (size_t)n;
    }
    return done;
}

void
fcgi_write(struct fcgi_call *call, const void *bytes, size_t size)
{
    const char *p = bytes;

    while (size > 0) {
        int part = size < INT_MAX ? (int)size : INT_MAX;
        if (FCGX_PutStr(p, part, call->request.out) != part)
            return;
        p += part;
        size -= (size_t)part;
    }
}
