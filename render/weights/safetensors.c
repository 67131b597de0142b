/*
 * The safetensors reader. Knows nothing of models. Read next: weight_store.c.
 *
 * The file says where its tensors lie; nothing it says is believed before it is compared with the
 * size of the file.
 */
#include "render/weights/safetensors.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/err.h"
#include "common/json.h"

#define HEADER_MAX UINT64_C(100000000)
#define DEPTH 3 /* object, entry, array */

struct safetensors {
    int fd;
    size_t size; /* of the file */
    const unsigned char *map;
    size_t data; /* where the data part begins */
    struct json *header;
    struct safetensor *tensors;
    size_t count;
    char path[160]; /* the end of it, for messages */
};

static int
broken(const struct safetensors *s, struct err *e, const char *what, const char *name)
{
    return err_setf(e, ST_INVALID, "The weight file %s is not a valid safetensors file: %s%s%.60s.",
                    s->path, what, name[0] != '\0' ? " in " : "", name);
}

/* The last part of a long path. */
static void
keep_path(struct safetensors *s, const char *path)
{
    size_t len = strlen(path);

    if (len >= sizeof s->path)
        path += len - (sizeof s->path - 1);
    memcpy(s->path, path, strlen(path) + 1);
}

static int
map_file(struct safetensors *s, const char *path, struct err *e)
{
    struct stat st;
    void *map;

    s->fd = open(path, O_RDONLY | O_CLOEXEC);
    if (s->fd < 0)
        return err_set(e, ST_IO, "A weight file of the model cannot be opened.", "%s: %s", path,
                       strerror(errno));
    if (fstat(s->fd, &st) != 0 || !S_ISREG(st.st_mode))
        return err_set(e, ST_IO, "A weight file of the model cannot be read.",
                       "%s: not a plain file", path);
    if (st.st_size < 8)
        return broken(s, e, "it is shorter than its header", "");
    s->size = (size_t)st.st_size;
    map = mmap(NULL, s->size, PROT_READ, MAP_PRIVATE, s->fd, 0);
    if (map == MAP_FAILED)
        return err_set(e, ST_IO, "A weight file of the model cannot be mapped.", "%s: %s", path,
                       strerror(errno));
    s->map = map;
    return ST_OK;
}

/* A JSON integer that is not negative; false otherwise. */
static bool
whole(const struct json *j, uint64_t *out)
{
    int64_t v = json_value_int(j, -1);

    if (json_kind(j) != JSON_KIND_INT || v < 0)
        return false;
    *out = (uint64_t)v;
    return true;
}

static bool
good_name(const char *name)
{
    size_t len = strlen(name);

    if (len == 0 || len > SAFETENSORS_NAME)
        return false;
    for (size_t i = 0; i < len; i++) {
        if ((unsigned char)name[i] < 0x20 || name[i] == 0x7f)
            return false;
    }
    return true;
}

/* Reads shape and works out the number of bytes it stands for. */
static const char *
read_shape(const struct json *shape, unsigned bits, struct safetensor *t, uint64_t *bytes)
{
    uint64_t product = 1;

    if (json_kind(shape) != JSON_KIND_ARRAY)
        return "no shape";
    if (json_size(shape) > SAFETENSORS_RANK)
        return "too many dimensions";
    t->rank = (unsigned)json_size(shape);
    for (unsigned i = 0; i < t->rank; i++) {
        if (!whole(json_at(shape, i), &t->shape[i]))
            return "a dimension that is no whole number";
        if (__builtin_mul_overflow(product, t->shape[i], &product))
            return "a shape that is too large";
    }
    if (__builtin_mul_overflow(product, (uint64_t)bits, &product))
        return "a shape that is too large";
    if (product % 8 != 0)
        return "a size that is no whole number of bytes";
    *bytes = product / 8;
    return NULL;
}

/* One entry of the header. NULL, or what is wrong with it. */
static const char *
read_entry(const struct json *entry, size_t data_size, struct safetensor *t)
{
    const struct json *offsets = json_get(entry, "data_offsets");
    uint64_t begin, end, bytes;
    const char *wrong;
    unsigned bits;

    if (!good_name(t->name))
        return "a bad tensor name";
    if (json_kind(entry) != JSON_KIND_OBJECT)
        return "an entry that is no object";
    if (json_size(entry) != 3 || json_kind(json_get(entry, "dtype")) != JSON_KIND_STRING)
        return "an entry without exactly dtype, shape and data_offsets";
    t->format = json_text(entry, "dtype", "");
    if ((bits = dtype_bits(t->format, &t->kind)) == 0)
        return "an unknown dtype";
    if ((wrong = read_shape(json_get(entry, "shape"), bits, t, &bytes)) != NULL)
        return wrong;
    if (json_kind(offsets) != JSON_KIND_ARRAY || json_size(offsets) != 2 ||
        !whole(json_at(offsets, 0), &begin) || !whole(json_at(offsets, 1), &end))
        return "bad data_offsets";
    if (begin > end || end > data_size)
        return "data_offsets outside the file";
    if (end - begin != bytes)
        return "data_offsets that do not fit the shape";
    t->begin = (size_t)begin;
    t->end = (size_t)end;
    return NULL;
}

