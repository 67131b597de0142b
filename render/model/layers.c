/*
 * Layers and their loading. Knows tensor names only as they are handed in. Read next: resnet.c,
 * transformer.c.
 */
#include "render/model/layers.h"

#include <stdio.h>
#include <string.h>

#include "common/arena.h"
#include "common/err.h"
#include "render/engine/gemm.h"
#include "render/engine/meter.h"
#include "render/engine/norm.h"
#include "render/weights/weight_store.h"

/* Appends what fits; a name that was cut is found in no file, and is reported as lacking. */
static size_t
append(char out[LAYER_NAME], size_t at, const char *s)
{
    size_t len = strnlen(s, LAYER_NAME - 1 - at);

    memcpy(out + at, s, len);
    out[at + len] = '\0';
    return at + len;
}

void
layer_name(char out[LAYER_NAME], const char *prefix, const char *suffix)
{
    size_t at = append(out, 0, prefix);

    if (prefix[0] != '\0' && suffix[0] != '\0')
        at = append(out, at, ".");
    (void)append(out, at, suffix);
}

void
layer_name_at(char out[LAYER_NAME], const char *prefix, const char *list, size_t index)
{
    char number[24];
    size_t at = append(out, 0, prefix);

    (void)snprintf(number, sizeof number, ".%zu", index);
    if (prefix[0] != '\0')
        at = append(out, at, ".");
    at = append(out, at, list);
    (void)append(out, at, number);
}

void *
loader_alloc(struct loader *l, size_t count, size_t size)
{
    void *p;

    if (l->rc != ST_OK)
        return NULL;
    if ((p = arena_calloc(l->arena, count, size)) == NULL)
        l->rc = err_set(l->e, ST_NOMEM, "Not enough memory for this model.", "loader");
    return p;
}

const float *
loader_tensor(struct loader *l, const char *name, const size_t *shape, size_t rank)
{
    const float *mapped;
    size_t count = 1;
    float *copy;

    if (l->rc != ST_OK)
        return NULL;
    if ((l->rc = weight_store_look(l->store, name, shape, rank, &mapped, l->e)) != ST_OK ||
        mapped != NULL)
        return mapped;
    for (size_t i = 0; i < rank; i++)
        count *= shape[i];
    if ((copy = loader_alloc(l, count, sizeof *copy)) == NULL)
        return NULL;
    l->rc = weight_store_read(l->store, name, copy, l->e);
    return l->rc == ST_OK ? copy : NULL;
}

void
loader_weight(struct loader *l, const char *name, const size_t *shape, size_t rank, size_t taps,
              struct weight *out)
{
    memset(out, 0, sizeof *out);
    if (l->rc != ST_OK)
        return;
    l->rc = weight_store_view(l->store, name, shape, rank, &out->data, &out->kind, l->e);
    out->scales = weight_store_scales(l->store, name);
    out->rows = shape[0];
    out->depth = 1;
    for (size_t i = 1; i < rank; i++)
        out->depth *= shape[i];
    out->taps = taps;
}

void
linear_load(struct loader *l, const char *prefix, const char *name, size_t in, size_t out,
            bool bias, struct linear *to)
{
    linear_load_side_by_side(l, prefix, &name, 1, in, out, bias, to);
}

void
linear_load_side_by_side(struct loader *l, const char *prefix, const char *const *names,
                         size_t count, size_t in, size_t out, bool bias, struct linear *to)
{
    const size_t shape[2] = {out, in};
    char layer[LAYER_NAME], name[LAYER_NAME];
    float *all = NULL;

    to->in = in;
    to->out = out * count;
    to->parts = count;
    if (bias)
        all = loader_alloc(l, count * out, sizeof *all);
    for (size_t i = 0; i < count && i < LINEAR_PARTS; i++) {
        const float *mapped;

        layer_name(layer, prefix, names[i]);
        layer_name(name, layer, "weight");
        loader_weight(l, name, shape, 2, 1, &to->w[i]);
        layer_name(name, layer, "bias");
        if (all != NULL && l->rc == ST_OK &&
            (l->rc = weight_store_look(l->store, name, shape, 1, &mapped, l->e)) == ST_OK)
            l->rc = weight_store_read(l->store, name, all + i * out, l->e);
    }
    to->b = all;
}

void
linear_run(struct engine *g, const struct linear *l, const float *x, size_t rows, float *y,
           const float *residual)
{
    linear_run_batch(g, l, x, 1, rows, y, residual);
}

