/*
 * The sd_notify protocol: one datagram of "NAME=value" lines to the socket that the environment
 * names. Written out here because libsystemd's call waits while the receiver's queue is full, and
 * drawing must never wait for whoever watches it. Knows no jobs. Read next: daemon.c.
 */
#include "render/daemon/notify.h"

#include <stdarg.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "common/clock.h"

#define ALIVE_EVERY (3 * CLOCK_SECOND)

static void
notify(const char *message)
{
    struct sockaddr_un to = {.sun_family = AF_UNIX};
    const char *path = getenv("NOTIFY_SOCKET");
    size_t len;
    int fd;

    if (path == NULL || (path[0] != '/' && path[0] != '@') ||
        (len = strlen(path)) >= sizeof to.sun_path)
        return;
    memcpy(to.sun_path, path, len);
    if (path[0] == '@')
        to.sun_path[0] = '\0'; /* an abstract name */
    if ((fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0)) < 0)
        return;
    (void)sendto(fd, message, strlen(message), MSG_DONTWAIT | MSG_NOSIGNAL, (struct sockaddr *)&to,
                 (socklen_t)(offsetof(struct sockaddr_un, sun_path) + len));
    close(fd);
}

void
notify_ready(void)
{
    notify("READY=1");
}

void
notify_status(const char *format, ...)
{
    char message[200];
    int prefix = snprintf(message, sizeof message, "WATCHDOG=1\nSTATUS=");
    va_list ap;

    va_start(ap, format);
    vsnprintf(message + prefix, sizeof message - (size_t)prefix, format, ap);
    va_end(ap);
    notify(message);
}

void
notify_alive(void)
{
    static _Atomic int64_t last; /* two threads call this */
    int64_t now = clock_monotonic(), before = atomic_load(&last);

    if ((before == 0 || now - before >= ALIVE_EVERY) &&
        atomic_compare_exchange_strong(&last, &before, now))
        notify("WATCHDOG=1");
}

void
notify_stopping(void)
{
    notify("STOPPING=1");
}
