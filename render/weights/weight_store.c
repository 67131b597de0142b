/*
 * Tensors by name. Knows no network. Read next: render/model/layers.c.
 */
#include "render/weights/weight_store.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/err.h"
#include "render/weights/scratch.h"
#include "render/weights/weight_entry.h"

static int
by_name(const void *key, const void *entry)
{
    return strcmp(key, ((const struct weight_entry *)entry)->name);
}

const struct weight_entry *
weight_entry_find(const struct weight_store *s, const char *name)
{
    if (s->entry_count == 0)
        return NULL;
    return bsearch(name, s->entries, s->entry_count, sizeof *s->entries, by_name);
}

size_t
weight_entry_size(const struct weight_entry *t)
{
    size_t count = 1;

    for (unsigned i = 0; i < t->rank; i++)
        count *= (size_t)t->shape[i];
    return count;
}

/* The tensor's bytes, and in which format they are; NULL and *e. */
static const void *
data_of(const struct weight_entry *t, enum dtype *kind, struct err *e)
{
    const unsigned char *data;

    *kind = t->instead != NULL ? t->instead_kind : t->kind;
    if (t->instead != NULL)
        return t->instead;
    if (t->turned != NULL)
        return t->turned;
    data = safetensors_data(t->file, t->tensor, e);
    return data != NULL ? data + t->offset : NULL;
}

static const float *
scales_of(const struct weight_entry *t)
{
    return t->instead != NULL ? t->instead_scales : t->scales;
}

bool
weight_store_has(const struct weight_store *s, const char *name)
{
    return weight_entry_find(s, name) != NULL;
}

size_t
weight_store_shape(const struct weight_store *s, const char *name, size_t shape[8])
{
    const struct weight_entry *t = weight_entry_find(s, name);

    for (size_t i = 0; i < 8; i++)
        shape[i] = 1;
    for (size_t i = 0; t != NULL && i < t->rank; i++)
        shape[i] = t->shape[i] < SIZE_MAX ? (size_t)t->shape[i] : SIZE_MAX;
    return t != NULL ? t->rank : 0;
}

size_t
weight_store_count(const struct weight_store *s)
{
    return s->entry_count;
}

const char *
weight_store_name(const struct weight_store *s, size_t index)
{
    return s->entries[index].name;
}

const float *
weight_store_scales(const struct weight_store *s, const char *name)
{
    const struct weight_entry *t = weight_entry_find(s, name);

    return t != NULL ? scales_of(t) : NULL;
}

static void
forget(struct weight_entry *t)
{
    if (t->instead_mapped > 0)
        scratch_forget(t->instead, t->instead_mapped);
    else
        free(t->instead);
    free(t->instead_scales);
    t->instead_mapped = 0;
    t->instead = NULL;
    t->instead_scales = NULL;
}

static void
replace(struct weight_store *s, const char *name, void *values, enum dtype kind, float *scales)
{
    struct weight_entry *t = (struct weight_entry *)(uintptr_t)weight_entry_find(s, name);

    forget(t);
    t->instead = values;
    t->instead_kind = kind;
    t->instead_scales = scales;
}

void
weight_store_replace(struct weight_store *s, const char *name, float *values)
{
    replace(s, name, values, DTYPE_F32, NULL);
}

void
weight_store_replace_int8(struct weight_store *s, const char *name, int8_t *values, float *scales)
{
    replace(s, name, values, DTYPE_I8, scales);
}

int
weight_store_replace_copy(struct weight_store *s, const char *name, const void *values,
                          enum dtype kind, struct err *e)
{
    struct weight_entry *t = (struct weight_entry *)(uintptr_t)weight_entry_find(s, name);
    size_t size = weight_entry_size(t) * (kind == DTYPE_F32 ? 4 : 2), mapped;
    void *copy;

    if (s->scratch == NULL)
        s->scratch = scratch_new();
    if ((copy = scratch_keep(s->scratch, values, size, &mapped)) == NULL)
        return err_set(e, ST_NOMEM, "Not enough memory for this model.", "%s", name);
    replace(s, name, copy, kind, NULL);
    t->instead_mapped = mapped;
    return ST_OK;
}

enum dtype
weight_store_kind(const struct weight_store *s, const char *name)
{
    return weight_entry_find(s, name)->kind;
}

void
weight_store_restore(struct weight_store *s)
{
    for (size_t i = 0; i < s->entry_count; i++)
        forget(&s->entries[i]);
}

void
weight_store_drop(const struct weight_store *s)
{
    for (size_t i = 0; s != NULL && i < s->count; i++)
        safetensors_drop(s->files[i]);
    for (size_t i = 0; s != NULL && s->scratch != NULL && i < s->entry_count; i++) {
        if (s->entries[i].instead_mapped > 0)
            scratch_drop(s->entries[i].instead, s->entries[i].instead_mapped);
    }
}

int
weight_store_intact(const struct weight_store *s, struct err *e)
{
    for (size_t i = 0; s != NULL && i < s->count; i++) {
        if (safetensors_intact(s->files[i], e) != ST_OK)
            return ST_IO;
    }
    return ST_OK;
}

uint64_t
weight_store_bytes(const struct weight_store *s)
{
    uint64_t total = 0;

    for (size_t i = 0; s != NULL && i < s->entry_count; i++) {
        const struct weight_entry *t = &s->entries[i];
        uint64_t rows = t->shape[0], all = t->tensor->shape[0];

        /* A part of the rows of a tensor counts as that part. */
        total += t->turned == NULL && t->rank > 0 && rows < all
                     ? (t->tensor->end - t->tensor->begin) / all * rows
                     : t->tensor->end - t->tensor->begin;
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
same_shape(const struct weight_entry *t, const uint64_t *shape, size_t rank)
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
    const struct weight_entry *t = weight_entry_find(s, name);
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
            t->tensor->format);
    if (t->kind == DTYPE_I8 && t->scales == NULL)
        return err_setf(e, ST_UNSUPPORTED,
                        "The tensor %.90s holds whole numbers, and %.90s.scale is missing.", name,
                        name);
    *out = data_of(t, kind, e);
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
    const struct weight_entry *t = weight_entry_find(s, name);
    const float *scales;
    const void *data;
    enum dtype kind;
    size_t count, depth;

    if (t == NULL || t->kind == DTYPE_OTHER)
        return err_set(e, ST_INTERNAL, "The model could not be read.", "read before look: %s",
                       name);
    if ((data = data_of(t, &kind, e)) == NULL)
        return ST_IO;
    count = weight_entry_size(t);
    dtype_convert(kind, data, out, count);
    scales = kind == DTYPE_I8 ? scales_of(t) : NULL;
    depth = scales != NULL && t->shape[0] > 0 ? count / (size_t)t->shape[0] : count;
    for (size_t i = 0; i < count && scales != NULL; i++)
        out[i] *= scales[i / depth];
    return ST_OK;
}
