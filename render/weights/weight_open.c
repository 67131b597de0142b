/*
 * Opening weight files: which there are, and where each of our tensors lies in them. Knows no
 * network. Read next: weight_store.c.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/arena.h"
#include "common/err.h"
#include "common/json.h"
#include "render/weights/scratch.h"
#include "render/weights/weight_entry.h"

#define PATH_SIZE 4096
#define FILES_MAX 1000
#define INDEX_MAX ((size_t)64 << 20)

static int
no_memory(struct err *e)
{
    return err_set(e, ST_NOMEM, "Not enough memory for this model.", "weight store");
}

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
        return no_memory(e);
    s->count++;
    return safetensors_open(path, &s->files[s->count - 1], e);
}

static bool
plain_file_name(const char *name)
{
    return name[0] != '\0' && name[0] != '.' && strchr(name, '/') == NULL;
}

static int
open_shards(struct weight_store *s, const char *folder, const char *index, struct json **root,
            struct err *e)
{
    const struct json *map, *value;
    void *cursor = NULL;
    const char *key;
    int rc;

    if ((rc = json_parse_file(index, INDEX_MAX, 3, root, e)) != ST_OK)
        return rc;
    map = json_get(*root, "weight_map");
    if (json_kind(map) != JSON_KIND_OBJECT) {
        return err_setf(e, ST_INVALID, "The weight index %.120s has no weight_map.", index);
    }
    while (json_next(map, &cursor, &key, &value) == ST_OK) {
        const char *file = json_value_text(value, "");

        if (!plain_file_name(file)) {
            return err_setf(e, ST_INVALID,
                            "The weight index names a file that is no plain file name, for %.100s.",
                            key);
        }
        if ((rc = add_file(s, folder, file, e)) != ST_OK)
            return rc;
    }
    return ST_OK;
}

/* What an index promises must be there. */
static int
check_index(const struct weight_store *s, const struct json *root, struct err *e)
{
    const struct json *map = json_get(root, "weight_map"), *value;
    void *cursor = NULL;
    const char *key;

    while (map != NULL && json_next(map, &cursor, &key, &value) == ST_OK) {
        if (!weight_store_has(s, key))
            return err_setf(e, ST_INVALID,
                            "The weight index says that %.60s holds the tensor %.100s, but it is "
                            "not there.",
                            json_value_text(value, ""), key);
    }
    return ST_OK;
}

static int
compare(const void *a, const void *b)
{
    return strcmp(((const struct weight_entry *)a)->name, ((const struct weight_entry *)b)->name);
}

/* The transpose of a tensor of two axes, in its number format. */
static int
turn(struct weight_store *s, struct weight_entry *t, struct err *e)
{
    size_t rows = (size_t)t->shape[0], columns = (size_t)t->shape[1];
    size_t bytes = t->kind == DTYPE_F32 ? 4 : 2;
    const unsigned char *from;
    unsigned char *to;

    if (t->rank != 2 || t->kind == DTYPE_OTHER || t->kind == DTYPE_I8)
        return err_setf(e, ST_INVALID, "The tensor %.120s must have two axes of F32, F16 or BF16.",
                        t->tensor->name);
    if ((from = safetensors_data(t->file, t->tensor, e)) == NULL)
        return ST_IO;
    if ((to = arena_alloc(s->arena, t->tensor->end - t->tensor->begin + 1)) == NULL)
        return no_memory(e);
    for (size_t r = 0; r < rows; r++) {
        for (size_t c = 0; c < columns; c++)
            memcpy(to + (c * rows + r) * bytes, from + (r * columns + c) * bytes, bytes);
    }
    t->shape[0] = columns;
    t->shape[1] = rows;
    t->turned = to;
    return ST_OK;
}

/* One tensor of a file under the name `target` gives it. */
static int
add_entry(struct weight_store *s, const struct safetensors *file, const struct safetensor *tensor,
          const struct weight_target *target, struct err *e)
{
    struct weight_entry *t = &s->entries[s->entry_count];

    *t = (struct weight_entry){
        .file = file, .tensor = tensor, .kind = tensor->kind, .rank = tensor->rank};
    memcpy(t->shape, tensor->shape, sizeof t->shape);
    if (target == NULL) {
        t->name = tensor->name;
    } else {
        if (target->parts > 1 && (t->rank == 0 || t->shape[0] % target->parts != 0))
            return err_setf(e, ST_INVALID, "The tensor %.120s cannot be split into %zu.",
                            tensor->name, target->parts);
        if (target->parts > 1)
            t->shape[0] /= target->parts;
        t->offset = (tensor->end - tensor->begin) / target->parts * target->part;
        if ((t->name = arena_strdup(s->arena, target->name)) == NULL)
            return no_memory(e);
        if (target->transposed) {
            int rc = turn(s, t, e);

            if (rc != ST_OK)
                return rc;
        }
    }
    s->entry_count++;
    return ST_OK;
}

