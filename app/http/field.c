/*
 * Fields: what was sent becomes a value of its type, or a sentence that says what is wrong. See
 * form.h.
 */
#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "app/http/form.h"
#include "common/arena.h"
#include "common/err.h"
#include "common/language.h"

/* Length of the UTF-8 character at s, 0 if it is none; *code is its number. */
static size_t
utf8_at(const unsigned char *s, size_t left, uint32_t *code)
{
    static const uint32_t least[] = {0, 0, 0x80, 0x800, 0x10000};
    size_t len = s[0] < 0x80   ? 1
                 : s[0] < 0xC2 ? 0
                 : s[0] < 0xE0 ? 2
                 : s[0] < 0xF0 ? 3
                 : s[0] < 0xF5 ? 4
                               : 0;
    uint32_t c;

    if (len == 0 || len > left)
        return 0;
    c = len == 1 ? s[0] : s[0] & (0x7Fu >> len);
    for (size_t i = 1; i < len; i++) {
        if ((s[i] & 0xC0) != 0x80)
            return 0;
        c = c << 6 | (s[i] & 0x3Fu);
    }
    if (len > 1 && (c < least[len] || c > 0x10FFFF || (c >= 0xD800 && c <= 0xDFFF)))
        return 0;
    *code = c;
    return len;
}

bool
form_is_utf8(const char *s, size_t len)
{
    uint32_t code;

    for (size_t i = 0, n; i < len; i += n) {
        if ((n = utf8_at((const unsigned char *)s + i, len - i, &code)) == 0)
            return false;
    }
    return true;
}

/* A sentence about the field; when memory is short, a shorter one. */
__attribute__((format(printf, 3, 4))) static void
complain(struct arena *arena, struct value *v, const char *format, ...)
{
    struct text t;
    va_list ap;

    if (v->error != NULL)
        return;
    text_init(&t, 400);
    va_start(ap, format);
    text_vprintf(&t, T(format), ap);
    va_end(ap);
    v->error = t.failed ? NULL : arena_strndup(arena, text_cstr(&t), t.len);
    if (v->error == NULL)
        v->error = T("This is not right. Please correct it.");
    text_release(&t);
}

/*
 * Copies the text: line ends become LF, tabs blanks, a line loses blanks at both ends. What cannot
 * be text is an error; then nothing of it is shown again.
 */
static void
clean(struct arena *arena, const struct field *f, const struct pair *pair, char *out,
      struct value *v)
{
    const unsigned char *s = (const unsigned char *)pair->value;
    size_t used = 0;
    uint32_t code;

    for (size_t i = 0, n; i < pair->len; i += n) {
        if ((n = utf8_at(s + i, pair->len - i, &code)) == 0) {
            complain(arena, v, "%s: this is not valid text.", T(f->label));
            break;
        }
        if (code == '\r' && i + 1 < pair->len && s[i + 1] == '\n')
            continue;
        if (code == '\r' || code == '\n') {
            out[used++] = '\n';
        } else if (code == '\t') {
            out[used++] = ' ';
        } else if (code < 0x20 || (code >= 0x7F && code < 0xA0)) {
            complain(arena, v, "%s: this holds a character that cannot be used.", T(f->label));
            break;
        } else {
            memcpy(out + used, s + i, n);
            used += n;
        }
    }
    if (f->type == FIELD_LINE || f->type > FIELD_SECRET) {
        size_t start = 0;
        while (start < used && (out[start] == ' ' || out[start] == '\n'))
            start++;
        while (used > start && (out[used - 1] == ' ' || out[used - 1] == '\n'))
            used--;
        memmove(out, out + start, used - start);
        used -= start;
    }
    if (f->type != FIELD_TEXT && memchr(out, '\n', used) != NULL)
        complain(arena, v, "%s: please write this in one line.", T(f->label));
    out[v->error != NULL ? 0 : used] = '\0';
    v->text = out;
    v->len = v->error != NULL ? 0 : used;
}

static void
check_length(struct arena *arena, const struct field *f, struct value *v)
{
    if ((double)v->len > f->max)
        complain(arena, v, "%s is too long: %zu of at most %.0f characters. Please shorten it.",
                 T(f->label), v->len, f->max);
    else if ((double)v->len < f->min)
        complain(arena, v, "%s is too short: it needs at least %.0f characters.", T(f->label),
                 f->min);
}

