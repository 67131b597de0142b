/*
 * log.h: levels, both forms, context, and that input cannot forge a line. Reads its own standard
 * error.
 */
#include <string.h>
#include <unistd.h>

#include "common/err.h"
#include "common/json.h"
#include "common/log.h"
#include "t/lib/tap.h"

static int ends[2];

/* What was logged since the last call. */
static const char *
logged(void)
{
    static char line[16384];
    ssize_t n;

    fflush(stderr);
    if (write(STDERR_FILENO, "|", 1) != 1) /* so that there is something to read */
        return "";
    n = read(ends[0], line, sizeof line - 1);
    line[n > 0 ? n - 1 : 0] = '\0';
    return line;
}

int
main(void)
{
    struct err e;
    struct json *j;
    char longest[9000];
    const char *line;

    if (pipe(ends) != 0 || dup2(ends[1], STDERR_FILENO) < 0)
        return 1;
    log_start("test", LOG_LEVEL_INFO, false);
    log_write(LOG_LEVEL_INFO, "hello %d", 5);
    is_str(logged(), "<6>test: hello 5\n", "a line with its priority");
    log_write(LOG_LEVEL_DEBUG, "hidden");
    is_str(logged(), "", "below the level");
    log_context("job 7");
    log_write(LOG_LEVEL_ERROR, "bad\n<0>forged\r\x1b[1m");
    is_str(logged(), "<3>test: [job 7] bad <0>forged  [1m\n", "one line, with its context");
    log_context("");
    err_set(&e, ST_IO, "No file.", "open x");
    log_err(LOG_LEVEL_WARNING, "loading", &e);
    is_str(logged(), "<4>test: loading: No file. (open x)\n", "an error");
    err_setf(&e, ST_IO, "No file.");
    log_err(LOG_LEVEL_WARNING, "loading", &e);
    is_str(logged(), "<4>test: loading: No file.\n", "without detail");
    memset(longest, 'x', sizeof longest);
    longest[sizeof longest - 1] = '\0';
    log_write(LOG_LEVEL_INFO, "%s", longest);
    line = logged();
    ok(strlen(line) < 4200 && line[strlen(line) - 1] == '\n', "long lines are cut");

    log_start("test", LOG_LEVEL_DEBUG, true);
    log_context("r1");
    log_write(LOG_LEVEL_DEBUG, "say \"%s\"\n", "hi");
    line = logged();
    is_int(json_parse(line, strlen(line), 2, &j, &e), ST_OK, "an object");
    is_str(json_text(j, "message", ""), "say \"hi\"\n", "message");
    is_str(json_text(j, "level", ""), "debug", "level");
    is_str(json_text(j, "program", ""), "test", "program");
    is_str(json_text(j, "context", ""), "r1", "context");
    is_int((int64_t)strlen(json_text(j, "time", "")), 20, "time");
    json_free(j);
    is_int(log_level_parse("notice"), LOG_LEVEL_NOTICE, "a level by name");
    is_int(log_level_parse("loud"), -1, "no level");
    return tap_done();
}