static int
add_entries(struct weight_store *s, const struct safetensors *file,
            const struct weight_names *names, struct err *e)
{
    int rc = ST_OK;

    for (size_t i = 0; i < safetensors_count(file) && rc == ST_OK; i++) {
        const struct safetensor *tensor = safetensors_at(file, i);
        struct weight_target targets[WEIGHT_TARGETS];
        size_t count = 1;

        if (names != NULL)
            count = names->translate(names->ctx, tensor->name, targets);
        for (size_t k = 0; k < count && rc == ST_OK; k++)
            rc = add_entry(s, file, tensor, names != NULL ? &targets[k] : NULL, e);
    }
    return rc;
}

/* A tensor of whole numbers needs the factors of its rows beside it, in NAME.scale. */
static int
find_scales(struct weight_store *s, struct weight_entry *t, struct err *e)
{
    char name[SAFETENSORS_NAME + 8];
    const struct weight_entry *scale;
    const void *data;
    float *copy;

    (void)snprintf(name, sizeof name, "%s.scale", t->name);
    if ((scale = weight_entry_find(s, name)) == NULL || t->rank == 0)
        return ST_OK; /* an error when it is asked for */
    if (scale->kind != DTYPE_F32 || scale->rank != 1 || scale->shape[0] != t->shape[0])
        return err_setf(e, ST_INVALID, "The tensor %.120s must be F32 with one value for each row.",
                        name);
    if ((data = safetensors_data(scale->file, scale->tensor, e)) == NULL)
        return ST_IO;
    if ((copy = arena_calloc(s->arena, (size_t)t->shape[0] + 1, sizeof *copy)) == NULL)
        return no_memory(e);
    dtype_convert(DTYPE_F32, (const unsigned char *)data + scale->offset, copy,
                  (size_t)t->shape[0]);
    t->scales = copy;
    return ST_OK;
}

/* Makes the sorted list of all tensors of all files. */
static int
list(struct weight_store *s, const struct weight_names *names, struct err *e)
{
    size_t total = 0;
    int rc = ST_OK;

    for (size_t i = 0; i < s->count; i++)
        total += safetensors_count(s->files[i]);
    s->entries = calloc(total * (names != NULL ? WEIGHT_TARGETS : 1) + 1, sizeof *s->entries);
    if (s->entries == NULL)
        return no_memory(e);
    for (size_t i = 0; i < s->count && rc == ST_OK; i++)
        rc = add_entries(s, s->files[i], names, e);
    qsort(s->entries, s->entry_count, sizeof *s->entries, compare);
    for (size_t i = 1; i < s->entry_count && rc == ST_OK; i++) {
        if (compare(&s->entries[i - 1], &s->entries[i]) == 0)
            rc = err_setf(e, ST_INVALID, "The tensor %.120s occurs twice in the weight files.",
                          s->entries[i].name);
    }
    for (size_t i = 0; i < s->entry_count && rc == ST_OK; i++) {
        if (s->entries[i].kind == DTYPE_I8)
            rc = find_scales(s, &s->entries[i], e);
    }
    return rc;
}

static int
new_store(struct weight_store **out, struct err *e)
{
    struct weight_store *s = calloc(1, sizeof *s);

    *out = s;
    if (s == NULL || (s->arena = arena_new(SIZE_MAX / 2)) == NULL ||
        (s->files = calloc(FILES_MAX, sizeof *s->files)) == NULL ||
        (s->names = calloc(FILES_MAX, sizeof *s->names)) == NULL)
        return no_memory(e);
    return ST_OK;
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
    struct json *index = NULL;
    char path[PATH_SIZE], name[PATH_SIZE];
    bool found = false;
    int rc;

    *out = NULL;
    if ((rc = new_store(&s, e)) != ST_OK)
        goto out;
    for (size_t i = 0; i < sizeof FORMS / sizeof *FORMS; i++) {
        if (join_path(path, folder, stem, FORMS[i].rest, e) != ST_OK || access(path, F_OK) != 0)
            continue;
        (void)snprintf(name, sizeof name, "%s%s", stem, FORMS[i].rest);
        found = true;
        rc =
            FORMS[i].index ? open_shards(s, folder, path, &index, e) : add_file(s, folder, name, e);
        break;
    }
    if (!found)
        rc = err_setf(e, ST_IO, "The model has no weight file %.60s.safetensors in %.120s.", stem,
                      folder);
    if (rc != ST_OK || (rc = list(s, NULL, e)) != ST_OK || (rc = check_index(s, index, e)) != ST_OK)
        goto out;
    *out = s;
    s = NULL; /* ownership moved to the caller */
out:
    json_free(index);
    weight_store_close(s);
    return rc;
}

int
weight_store_open_file(const char *path, const struct weight_names *names,
                       struct weight_store **out, struct err *e)
{
    struct weight_store *s = NULL;
    int rc;

    *out = NULL;
    if ((rc = new_store(&s, e)) != ST_OK)
        goto out;
    s->count = 1;
    if ((rc = safetensors_open(path, &s->files[0], e)) != ST_OK ||
        (rc = list(s, names, e)) != ST_OK)
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
    weight_store_restore(s);
    scratch_free(s->scratch);
    for (size_t i = 0; i < s->count && s->files != NULL; i++) {
        safetensors_close(s->files[i]);
        free(s->names[i]);
    }
    free(s->files);
    free(s->names);
    free(s->entries);
    arena_free(s->arena);
    free(s);
}
