/*
 * sd_notify in words of this program. Knows no jobs. Read next: daemon.c.
 */
#include "render/daemon/notify.h"

#include <stdarg.h>
#include <stdio.h>

#include <systemd/sd-daemon.h>

void
notify_ready(void)
{
    sd_notify(0, "READY=1");
}

void
notify_status(const char *format, ...)
{
    char line[200];
    va_list ap;

    va_start(ap, format);
    vsnprintf(line, sizeof line, format, ap);
    va_end(ap);
    sd_notifyf(0, "STATUS=%s\nWATCHDOG=1", line);
}

void
notify_alive(void)
{
    sd_notify(0, "WATCHDOG=1");
}

void
notify_stopping(void)
{
    sd_notify(0, "STOPPING=1");
}
