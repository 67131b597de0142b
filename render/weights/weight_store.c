/*
 * Weight files of a folder. Knows no network. Read next: render/model/layers.c.
 */
#include "render/weights/weight_store.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/err.h"
#include "common/json.h"
#include "render/weights/safetensors.h"

#define PATH_SIZE 4096
#define FILES_MAX 1000
#define INDEX_MAX ((size_t)64 << 20)

struct weight_store {
    struct safetensors **files;
    char **names; /* of the files, while the index is read */
    size_t count;
};

static int
join_path(char out[PATH_SIZE], const char *folder, const char *stem, const char *rest,
          struct err *e)
{
    int len = snprintf(out, PATH_SIZE, "%s/%s%s", folder, stem, rest);

    if (len < 0 || len >= PATH_SIZE)
        return err_setf(e, ST_INVALID, "The path of the model is too long.");
    return ST_OK;
}

/* Opens one more file unless it is open already. */
static int
add_file(struct weight_store *s, const char *folder, const char *name, struct err *e)
{
    char path[PATH_SIZE];
    int rc;

    for (size_t i = 0; i < s->count; i++) {
        if (strcmp(s->names[i], name) == 0)
            return ST_OK;
    }
    if (s->count == FILES_MAX)
        return err_setf(e, ST_INVALID, "The weight index names more than %d files.", FILES_MAX);
    if ((rc = join_path(path, folder, name, "", e)) != ST_OK)
        return rc;
    if ((s->names[s->count] = strdup(name)) == NULL)
        return err_set(e, ST_NOMEM, "Out of memory.", "weight store");
    s->count++;
    return safetensors_open(path, &s->files[s->count - 1], e);
}

static bool
plain_file_name(const char *name)
{
    return name[0] != '\0' && name[0] != '.' && strchr(name, '/') == NULL;
}

static int
open_shards(struct weight_store *s, const char *folder, const char *index, struct err *e)
{
    const struct json *map, *value;
    struct json *root = NULL;
    void *cursor = NULL;
    const char *key;
    int rc;

    if ((rc = json_parse_file(index, INDEX_MAX, 3, &root, e)) != ST_OK)
        goto out;
    map = json_get(root, "weight_map");
    if (json_kind(map) != JSON_KIND_OBJECT) {
        rc = err_setf(e, ST_INVALID, "The weight index %.120s has no weight_map.", index);
        goto out;
    }
    while (json_next(map, &cursor, &key, &value) == ST_OK) {
        const char *file = json_value_text(value, "");

        if (!plain_file_name(file)) {
            rc = err_setf(e, ST_INVALID,
                          "The weight index names a file that is no plain file name, for %.100s.",
                          key);
            goto out;
        }
        if ((rc = add_file(s, folder, file, e)) != ST_OK)
            goto out;
    }
out:
    json_free(root);
    return rc;
}

int
weight_store_open(const char *folder, const char *stem, struct weight_store **out, struct err *e)
{
    static const struct {
        const char *rest;
        bool index;
    } FORMS[] = {
        {".safetensors", false},
        {".safetensors.index.json", true},
        {".fp16.safetensors", false},
        {".safetensors.index.fp16.json", true},
    };
    struct weight_store *s = NULL;
    char path[PATH_SIZE];
    int rc;

    *out = NULL;
    if ((s = calloc(1, sizeof *s)) == NULL ||
        (s->files = calloc(FILES_MAX, sizeof *s->files)) == NULL ||
        (s->names = calloc(FILES_MAX, sizeof *s->names)) == NULL) {
        rc = err_set(e, ST_NOMEM, "Out of memory.", "weight store");
        goto out;
    }
    rc = err_setf(e, ST_IO, "The model has no weight file %.60s.safetensors in %.120s.", stem,
                  folder);
    for (size_t i = 0; i < sizeof FORMS / sizeof *FORMS; i++) {
        char name[PATH_SIZE];

        if (join_path(path, folder, stem, FORMS[i].rest, e) != ST_OK || access(path, F_OK) != 0)
            continue;
        (void)snprintf(name, sizeof name, "%s%s", stem, FORMS[i].rest);
        rc = FORMS[i].index ? open_shards(s, folder, path, e) : add_file(s, folder, name, e);
        break;
    }
    if (rc != ST_OK)
        goto out;
    *out = s;
    s = NULL; /* ownership moved to the caller */
out:
    weight_store_close(s);
    return rc;
}

void
weight_store_close(struct weight_store *s)
{
    if (s == NULL)
        return;
    for (size_t i = 0; i < s->count; i++) {
        safetensors_close(s->files[i]);
        free(s->names[i]);
    }
    free(s->files);
    free(s->names);
    free(s);
}