static bool
good_metadata(const struct json *metadata)
{
    const struct json *value;
    void *cursor = NULL;
    const char *key;

    if (json_kind(metadata) != JSON_KIND_OBJECT)
        return false;
    while (json_next(metadata, &cursor, &key, &value) == ST_OK) {
        if (json_kind(value) != JSON_KIND_STRING)
            return false;
    }
    return true;
}

static int
by_place(const void *a, const void *b)
{
    const struct safetensor *x = a, *y = b;

    if (x->begin != y->begin)
        return x->begin < y->begin ? -1 : 1;
    return x->end < y->end ? -1 : x->end > y->end;
}

static int
by_name(const void *a, const void *b)
{
    return strcmp(((const struct safetensor *)a)->name, ((const struct safetensor *)b)->name);
}

static int
read_entries(struct safetensors *s, struct err *e)
{
    size_t data_size = s->size - s->data, at = 0;
    const struct json *value;
    void *cursor = NULL;
    const char *key, *wrong;

    s->tensors = calloc(json_size(s->header) + 1, sizeof *s->tensors);
    if (s->tensors == NULL)
        return err_set(e, ST_NOMEM, "Out of memory.", "weight file header");
    while (json_next(s->header, &cursor, &key, &value) == ST_OK) {
        struct safetensor *t = &s->tensors[s->count];

        if (strcmp(key, "__metadata__") == 0) {
            if (!good_metadata(value))
                return broken(s, e, "__metadata__ is not made of strings", "");
            continue;
        }
        t->name = key;
        if ((wrong = read_entry(value, data_size, t)) != NULL)
            return broken(s, e, wrong, good_name(key) ? key : "");
        s->count++;
    }
    qsort(s->tensors, s->count, sizeof *s->tensors, by_place);
    for (size_t i = 0; i < s->count; i++) {
        if (s->tensors[i].begin != at)
            return broken(s, e, s->tensors[i].begin > at ? "a gap before" : "an overlap",
                          s->tensors[i].name);
        at = s->tensors[i].end;
    }
    if (at != data_size)
        return broken(s, e, "bytes after the last tensor", "");
    qsort(s->tensors, s->count, sizeof *s->tensors, by_name);
    return ST_OK;
}

static int
read_header(struct safetensors *s, struct err *e)
{
    uint64_t size = 0;
    struct err inner;

    for (int i = 7; i >= 0; i--)
        size = size << 8 | s->map[i];
    if (size > HEADER_MAX || size > s->size - 8)
        return broken(s, e, "a header longer than the file or than 100 MB", "");
    if (size == 0 || s->map[8] != '{')
        return broken(s, e, "a header that does not begin with {", "");
    s->data = 8 + (size_t)size;
    if (json_parse((const char *)s->map + 8, (size_t)size, DEPTH, &s->header, &inner) != ST_OK) {
        if (inner.code == ST_NOMEM)
            return err_set(e, ST_NOMEM, "Out of memory.", "weight file header");
        return broken(s, e, "its header is not strict JSON", "");
    }
    if (json_kind(s->header) != JSON_KIND_OBJECT)
        return broken(s, e, "its header is no object", "");
    return read_entries(s, e);
}

int
safetensors_open(const char *path, struct safetensors **out, struct err *e)
{
    struct safetensors *s;
    int rc;

    *out = NULL;
    if ((s = calloc(1, sizeof *s)) == NULL)
        return err_set(e, ST_NOMEM, "Out of memory.", "weight file");
    s->fd = -1;
    keep_path(s, path);
    if ((rc = map_file(s, path, e)) != ST_OK || (rc = read_header(s, e)) != ST_OK)
        goto out;
    *out = s;
    s = NULL; /* ownership moved to the caller */
out:
    safetensors_close(s);
    return rc;
}

void
safetensors_close(struct safetensors *s)
{
    if (s == NULL)
        return;
    json_free(s->header);
    free(s->tensors);
    if (s->map != NULL)
        munmap((void *)(uintptr_t)s->map, s->size);
    if (s->fd >= 0)
        close(s->fd);
    free(s);
}

void
safetensors_drop(const struct safetensors *s)
{
    (void)madvise((void *)(uintptr_t)s->map, s->size, MADV_DONTNEED);
}

size_t
safetensors_count(const struct safetensors *s)
{
    return s->count;
}

const struct safetensor *
safetensors_at(const struct safetensors *s, size_t index)
{
    return &s->tensors[index];
}

const struct safetensor *
safetensors_find(const struct safetensors *s, const char *name)
{
    struct safetensor key = {.name = name};

    if (s->count == 0)
        return NULL;
    return bsearch(&key, s->tensors, s->count, sizeof key, by_name);
}

int
safetensors_intact(const struct safetensors *s, struct err *e)
{
    struct stat st;

    if (fstat(s->fd, &st) != 0 || st.st_size < 0 || (size_t)st.st_size < s->size)
        return err_set(e, ST_IO, "A weight file of the model was cut short while in use.", "%s",
                       s->path);
    return ST_OK;
}

const void *
safetensors_data(const struct safetensors *s, const struct safetensor *t, struct err *e)
{
    if (safetensors_intact(s, e) != ST_OK)
        return NULL;
    return s->map + s->data + t->begin;
}
