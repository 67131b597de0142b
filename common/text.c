/*
 * The growing byte string. Knows nothing of encodings: whoever writes markup or JSON escapes
 * before writing.
 */
#include "common/text.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void
text_init(struct text *t, size_t max)
{
    *t = (struct text){.max = max < SIZE_MAX ? max : SIZE_MAX - 1};
}

void
text_release(struct text *t)
{
    free(t->data);
    *t = (struct text){.max = t->max};
}

void
text_clear(struct text *t)
{
    t->len = 0;
    t->failed = false;
    if (t->data != NULL)
        t->data[0] = '\0';
}

/* Makes room for `more` bytes and the NUL; false (and failed) past the ceiling or memory. */
static bool
reserve(struct text *t, size_t more)
{
    size_t need, cap;
    char *data;

    if (t->failed)
        return false;
    if (more > t->max - t->len)
        goto fail;
    need = t->len + more + 1;
    if (need <= t->cap)
        return true;
    cap = t->cap < 64 ? 64 : t->cap;
    while (cap < need)
        cap = cap > SIZE_MAX / 2 ? need : cap * 2;
    if (cap > t->max + 1)
        cap = t->max + 1;
    if ((data = realloc(t->data, cap)) == NULL)
        goto fail;
    t->data = data;
    t->cap = cap;
    return true;
fail:
    t->failed = true;
    return false;
}

void
text_put(struct text *t, const void *bytes, size_t len)
{
    if (!reserve(t, len))
        return;
    if (len > 0)
        memcpy(t->data + t->len, bytes, len);
    t->len += len;
    t->data[t->len] = '\0';
}

void
text_puts(struct text *t, const char *s)
{
    text_put(t, s, strlen(s));
}

void
text_putc(struct text *t, char c)
{
    text_put(t, &c, 1);
}

void
text_vprintf(struct text *t, const char *format, va_list ap)
{
    va_list again;
    int n;

    if (t->failed)
        return;
    va_copy(again, ap);
    n = vsnprintf(NULL, 0, format, again);
    va_end(again);
    if (n < 0) {
        t->failed = true;
        return;
    }
    if (!reserve(t, (size_t)n))
        return;
    vsnprintf(t->data + t->len, (size_t)n + 1, format, ap);
    t->len += (size_t)n;
}

void
text_printf(struct text *t, const char *format, ...)
{
    va_list ap;

    va_start(ap, format);
    text_vprintf(t, format, ap);
    va_end(ap);
}

const char *
text_cstr(const struct text *t)
{
    return t->data != NULL ? t->data : "";
}
