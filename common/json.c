/*
 * JSON on jansson: the only file that includes jansson.h. A struct json is jansson's json_t under
 * another name. What the library leaves open is closed here: a bound on depth, files with a bound
 * on size, messages that say where.
 */
#include "common/json.h"

#include <errno.h>
#include <fcntl.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/err.h"
#include "common/text.h"

static const json_t *
in(const struct json *j)
{
    return (const json_t *)j;
}

static const struct json *
out_of(const json_t *j)
{
    return (const struct json *)j;
}

/* True when the tree has at most `levels` of arrays and objects inside one another. */
static bool
within_depth(const json_t *j, int levels)
{
    const char *key;
    json_t *value,
        *object = (json_t *)(uintptr_t)j; /* jansson's macro takes no const; nothing is changed */
    size_t i;

    if (!json_is_array(j) && !json_is_object(j))
        return true;
    if (levels <= 0)
        return false;
    json_array_foreach(j, i, value)
    {
        if (!within_depth(value, levels - 1))
            return false;
    }
    if (json_is_object(j)) {
        json_object_foreach(object, key, value)
        {
            if (!within_depth(value, levels - 1))
                return false;
        }
    }
    return true;
}

int
json_parse(const char *data, size_t len, int max_depth, struct json **out, struct err *e)
{
    json_error_t why;
    json_t *j;

    *out = NULL;
    j = json_loadb(data, len, JSON_REJECT_DUPLICATES | JSON_DECODE_ANY, &why);
    if (j == NULL && json_error_code(&why) == json_error_out_of_memory)
        return err_set(e, ST_NOMEM, "Please try again later.", "JSON of %zu bytes", len);
    if (j == NULL)
        return err_setf(e, ST_INVALID, "JSON, line %d, column %d: %s", why.line, why.column,
                        why.text);
    if (!within_depth(j, max_depth)) {
        json_decref(j);
        return err_setf(e, ST_INVALID, "JSON: more than %d levels inside one another", max_depth);
    }
    *out = (struct json *)j;
    return ST_OK;
}

void
json_free(struct json *j)
{
    json_decref((json_t *)j);
}

static int
read_file(const char *path, size_t max_bytes, char **out, size_t *len, struct err *e)
{
    struct stat st;
    char *data = NULL;
    int fd, rc = ST_OK;
    size_t got = 0;

    if ((fd = open(path, O_RDONLY | O_CLOEXEC)) < 0 || fstat(fd, &st) != 0) {
        rc = err_setf(e, ST_IO, "%s cannot be read: %s.", path, strerror(errno));
        goto out;
    }
    if (st.st_size < 0 || (uintmax_t)st.st_size > max_bytes) {
        rc = err_setf(e, ST_TOOBIG, "%s is larger than %zu bytes.", path, max_bytes);
        goto out;
    }
    if ((data = malloc((size_t)st.st_size + 1)) == NULL) {
        rc = err_set(e, ST_NOMEM, "Please try again later.", "reading %s", path);
        goto out;
    }
    while (got < (size_t)st.st_size) {
        ssize_t n = read(fd, data + got, (size_t)st.st_size - got);

        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0) {
            rc = err_setf(e, ST_IO, "%s cannot be read: %s.", path,
                          n < 0 ? strerror(errno) : "it became shorter");
            goto out;
        }
        got += (size_t)n;
    }
    *out = data;
    *len = got;
    data = NULL; /* ownership moved to the caller */
out:
    free(data);
    if (fd >= 0)
        close(fd);
    return rc;
}

int
json_parse_file(const char *path, size_t max_bytes, int max_depth, struct json **out, struct err *e)
{
    struct err inner;
    char *data = NULL;
    size_t len = 0;
    int rc;

    *out = NULL;
    if ((rc = read_file(path, max_bytes, &data, &len, e)) != ST_OK)
        return rc;
    err_clear(&inner);
    if ((rc = json_parse(data, len, max_depth, out, &inner)) == ST_INVALID)
        rc = err_setf(e, ST_INVALID, "%s: %s", path, inner.message);
    else if (rc != ST_OK)
        rc = err_set(e, rc, inner.message, "%s", path);
    free(data);
    return rc;
}

