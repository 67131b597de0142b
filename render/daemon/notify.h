/*
 * What the service manager is told, by the sd_notify protocol. Without one (no NOTIFY_SOCKET) every
 * call does nothing. A manager that does not listen is never waited for: the message is dropped.
 */
#ifndef GEMPIX_RENDER_DAEMON_NOTIFY_H
#define GEMPIX_RENDER_DAEMON_NOTIFY_H

void notify_ready(void);
/* One line for `systemctl status`. */
void notify_status(const char *format, ...) __attribute__((format(printf, 1, 2)));
/* A sign of life; sent once in a few seconds at most, so every step may call it, in any thread. */
void notify_alive(void);
void notify_stopping(void);

#endif