static const struct safetensor *
find(const struct weight_store *s, const char *name, const struct safetensors **file)
{
    for (size_t i = 0; i < s->count; i++) {
        const struct safetensor *t = safetensors_find(s->files[i], name);

        if (t != NULL) {
            *file = s->files[i];
            return t;
        }
    }
    return NULL;
}

bool
weight_store_has(const struct weight_store *s, const char *name)
{
    const struct safetensors *file;

    return find(s, name, &file) != NULL;
}

size_t
weight_store_shape(const struct weight_store *s, const char *name, size_t shape[8])
{
    const struct safetensors *file;
    const struct safetensor *t = find(s, name, &file);

    for (size_t i = 0; i < 8; i++)
        shape[i] = 1;
    for (size_t i = 0; t != NULL && i < t->rank && i < 8; i++)
        shape[i] = t->shape[i] < SIZE_MAX ? (size_t)t->shape[i] : SIZE_MAX;
    return t != NULL ? t->rank : 0;
}

void
weight_store_drop(const struct weight_store *s)
{
    for (size_t i = 0; i < s->count; i++)
        safetensors_drop(s->files[i]);
}

uint64_t
weight_store_bytes(const struct weight_store *s)
{
    uint64_t total = 0;

    for (size_t i = 0; i < s->count; i++) {
        for (size_t k = 0; k < safetensors_count(s->files[i]); k++) {
            const struct safetensor *t = safetensors_at(s->files[i], k);

            total += t->end - t->begin;
        }
    }
    return total;
}

/* "[64, 32, 3, 3]" */
static void
put_shape(char *out, size_t size, const uint64_t *shape, size_t rank)
{
    size_t at = (size_t)snprintf(out, size, "[");

    for (size_t i = 0; i < rank && at + 24 < size; i++)
        at += (size_t)snprintf(out + at, size - at, "%s%" PRIu64, i != 0 ? ", " : "", shape[i]);
    (void)snprintf(out + at, size - at, "]");
}

static bool
same_shape(const struct safetensor *t, const uint64_t *shape, size_t rank)
{
    size_t longer = t->rank > rank ? t->rank : rank;

    for (size_t i = 0; i < longer; i++) {
        if ((i < t->rank ? t->shape[i] : 1) != (i < rank ? shape[i] : 1))
            return false;
    }
    return true;
}

int
weight_store_view(const struct weight_store *s, const char *name, const size_t *shape, size_t rank,
                  const void **out, enum dtype *kind, struct err *e)
{
    const struct safetensors *file;
    const struct safetensor *t = find(s, name, &file);
    uint64_t want[SAFETENSORS_RANK] = {0};
    char wanted[120], found[120];

    *out = NULL;
    *kind = DTYPE_OTHER;
    for (size_t i = 0; i < rank && i < SAFETENSORS_RANK; i++)
        want[i] = shape[i];
    put_shape(wanted, sizeof wanted, want, rank);
    if (t == NULL)
        return err_setf(e, ST_INVALID,
                        "The model lacks the tensor %.110s, expected with shape %.60s.", name,
                        wanted);
    put_shape(found, sizeof found, t->shape, t->rank);
    if (!same_shape(t, want, rank))
        return err_setf(e, ST_INVALID, "The tensor %.90s has shape %.50s, expected %.50s.", name,
                        found, wanted);
    if (t->kind == DTYPE_OTHER)
        return err_setf(
            e, ST_UNSUPPORTED,
            "The tensor %.100s has the number format %s; F32, F16 and BF16 can be used.", name,
            t->format);
    *kind = t->kind;
    *out = safetensors_data(file, t, e);
    return *out != NULL ? ST_OK : ST_IO;
}

int
weight_store_look(const struct weight_store *s, const char *name, const size_t *shape, size_t rank,
                  const float **mapped, struct err *e)
{
    enum dtype kind;
    const void *data;
    int rc = weight_store_view(s, name, shape, rank, &data, &kind, e);

    *mapped = NULL;
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
    if (rc == ST_OK && kind == DTYPE_F32 && (uintptr_t)data % sizeof(float) == 0)
        *mapped = data;
#endif
    return rc;
}

int
weight_store_read(const struct weight_store *s, const char *name, float *out, struct err *e)
{
    const struct safetensors *file;
    const struct safetensor *t = find(s, name, &file);
    const void *data;
    size_t count = 1;

    if (t == NULL || t->kind == DTYPE_OTHER)
        return err_set(e, ST_INTERNAL, "The model could not be read.", "read before look: %s",
                       name);
    if ((data = safetensors_data(file, t, e)) == NULL)
        return ST_IO;
    for (unsigned i = 0; i < t->rank; i++)
        count *= (size_t)t->shape[i];
    dtype_convert(t->kind, data, out, count);
    return ST_OK;
}