enum json_kind
json_kind(const struct json *j)
{
    static const enum json_kind kinds[] = {
        [JSON_OBJECT] = JSON_KIND_OBJECT, [JSON_ARRAY] = JSON_KIND_ARRAY,
        [JSON_STRING] = JSON_KIND_STRING, [JSON_INTEGER] = JSON_KIND_INT,
        [JSON_REAL] = JSON_KIND_REAL,     [JSON_TRUE] = JSON_KIND_BOOL,
        [JSON_FALSE] = JSON_KIND_BOOL,    [JSON_NULL] = JSON_KIND_NULL,
    };

    return j != NULL ? kinds[json_typeof(in(j))] : JSON_KIND_NULL;
}

const struct json *
json_get(const struct json *object, const char *key)
{
    return out_of(json_object_get(in(object), key));
}

size_t
json_size(const struct json *j)
{
    return json_is_object(in(j)) ? json_object_size(in(j)) : json_array_size(in(j));
}

const struct json *
json_at(const struct json *array, size_t index)
{
    return out_of(json_array_get(in(array), index));
}

int
json_next(const struct json *object, void **cursor, const char **key, const struct json **value)
{
    json_t *j =
        (json_t *)(uintptr_t)object; /* jansson's iterators take no const; nothing is changed */
    void *iter = *cursor == NULL ? json_object_iter(j) : json_object_iter_next(j, *cursor);

    *key = NULL;
    *value = NULL;
    if (iter == NULL)
        return ST_NOTFOUND;
    *cursor = iter;
    *key = json_object_iter_key(iter);
    *value = out_of(json_object_iter_value(iter));
    return ST_OK;
}

int64_t
json_value_int(const struct json *j, int64_t missing)
{
    return json_is_integer(in(j)) ? (int64_t)json_integer_value(in(j)) : missing;
}

double
json_value_number(const struct json *j, double missing)
{
    return json_is_number(in(j)) ? json_number_value(in(j)) : missing;
}

const char *
json_value_text(const struct json *j, const char *missing)
{
    return json_is_string(in(j)) ? json_string_value(in(j)) : missing;
}

int64_t
json_int(const struct json *object, const char *key, int64_t missing)
{
    return json_value_int(json_get(object, key), missing);
}

double
json_number(const struct json *object, const char *key, double missing)
{
    return json_value_number(json_get(object, key), missing);
}

bool
json_bool(const struct json *object, const char *key, bool missing)
{
    const json_t *j = in(json_get(object, key));

    return json_is_boolean(j) ? json_is_true(j) : missing;
}

const char *
json_text(const struct json *object, const char *key, const char *missing)
{
    return json_value_text(json_get(object, key), missing);
}

static int
put_bytes(const char *bytes, size_t len, void *text)
{
    text_put(text, bytes, len);
    return 0;
}

void
json_put(struct text *t, const struct json *j)
{
    if (json_dump_callback(in(j), put_bytes, t, JSON_COMPACT | JSON_ENCODE_ANY) != 0)
        t->failed = true;
}

/* Bytes of the UTF-8 character at s; 0 if it is overlong, a surrogate or cut off. */
static size_t
utf8_length(const unsigned char *s)
{
    size_t n;

    if (s[0] < 0x80)
        return 1;
    if (s[0] < 0xC2 || s[0] > 0xF4)
        return 0;
    n = s[0] < 0xE0 ? 2 : s[0] < 0xF0 ? 3 : 4;
    for (size_t i = 1; i < n; i++) {
        if ((s[i] & 0xC0) != 0x80)
            return 0; /* the final NUL ends here too */
    }
    if ((s[0] == 0xE0 && s[1] < 0xA0) || (s[0] == 0xED && s[1] > 0x9F) ||
        (s[0] == 0xF0 && s[1] < 0x90) || (s[0] == 0xF4 && s[1] > 0x8F))
        return 0;
    return n;
}

/* Bytes that are not UTF-8 become U+FFFD: what is written is always valid JSON, which jansson would
 * refuse to write. */
void
json_put_string(struct text *t, const char *string)
{
    const unsigned char *s = (const unsigned char *)string;

    text_putc(t, '"');
    while (*s != '\0') {
        size_t n = utf8_length(s);

        if (*s == '"' || *s == '\\')
            text_printf(t, "\\%c", *s);
        else if (*s == '\n')
            text_puts(t, "\\n");
        else if (*s < 0x20 || *s == 0x7F)
            text_printf(t, "\\u%04x", *s);
        else if (n == 0)
            text_puts(t, "\xEF\xBF\xBD");
        else
            text_put(t, s, n);
        s += n > 0 ? n : 1;
    }
    text_putc(t, '"');
}
