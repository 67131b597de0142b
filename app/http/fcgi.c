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
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "common/clock.h"
#include "common/crypto.h"
#include "common/err.h"

#define ANSWER_SECONDS 60
#define SYSTEMD_FD 3
#define FAILURES_MAX 20 /* in a row; then another process may have better luck */

/* The answer goes out in records of this many bytes at most. The library's writer would cut a page
 * into pieces of 8 KB, and nginx would wake for each. */
#define RECORD_MAX 65528
#define HEAD 8   /* bytes in front of each record */
#define STDOUT 6 /* the kinds of record that we send */
#define END_REQUEST 3
#define END_BYTES (2 * HEAD + 8) /* an empty record of output, and the end with its eight bytes */

struct fcgi_call {
    FCGX_Request request;
    size_t read; /* bytes of its body so far */
    bool gone;   /* the peer has left: nothing more is sent */
    size_t held; /* bytes of the next record */
    uint8_t record[HEAD + RECORD_MAX + END_BYTES];
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

/* A ready socket is reported before a pending signal: under load it would never be told. */
static bool
must_stop(void)
{
    sigset_t pending;

    if (stop)
        return true;
    sigpending(&pending);
    return sigismember(&pending, SIGTERM) == 1 || sigismember(&pending, SIGINT) == 1;
}

/* A descriptor to wait on for connections, or -1. The kernel wakes one of the workers for each
 * connection, not all. */
static int
watch(int fd)
{
    struct epoll_event event = {.events = EPOLLIN | EPOLLEXCLUSIVE};
    int watched = epoll_create1(EPOLL_CLOEXEC);

    if (watched >= 0 && epoll_ctl(watched, EPOLL_CTL_ADD, fd, &event) != 0) {
        (void)close(watched);
        return -1;
    }
    return watched;
}

/* True when a connection may be waiting; false at the deadline, a signal, or an error. */
static bool
wait_connection(int watched, int64_t deadline, const sigset_t *waiting)
{
    int64_t left = (deadline - clock_monotonic() + 999) / 1000;
    struct epoll_event event;

    if (left <= 0)
        return false;
    return epoll_pwait(watched, &event, 1, left < INT_MAX ? (int)left : INT_MAX, waiting) > 0;
}

/* True when the peer may still be sending a body that nobody wanted. */
static bool
unread(const struct fcgi_call *call)
{
    const char *length = FCGX_GetParam("CONTENT_LENGTH", call->request.envp);

    return length != NULL && (length[0] == '-' || strtoull(length, NULL, 10) > call->read);
}

static void
put_head(uint8_t *out, int kind, int request, size_t size)
{
    const uint8_t head[HEAD] = {1,
                                (uint8_t)kind,
                                (uint8_t)(request >> 8),
                                (uint8_t)request,
                                (uint8_t)(size >> 8),
                                (uint8_t)size,
                                0,
                                0};

    memcpy(out, head, HEAD);
}

/* Sends the record that was gathered, with `more` bytes that stand behind it. */
static void
flush(struct fcgi_call *call, size_t more)
{
    const uint8_t *p = call->record + (call->held > 0 ? 0 : HEAD);
    const uint8_t *end = call->record + HEAD + call->held + more;

    put_head(call->record, STDOUT, call->request.requestId, call->held);
    while (p < end && !call->gone) {
        ssize_t n = send(call->request.ipcFd, p, (size_t)(end - p), MSG_NOSIGNAL);

        if (n > 0)
            p += n;
        else if (n == 0 || errno != EINTR)
            call->gone = true;
    }
    call->held = 0;
}

/* Ends a request. The library would wait until the peer has closed its side too, and the next
 * visitor with it. So this only says that nothing more comes, and closes with the request after
 * this one, when the peer is long gone; `last` is the connection before. A peer that is still
 * sending is waited for: it would take a closed connection for a failure. */
static void
finish(struct fcgi_call *call, int *last)
{
    uint8_t *end = call->record + HEAD + call->held;
    int fd = call->request.ipcFd;

    if (unread(call)) {
        flush(call, 0);
        FCGX_Finish_r(&call->request);
        return;
    }
    put_head(end, STDOUT, call->request.requestId, 0);
    put_head(end + HEAD, END_REQUEST, call->request.requestId, 8);
    memset(end + 2 * HEAD, 0, 8);
    flush(call, END_BYTES);
    (void)shutdown(fd, SHUT_WR);
    if (*last >= 0)
        (void)close(*last);
    *last = fd;
    FCGX_Free(&call->request, 0);
    call->request.ipcFd = -1;
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
    static struct fcgi_call one; /* 64 KB, which would be much for the stack */
    struct fcgi_call *call = &one;
    int failures = 0, flags = fcntl(fd, F_GETFL), watched = watch(fd), last = -1;
    sigset_t waiting;

    /* Another worker may be faster: those that come late must not sleep in accept. */
    if (watched < 0 || flags < 0 || fcntl(fd, F_SETFL, flags | O_NONBLOCK) != 0 ||
        FCGX_Init() != 0 || FCGX_InitRequest(&call->request, fd, FCGI_FAIL_ACCEPT_ON_INTR) != 0)
        return err_set(e, ST_IO, "The application's socket cannot be used.", "%s", strerror(errno));
    catch_signals(&waiting);
    while (left > 0 && failures < FAILURES_MAX && !must_stop() && clock_monotonic() < deadline) {
        int rc;
        if (!wait_connection(watched, deadline, &waiting))
            continue;
        alarm(ANSWER_SECONDS);
        rc = FCGX_Accept_r(&call->request);
        if (rc == 0) {
            failures = 0;
            left--;
            call->read = call->held = 0;
            call->gone = false;
            answer(ctx, call);
            finish(call, &last);
        } else if (rc != -EAGAIN && rc != -EWOULDBLOCK && rc != -EINTR) {
            failures++;
        }
        FCGX_Free(&call->request, 1);
        alarm(0);
    }
    if (last >= 0)
        (void)close(last);
    (void)close(watched);
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
    call->read += done;
    return done;
}

void
fcgi_write(struct fcgi_call *call, const void *bytes, size_t size)
{
    const char *p = bytes;

    while (size > 0 && !call->gone) {
        size_t room = RECORD_MAX - call->held, part = size < room ? size : room;

        memcpy(call->record + HEAD + call->held, p, part);
        call->held += part;
        p += part;
        size -= part;
        if (call->held == RECORD_MAX)
            flush(call, 0);
    }
}
