/*
 * The error record: fills and names. Knows nothing of where errors are shown; log.c writes them,
 * app/http answers them.
 */
#include "common/err.h"

#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>

static err_say *say_other;

void
err_translate(err_say *say)
{
    say_other = say;
}

void
err_clear(struct err *e)
{
    if (e == NULL)
        return;
    e->code = ST_OK;
    e->message[0] = '\0';
    e->detail[0] = '\0';
}

/* Removes a UTF-8 character that was cut in the middle from the end of the text. */
static void
trim_half(char *text, size_t len)
{
    size_t lead = len, want;

    while (lead > 0 && ((unsigned char)text[lead - 1] & 0xC0) == 0x80)
        lead--;
    if (lead == 0 || (unsigned char)text[lead - 1] < 0xC0)
        return;
    lead--;
    want = (unsigned char)text[lead] < 0xE0 ? 2 : (unsigned char)text[lead] < 0xF0 ? 3 : 4;
    if (lead + want > len)
        text[lead] = '\0';
}

static void
fill(char *out, size_t size, const char *format, va_list ap)
{
    int n = vsnprintf(out, size, format, ap);

    if (n < 0)
        out[0] = '\0';
    else if ((size_t)n >= size)
        trim_half(out, size - 1);
}

__attribute__((format(printf, 3, 4))) static void
fill_args(char *out, size_t size, const char *format, ...)
{
    va_list ap;

    va_start(ap, format);
    fill(out, size, format, ap);
    va_end(ap);
}

int
err_set(struct err *e, int code, const char *message, const char *detail, ...)
{
    va_list ap;

    if (e == NULL)
        return code;
    e->code = code;
    if (message != NULL && say_other != NULL)
        message = say_other(message);
    fill_args(e->message, sizeof e->message, "%s", message != NULL ? message : "");
    e->detail[0] = '\0';
    if (detail != NULL) {
        va_start(ap, detail);
        fill(e->detail, sizeof e->detail, detail, ap);
        va_end(ap);
    }
    return code;
}

int
err_setf(struct err *e, int code, const char *message, ...)
{
    va_list ap;

    if (e == NULL)
        return code;
    e->code = code;
    e->detail[0] = '\0';
    va_start(ap, message);
    fill(e->message, sizeof e->message, say_other != NULL ? say_other(message) : message, ap);
    va_end(ap);
    return code;
}

const char *
status_name(int code)
{
    static const char *const names[] = {
        "ok",         "out of memory",   "invalid",
        "not found",  "denied",          "conflict",
        "too big",    "over a limit",    "not enough credits",
        "database",   "database, retry", "input/output",
        "lease lost", "cancelled",       "unsupported",
        "timeout",    "internal",
    };

    if (code > 0 || code <= -(int)(sizeof names / sizeof names[0]))
        return "unknown status";
    return names[-code];
}
