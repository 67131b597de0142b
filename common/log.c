/*
 * The log. A line is built whole in memory and written by one write(2), so that lines of several
 * processes or threads that share standard error do not mix. Control bytes are replaced, so that
 * no input can forge a line.
 */
#include "common/log.h"

#include <pthread.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "common/clock.h"
#include "common/err.h"
#include "common/json.h"
#include "common/text.h"

#define LINE_MAX_BYTES 4096

static const char *const level_names[] = {[LOG_LEVEL_ERROR] = "error",
                                          [LOG_LEVEL_WARNING] = "warning",
                                          [LOG_LEVEL_NOTICE] = "notice",
                                          [LOG_LEVEL_INFO] = "info",
                                          [LOG_LEVEL_DEBUG] = "debug"};

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static const char *log_program = "gempix";
static enum log_level log_max = LOG_LEVEL_INFO;
static bool log_json;
static char log_word[64];

void
log_start(const char *program, enum log_level max_level, bool json)
{
    pthread_mutex_lock(&lock);
    log_program = program;
    log_max = max_level;
    log_json = json;
    pthread_mutex_unlock(&lock);
}

void
log_context(const char *word)
{
    pthread_mutex_lock(&lock);
    snprintf(log_word, sizeof log_word, "%s", word != NULL ? word : "");
    pthread_mutex_unlock(&lock);
}

int
log_level_parse(const char *name)
{
    for (int level = LOG_LEVEL_ERROR; level <= LOG_LEVEL_DEBUG; level++)
        if (strcmp(level_names[level], name) == 0)
            return level;
    return -1;
}

static void
write_all(const char *data, size_t len)
{
    while (len > 0) {
        ssize_t n = write(STDERR_FILENO, data, len);
        if (n <= 0)
            return; /* nobody is left to tell */
        data += n;
        len -= (size_t)n;
    }
}

static void
put_plain(struct text *line, enum log_level level, char *message)
{
    for (char *p = message; *p != '\0'; p++)
        if ((unsigned char)*p < 0x20 || *p == 0x7f)
            *p = ' ';
    text_printf(line, "<%d>%s: ", (int)level, log_program);
    if (log_word[0] != '\0')
        text_printf(line, "[%s] ", log_word);
    text_puts(line, message);
}

static void
put_object(struct text *line, enum log_level level, const char *message)
{
    char now[21];

    clock_iso(clock_now(), now, sizeof now);
    text_printf(line, "{\"time\":\"%s\",\"level\":\"%s\",\"program\":", now, level_names[level]);
    json_put_string(line, log_program);
    if (log_word[0] != '\0') {
        text_puts(line, ",\"context\":");
        json_put_string(line, log_word);
    }
    text_puts(line, ",\"message\":");
    json_put_string(line, message);
    text_putc(line, '}');
}

void
log_write(enum log_level level, const char *format, ...)
{
    char message[LINE_MAX_BYTES];
    struct text line;
    va_list ap;

    if (level > log_max || level < LOG_LEVEL_ERROR)
        return;
    va_start(ap, format);
    if (vsnprintf(message, sizeof message, format, ap) < 0)
        message[0] = '\0';
    va_end(ap);
    text_init(&line, 8 * sizeof message);
    pthread_mutex_lock(&lock);
    if (log_json)
        put_object(&line, level, message);
    else
        put_plain(&line, level, message);
    text_putc(&line, '\n');
    if (!line.failed)
        write_all(line.data, line.len);
    pthread_mutex_unlock(&lock);
    text_release(&line);
}

void
log_err(enum log_level level, const char *what, const struct err *e)
{
    if (e->detail[0] != '\0')
        log_write(level, "%s: %s (%s)", what, e->message, e->detail);
    else
        log_write(level, "%s: %s", what, e->message);
}