void
linear_run_batch(struct engine *g, const struct linear *l, const float *x, size_t images,
                 size_t rows, float *y, const float *residual)
{
    struct gemm p = {.images = images,
                     .m = rows,
                     .a = x,
                     .lda = l->in,
                     .parts = l->w,
                     .count = l->parts,
                     .c = y,
                     .ldc = l->out,
                     .add = {.bias = l->b, .residual = residual, .ld_residual = l->out}};
    struct meter meter;

    meter = meter_begin(g, ENGINE_PRODUCT);
    gemm_run(g, &p);
    meter_end(g, &meter);
}

void
linear_run_gated(struct engine *g, const struct linear *l, const float *x, size_t images,
                 size_t rows, float *y)
{
    struct gemm p = {.images = images,
                     .m = rows,
                     .a = x,
                     .lda = l->in,
                     .parts = l->w,
                     .count = 1,
                     .c = y,
                     .ldc = l->out / 2,
                     .add = {.bias = l->b},
                     .gated = true};
    struct meter meter;

    meter = meter_begin(g, ENGINE_PRODUCT);
    gemm_run(g, &p);
    meter_end(g, &meter);
}

void
conv_load(struct loader *l, const char *prefix, const char *name, size_t in, size_t out,
          size_t kernel, bool bias, struct conv_layer *to)
{
    const size_t shape[4] = {out, in, kernel, kernel};
    char layer[LAYER_NAME], tensor[LAYER_NAME];

    memset(to, 0, sizeof *to);
    to->shape.kernel = kernel;
    to->shape.stride = 1;
    to->shape.before = to->shape.after = kernel / 2;
    to->in = in;
    to->out = out;
    layer_name(layer, prefix, name);
    if (bias) {
        layer_name(tensor, layer, "bias");
        to->b = loader_tensor(l, tensor, shape, 1);
    }
    layer_name(tensor, layer, "weight");
    loader_weight(l, tensor, shape, 4, kernel * kernel, &to->w);
}

static void
run_conv(struct engine *g, const struct conv_layer *l, const struct conv_shape *shape,
         const struct tensor *x, const struct gemm_add *add, struct tensor *out)
{
    struct meter meter = meter_begin(g, shape->kernel == 1 ? ENGINE_PRODUCT : ENGINE_CONV);

    conv(g, shape, x, &l->w, add, out);
    meter_end(g, &meter);
}

void
conv_run(struct engine *g, const struct conv_layer *l, const struct tensor *x, const float *bias,
         const float *residual, struct tensor *out)
{
    struct gemm_add add = {
        .bias = bias != NULL ? bias : l->b, .residual = residual, .ld_residual = l->out};

    add.rectify = l->rectify;
    add.slope = l->slope;
    run_conv(g, l, &l->shape, x, &add, out);
}

void
conv_run_each(struct engine *g, const struct conv_layer *l, const struct tensor *x,
              const float *bias, struct tensor *out)
{
    struct gemm_add add = {.bias = bias, .bias_rows = out->h * out->w};

    conv(g, &l->shape, x, &l->w, &add, out);
}

void
conv_run_grown(struct engine *g, const struct conv_layer *l, const struct tensor *x,
               struct tensor *out)
{
    struct gemm_add add = {.bias = l->b, .rectify = l->rectify, .slope = l->slope};
    struct conv_shape shape = l->shape;

    shape.grow_h = out->h;
    shape.grow_w = out->w;
    run_conv(g, l, &shape, x, &add, out);
}

void
norm_load(struct loader *l, const char *prefix, const char *name, size_t width, size_t groups,
          double eps, struct norm *to)
{
    char layer[LAYER_NAME], tensor[LAYER_NAME];

    to->width = width;
    to->groups = groups;
    to->eps = eps;
    layer_name(layer, prefix, name);
    if (l->rc == ST_OK && groups != 0 && width % groups != 0)
        l->rc =
            err_setf(l->e, ST_INVALID, "The %zu channels of %.120s cannot be cut into %zu groups.",
                     width, layer, groups);
    layer_name(tensor, layer, "weight");
    to->scale = loader_tensor(l, tensor, &width, 1);
    layer_name(tensor, layer, "bias");
    to->shift = loader_tensor(l, tensor, &width, 1);
}

void
norm_run(struct engine *g, const struct norm *l, const struct tensor *x, bool silu,
         struct tensor *out)
{
    norm_group(g, x, l->groups, l->eps, l->scale, l->shift, silu, out);
}

void
norm_run_rows(struct engine *g, const struct norm *l, const float *x, size_t rows, float *out)
{
    norm_layer(g, x, rows, l->width, l->eps, l->scale, l->shift, out);
}
