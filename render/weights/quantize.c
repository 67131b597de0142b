/*
 * Rounding weights to 8 bits. Knows names only to leave some tensors alone. Read next:
 * render/engine/weight.c, which turns them into floats again.
 */
#include "render/weights/quantize.h"

#include <stdlib.h>
#include <string.h>

#include "common/err.h"
#include "render/weights/weight_store.h"

#define DEPTH_MIN 32
#define MOST 127.0F
#define LEAST 1e-30F         /* smaller rows are zeros */
#define INFINITE 0x7f800000U /* bits of infinity */
#define ROUNDER 12582912.0F  /* 1.5 · 2²³: what is added to it is rounded to a whole number */

/* The bits of the largest magnitude; those of NaN and of infinity are above all others. */
static uint32_t
largest_bits(const float *row, size_t depth)
{
    int32_t largest = 0;

    for (size_t i = 0; i < depth; i++) {
        int32_t bits;

        memcpy(&bits, &row[i], sizeof bits);
        bits &= INT32_MAX;
        largest = bits > largest ? bits : largest;
    }
    return (uint32_t)largest;
}

bool
quantize_rows(const float *w, size_t rows, size_t depth, int8_t *restrict out, float *scales)
{
    for (size_t r = 0; r < rows; r++) {
        const float *row = w + r * depth;
        uint32_t bits = largest_bits(row, depth);
        float largest, back;

        memcpy(&largest, &bits, sizeof largest);
        if (bits >= INFINITE)
            return false;
        scales[r] = largest >= LEAST ? largest / MOST : 0.0F;
        back = largest >= LEAST ? MOST / largest : 0.0F;
        for (size_t i = 0; i < depth; i++)
            out[r * depth + i] = (int8_t)(int32_t)((row[i] * back + ROUNDER) - ROUNDER);
    }
    return true;
}

bool
quantize_fits(const char *name, const size_t shape[8], size_t rank)
{
    static const char *const ALONE[] = {"conv_in.", "conv_out.", "embedding", "text_projection",
                                        "quant_conv"};
    static const char END[] = ".weight";
    size_t len = strlen(name), depth = 1;

    if (rank < 2 || len < sizeof END || strcmp(name + len - (sizeof END - 1), END) != 0)
        return false;
    for (size_t i = 0; i < sizeof ALONE / sizeof *ALONE; i++) {
        if (strstr(name, ALONE[i]) != NULL)
            return false;
    }
    for (size_t i = 1; i < rank; i++)
        depth *= shape[i];
    return depth >= DEPTH_MIN;
}

static int
replace(struct weight_store *s, const char *name, const size_t shape[8], size_t rank, struct err *e)
{
    size_t depth = 1;
    float *w = NULL, *scales = NULL;
    const float *mapped;
    int8_t *out = NULL;
    int rc = weight_store_look(s, name, shape, rank, &mapped, e);

    if (rc != ST_OK)
        return rc;
    for (size_t i = 1; i < rank; i++)
        depth *= shape[i];
    if ((w = malloc((shape[0] * depth + 1) * sizeof *w)) == NULL ||
        (out = malloc(shape[0] * depth + 1)) == NULL ||
        (scales = calloc(shape[0] + 1, sizeof *scales)) == NULL) {
        rc = err_set(e, ST_NOMEM, "Not enough memory for this model.", "quantize");
        goto out;
    }
    if ((rc = weight_store_read(s, name, w, e)) != ST_OK)
        goto out;
    if (!quantize_rows(w, shape[0], depth, out, scales)) {
        rc = err_setf(e, ST_INVALID, "The tensor %.120s holds numbers that are not finite.", name);
        goto out;
    }
    weight_store_replace_int8(s, name, out, scales);
    out = NULL; /* ownership moved to the store */
    scales = NULL;
out:
    free(w);
    free(out);
    free(scales);
    return rc;
}

int
quantize_store(struct weight_store *s, struct err *e)
{
    int rc = ST_OK;

    for (size_t i = 0; i < weight_store_count(s) && rc == ST_OK; i++) {
        const char *name = weight_store_name(s, i);
        size_t shape[8], rank = weight_store_shape(s, name, shape);

        if (quantize_fits(name, shape, rank) && weight_store_scales(s, name) == NULL)
            rc = replace(s, name, shape, rank, e);
    }
    return rc;
}
