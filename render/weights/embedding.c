/*
 * Reading textual inversions. Knows no prompts. Read next: render/pipeline/prompt_chunks.c.
 */
#include "render/weights/embedding.h"

#include <math.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include "common/arena.h"
#include "common/err.h"
#include "render/weights/safetensors.h"

#define WIDTH_MAX 65536

/* Tensors that do not carry the word as their name. */
static const char *const PLAIN[] = {"emb_params", "clip_l", "clip_g"};

static bool
is_plain(const char *name)
{
    for (size_t i = 0; i < sizeof PLAIN / sizeof *PLAIN; i++) {
        if (strcmp(name, PLAIN[i]) == 0)
            return true;
    }
    return false;
}

/* The word: the tensor's name, or the file's without folder and ending. */
static int
name_it(const char *path, const char *tensor, struct embedding *out, struct err *e)
{
    const char *from = tensor, *slash = strrchr(path, '/'), *dot;
    size_t len = strlen(tensor);

    if (is_plain(tensor)) {
        from = slash != NULL ? slash + 1 : path;
        dot = strrchr(from, '.');
        len = dot != NULL && dot != from ? (size_t)(dot - from) : strlen(from);
    }
    if (len == 0 || len >= sizeof out->token)
        return err_setf(e, ST_INVALID,
                        "The textual inversion %.120s needs a word of 1 to %zu bytes.", from,
                        sizeof out->token - 1);
    memcpy(out->token, from, len);
    out->token[len] = '\0';
    return ST_OK;
}

static int
read_one(const struct safetensors *file, const struct safetensor *t, struct arena *arena,
         struct embedding *out, struct err *e)
{
    uint64_t rows = t->rank == 2 ? t->shape[0] : 1;
    const void *data;
    float *values;

    if (t->rank < 1 || t->rank > 2 || rows == 0 || rows > EMBEDDING_VECTORS ||
        t->shape[t->rank - 1] == 0 || t->shape[t->rank - 1] > WIDTH_MAX)
        return err_setf(e, ST_INVALID,
                        "The textual inversion's tensor %.100s must have a shape [1 to %d, width].",
                        t->name, EMBEDDING_VECTORS);
    if (t->kind == DTYPE_OTHER || t->kind == DTYPE_I8)
        return err_setf(e, ST_UNSUPPORTED,
                        "The tensor %.100s has the number format %s; F32, F16 and BF16 can be "
                        "used.",
                        t->name, t->format);
    out->count = (size_t)rows;
    out->width = (size_t)t->shape[t->rank - 1];
    if ((data = safetensors_data(file, t, e)) == NULL)
        return ST_IO;
    if ((values = arena_calloc(arena, out->count * out->width, sizeof *values)) == NULL)
        return err_set(e, ST_NOMEM, "Not enough memory for this model.", "embedding");
    dtype_convert(t->kind, data, values, out->count * out->width);
    for (size_t i = 0; i < out->count * out->width; i++) {
        if (!isfinite(values[i]))
            return err_setf(e, ST_INVALID,
                            "The textual inversion's tensor %.100s holds numbers that are not "
                            "finite.",
                            t->name);
    }
    out->values = values;
    return ST_OK;
}

int
embedding_read(const char *path, struct arena *arena, struct embedding out[EMBEDDING_FILE],
               size_t *count, struct err *e)
{
    struct safetensors *file = NULL;
    int rc;

    *count = 0;
    memset(out, 0, EMBEDDING_FILE * sizeof *out);
    if ((rc = safetensors_open(path, &file, e)) != ST_OK)
        goto out;
    if (safetensors_count(file) == 0 || safetensors_count(file) > EMBEDDING_FILE ||
        (safetensors_count(file) == 2 &&
         (safetensors_find(file, "clip_l") == NULL || safetensors_find(file, "clip_g") == NULL))) {
        rc = err_setf(e, ST_UNSUPPORTED,
                      "%.120s is no textual inversion: it must hold emb_params, or clip_l and "
                      "clip_g, or one tensor called like its word.",
                      path);
        goto out;
    }
    for (size_t i = 0; i < safetensors_count(file) && rc == ST_OK; i++) {
        const struct safetensor *t = safetensors_at(file, i);

        if ((rc = name_it(path, t->name, &out[i], e)) == ST_OK)
            rc = read_one(file, t, arena, &out[i], e);
    }
    if (rc == ST_OK)
        *count = safetensors_count(file);
out:
    safetensors_close(file);
    return rc;
}