static void
read_int(struct arena *arena, const struct field *f, struct value *v)
{
    char *end;
    long long n;

    errno = 0;
    n = strtoll(v->text, &end, 10);
    if (end == v->text || *end != '\0' || v->text[0] == '+')
        complain(arena, v, "%s: please enter a whole number.", T(f->label));
    else if (errno == ERANGE || (double)n < f->min || (double)n > f->max)
        complain(arena, v, "%s: please enter a number from %.0f to %.0f.", T(f->label), f->min,
                 f->max);
    else
        v->i = n;
}

/* Decimal notation only; strtod would also take "inf", "nan" and "0x1p3". */
static void
read_real(struct arena *arena, const struct field *f, struct value *v)
{
    char *end;
    double d;

    if (v->text[strspn(v->text, "0123456789.-eE")] != '\0') {
        complain(arena, v, "%s: please enter a number, like 7.5.", T(f->label));
        return;
    }
    d = strtod(v->text, &end);
    if (end == v->text || *end != '\0' || !isfinite(d))
        complain(arena, v, "%s: please enter a number, like 7.5.", T(f->label));
    else if (d < f->min || d > f->max)
        complain(arena, v, "%s: please enter a number from %g to %g.", T(f->label), f->min, f->max);
    else
        v->d = d;
}

static void
read_choice(struct arena *arena, const struct field *f, struct value *v)
{
    for (int i = 0; f->choices != NULL && f->choices[i] != NULL; i++) {
        if (strcmp(f->choices[i], v->text) == 0) {
            v->i = i;
            return;
        }
    }
    complain(arena, v, "%s: please choose one of the offered values.", T(f->label));
}

static void
read_file(struct arena *arena, const struct field *f, const struct pair *pair, struct value *v)
{
    v->text = pair->value;
    v->len = pair->len;
    v->present = pair->len > 0;
    if (!pair->file)
        complain(arena, v, "%s: please choose a file.", T(f->label));
    else if ((double)pair->len > f->max)
        complain(arena, v, "%s is too large: at most %.1f MB.", T(f->label), f->max / 1e6);
    if (v->error != NULL) {
        v->text = "";
        v->len = 0;
    }
}

static void
read_text(struct arena *arena, const struct field *f, struct value *v)
{
    switch (f->type) {
    case FIELD_INT:
        read_int(arena, f, v);
        break;
    case FIELD_REAL:
        read_real(arena, f, v);
        break;
    case FIELD_CHOICE:
        read_choice(arena, f, v);
        break;
    case FIELD_ID:
        if (id_parse(v->text, &v->id) != ST_OK)
            complain(arena, v, "%s: this is no valid reference. Please start again from the page.",
                     T(f->label));
        break;
    default:
        check_length(arena, f, v);
        break;
    }
}

static int
read_value(struct arena *arena, const struct field *f, const struct pair *pair, struct value *v)
{
    char *copy;

    *v = (struct value){.text = ""};
    if (f->type == FIELD_CHECK) {
        v->present = pair != NULL && !pair->file;
        v->i = v->present ? 1 : 0;
    } else if (pair != NULL && f->type == FIELD_FILE) {
        read_file(arena, f, pair, v);
    } else if (pair != NULL && pair->file) {
        complain(arena, v, "%s: a file cannot be sent here.", T(f->label));
    } else if (pair != NULL) {
        if ((copy = arena_alloc(arena, pair->len + 1)) == NULL)
            return ST_NOMEM;
        clean(arena, f, pair, copy, v);
        v->present = v->len > 0;
        if (v->present && v->error == NULL)
            read_text(arena, f, v);
    }
    if (f->required && !v->present)
        complain(arena, v, "%s is missing. Please fill it in.", T(f->label));
    return ST_OK;
}

int
form_values(struct arena *arena, const struct form *form, const struct pairs *pairs,
            struct value *values, int *errors, struct err *e)
{
    *errors = 0;
    for (size_t i = 0; i < FORM_FIELDS_MAX; i++)
        values[i] = (struct value){.text = ""};
    for (size_t i = 0; form != NULL && i < form->count && i < FORM_FIELDS_MAX; i++) {
        const struct field *f = &form->fields[i];
        if (read_value(arena, f, form_pair(pairs, f->name), &values[i]) != ST_OK)
            return err_set(e, ST_NOMEM, "Please try again later.", "form");
        *errors += values[i].error != NULL;
    }
    return ST_OK;
}
