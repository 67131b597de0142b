/*
 * What the service manager is told. Without one (no NOTIFY_SOCKET) every call does nothing. systemd/sd-daemon.h appears in
 * notify.c alone.
 */
#ifndef GEMPIX_RENDER_DAEMON_NOTIFY_H
#define GEMPIX_RENDER_DAEMON_NOTIFY_H

void notify_ready(void);
/* One line for `systemctl status`. */
void notify_status(const char *format, ...) __attribute__((format(printf, 1, 2)));
/* A sign of life. */
void notify_alive(void);
void notify_stopping(void);

#endif
