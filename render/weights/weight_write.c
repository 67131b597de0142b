/*
 * Weight files as we write them. Knows no network. Read next: safetensors.h, which reads them.
 *
 * Data first goes behind room for the header, whose length is known when all tensors are written:
 * so each is converted once. The room is filled with spaces, which the format allows.
 */
#include "render/weights/weight_write.h"

#include <errno.h>
#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/err.h"
#include "common/json.h"
#include "common/text.h"
#include "render/weights/quantize.h"
#include "render/weights/weight_store.h"

#define ROOM 400 /* bytes of header for each tensor, at most: twice a name and some numbers */

struct writer {
    const struct weight_store *store;
    FILE *file;
    struct text header;
    size_t at;     /* bytes of data so far */
    float *values; /* of the present tensor */
    unsigned char *bytes;
    float *scales;
};

static void
put_little(unsigned char *to, uint64_t v, size_t bytes)
{
    for (size_t i = 0; i < bytes; i++)
        to[i] = (unsigned char)(v >> 8 * i);
}

/* A tensor's entry and its bytes. */
static int
put(struct writer *w, const char *name, const char *ending, const char *kind, const size_t *shape,
    size_t rank, const void *data, size_t size, struct err *e)
{
    char full[WEIGHT_NAME + 16];

    (void)snprintf(full, sizeof full, "%s%s", name, ending);
    text_puts(&w->header, w->at > 0 || w->header.len > 1 ? "," : "");
    json_put_string(&w->header, full);
    text_printf(&w->header, ":{\"dtype\":\"%s\",\"shape\":[", kind);
    for (size_t i = 0; i < rank; i++)
        text_printf(&w->header, "%s%zu", i > 0 ? "," : "", shape[i]);
    text_printf(&w->header, "],\"data_offsets\":[%zu,%zu]}", w->at, w->at + size);
    w->at += size;
    if (fwrite(data, 1, size, w->file) != size)
        return err_set(e, ST_IO, "A weight file cannot be written.", "%s", strerror(errno));
    return ST_OK;
}

static void
release_tensor(struct writer *w)
{
    free(w->values);
    free(w->bytes);
    free(w->scales);
    w->values = w->scales = NULL;
    w->bytes = NULL;
}

static int
not_finite(const char *name, struct err *e)
{
    return err_setf(e, ST_INVALID, "The tensor %.120s holds numbers that are not finite.", name);
}

static int
put_floats(struct writer *w, const char *name, const size_t *shape, size_t rank, size_t count,
           struct err *e)
{
    bool half = true;

    for (size_t i = 0; i < count; i++)
        half = half && fabsf(w->values[i]) <= DTYPE_HALF_MOST;
    for (size_t i = 0; i < count && !half; i++) {
        if (!isfinite(w->values[i]))
            return not_finite(name, e);
    }
    if (half)
        dtype_to_halves(w->values, w->bytes, count);
    for (size_t i = 0; i < count && !half; i++) {
        uint32_t bits;

        memcpy(&bits, &w->values[i], sizeof bits);
        put_little(w->bytes + 4 * i, bits, 4);
    }
    return put(w, name, "", half ? "F16" : "F32", shape, rank, w->bytes, (half ? 2 : 4) * count, e);
}

static int
put_tensor(struct writer *w, const char *name, bool int8, struct err *e)
{
    size_t shape[8], rank = weight_store_shape(w->store, name, shape), count = 1;
    const float *mapped;
    struct err why;
    int rc = weight_store_look(w->store, name, shape, rank, &mapped, &why);

    if (rc == ST_UNSUPPORTED)
        return ST_OK; /* position_ids and the like */
    if (rc != ST_OK) {
        *e = why;
        return rc;
    }
    for (size_t i = 0; i < rank; i++)
        count *= shape[i];
    w->values = calloc(count + 1, sizeof *w->values);
    w->bytes = calloc(count + 1, 4);
    w->scales = calloc(shape[0] + 1, sizeof *w->scales);
    if (w->values == NULL || w->bytes == NULL || w->scales == NULL)
        return err_set(e, ST_NOMEM, "Not enough memory for this model.", "weight file");
    if ((rc = weight_store_read(w->store, name, w->values, e)) != ST_OK)
        return rc;
    if (!int8 || !quantize_fits(name, shape, rank))
        return put_floats(w, name, shape, rank, count, e);
    if (!quantize_rows(w->values, shape[0], count / shape[0], (int8_t *)w->bytes, w->scales))
        return not_finite(name, e);
    if ((rc = put(w, name, "", "I8", shape, rank, w->bytes, count, e)) != ST_OK)
        return rc;
    for (size_t i = 0; i < shape[0]; i++) {
        uint32_t bits;

        memcpy(&bits, &w->scales[i], sizeof bits);
        put_little(w->bytes + 4 * i, bits, 4); /* a row has 32 values and more */
    }
    return put(w, name, ".scale", "F32", shape, 1, w->bytes, 4 * shape[0], e);
}

static bool
is_factor(const struct weight_store *s, const char *name)
{
    static const char END[] = ".scale";
    size_t len = strlen(name);
    char of[WEIGHT_NAME];

    if (len <= sizeof END || len >= WEIGHT_NAME || strcmp(name + len - (sizeof END - 1), END) != 0)
        return false;
    (void)snprintf(of, sizeof of, "%.*s", (int)(len - (sizeof END - 1)), name);
    return weight_store_scales(s, of) != NULL;
}

int
weight_write(const struct weight_store *s, bool int8, const char *path, struct err *e)
{
    size_t room = 2 + 2 * ROOM * weight_store_count(s);
    struct writer w = {.store = s};
    unsigned char length[8];
    int rc = ST_OK;

    room += -(room + 8) % 64; /* tensors begin at a round place */
    text_init(&w.header, room + 64);
    text_puts(&w.header, "{");
    if ((w.file = fopen(path, "we")) == NULL || fseek(w.file, (long)(8 + room), SEEK_SET) != 0) {
        rc = err_set(e, ST_IO, "A weight file cannot be written.", "%s: %s", path, strerror(errno));
        goto out;
    }
    for (size_t i = 0; i < weight_store_count(s) && rc == ST_OK; i++) {
        if (!is_factor(s, weight_store_name(s, i)))
            rc = put_tensor(&w, weight_store_name(s, i), int8, e);
        release_tensor(&w);
    }
    text_puts(&w.header, "}");
    while (w.header.len < room && !w.header.failed)
        text_puts(&w.header, " ");
    if (rc == ST_OK && w.header.failed)
        rc = err_set(e, ST_NOMEM, "Not enough memory for this model.", "header");
    put_little(length, room, 8);
    if (rc == ST_OK && (fseek(w.file, 0, SEEK_SET) != 0 || fwrite(length, 1, 8, w.file) != 8 ||
                        fwrite(w.header.data, 1, room, w.file) != room || fflush(w.file) != 0 ||
                        fsync(fileno(w.file)) != 0))
        rc = err_set(e, ST_IO, "A weight file cannot be written.", "%s: %s", path, strerror(errno));
out:
    if (w.file != NULL)
        (void)fclose(w.file);
    text_release(&w.header);
    return rc;
}
