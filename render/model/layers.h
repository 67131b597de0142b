/*
 * The layers that all networks are made of: linear, convolution, norms. Loading is sticky: a loader
 * remembers its first failure and every later call does nothing, so that a network is loaded by a
 * plain list of calls and one test at the end.
 */
#ifndef GEMPIX_RENDER_MODEL_LAYERS_H
#define GEMPIX_RENDER_MODEL_LAYERS_H

#include <stdbool.h>
#include <stddef.h>

#include "render/engine/conv.h"
#include "render/engine/engine.h"
#include "render/engine/weight.h"

struct arena;
struct err;
struct weight_store;

#define LAYER_NAME 160

struct loader {
    const struct weight_store *store;
    struct arena *arena; /* owns the weights that could not be mapped, and the lists of layers */
    struct err *e;
    int rc; /* the first failure, or 0 */
};

/* "prefix.suffix" into out; `suffix` may be empty. */
void layer_name(char out[LAYER_NAME], const char *prefix, const char *suffix);
/* "prefix.format" with one number. */
void layer_name_at(char out[LAYER_NAME], const char *prefix, const char *list, size_t index);

/* Zeroed memory of the loader's arena; NULL and a sticky ST_NOMEM. */
void *loader_alloc(struct loader *l, size_t count, size_t size);
/* The values of tensor `name` as floats, NULL on failure. For vectors and small tables. */
const float *loader_tensor(struct loader *l, const char *name, const size_t *shape, size_t rank);
/* Tensor `name` as it lies in the file; `out` is zeroed on failure. Rows are the first axis; `taps`
 * as in struct weight. */
void loader_weight(struct loader *l, const char *name, const size_t *shape, size_t rank,
                   size_t taps, struct weight *out);

#define LINEAR_PARTS 3

struct linear {
    struct weight w[LINEAR_PARTS]; /* [out / parts][in] each, side by side */
    size_t parts;
    const float *b; /* [out] or NULL */
    size_t in, out; /* 0 = not loaded */
};

/* Loads prefix.name.weight (and .bias). */
void linear_load(struct loader *l, const char *prefix, const char *name, size_t in, size_t out,
                 bool bias, struct linear *to);
/* Several linear layers of one input as one, outputs side by side in the order of `names`. */
void linear_load_side_by_side(struct loader *l, const char *prefix, const char *const *names,
                              size_t count, size_t in, size_t out, bool bias, struct linear *to);
/* y[rows][out] = x[rows][in] Wᵀ + b (+ residual, which may be y). */
void linear_run(struct engine *g, const struct linear *l, const float *x, size_t rows, float *y,
                const float *residual);
/* The same for a batch of `images` with `rows` rows each: no image's result depends on how many
 * others there are. */
void linear_run_batch(struct engine *g, const struct linear *l, const float *x, size_t images,
                      size_t rows, float *y, const float *residual);
/* y[images · rows][out / 2] = value · gelu(gate), where x Wᵀ + b = [value | gate]. */
void linear_run_gated(struct engine *g, const struct linear *l, const float *x, size_t images,
                      size_t rows, float *y);

struct conv_layer {
    struct conv_shape shape;
    struct weight w;
    const float *b; /* [out] or NULL */
    size_t in, out; /* 0 = not loaded */
    bool rectify;   /* ReLU (or leaky, with a slope) after it; the network sets it */
    float slope;
};

/* Loads prefix.name.weight [out, in, k, k] and, if `bias`, .bias. Stride 1, zeros around so that
 * sizes are kept. */
void conv_load(struct loader *l, const char *prefix, const char *name, size_t in, size_t out,
               size_t kernel, bool bias, struct conv_layer *to);
/* out->data given. `bias` replaces the layer's own if not NULL (shared by all pixels); residual as
 * in linear_run. */
void conv_run(struct engine *g, const struct conv_layer *l, const struct tensor *x,
              const float *bias, const float *residual, struct tensor *out);
/* The same with a bias for each image: [x->n][out]. */
void conv_run_each(struct engine *g, const struct conv_layer *l, const struct tensor *x,
                   const float *bias, struct tensor *out);
/* The same on x enlarged to out's size. */
void conv_run_grown(struct engine *g, const struct conv_layer *l, const struct tensor *x,
                    struct tensor *out);

struct norm {
    const float *scale, *shift; /* [width] */
    size_t width, groups;       /* groups 0 = LayerNorm */
    double eps;
};

void norm_load(struct loader *l, const char *prefix, const char *name, size_t width, size_t groups,
               double eps, struct norm *to);
/* GroupNorm, then SiLU if asked. */
void norm_run(struct engine *g, const struct norm *l, const struct tensor *x, bool silu,
              struct tensor *out);
/* LayerNorm over rows. */
void norm_run_rows(struct engine *g, const struct norm *l, const float *x, size_t rows, float *out);

#endif
