/*
 * The log: one line per event on standard error, with journald's priority prefix ("<6>"), or JSON
 * lines. Log an error once, where it is handled. Never a secret, a prompt, an e-mail address or a
 * full client address.
 */
#ifndef GEMPIX_COMMON_LOG_H
#define GEMPIX_COMMON_LOG_H

#include <stdbool.h>

struct err;

enum log_level {
    LOG_LEVEL_ERROR = 3,
    LOG_LEVEL_WARNING = 4,
    LOG_LEVEL_NOTICE = 5,
    LOG_LEVEL_INFO = 6,
    LOG_LEVEL_DEBUG = 7
};

/* `program` must outlive the process. Messages above `max_level` are dropped. With `json` a line is
 * an object. */
void log_start(const char *program, enum log_level max_level, bool json);
void log_write(enum log_level level, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* "what: message (detail)" at the given level. */
void log_err(enum log_level level, const char *what, const struct err *e);
/* A word that every line of this request or job carries from now on ("" for none); copied, at most
 * 63 bytes. */
void log_context(const char *word);
/* "info" and so on to a level; -1 if unknown. */
int log_level_parse(const char *name);

#endif
