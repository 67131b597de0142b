/*
 * Element-wise functions. `count` elements; x and out may be the same.
 */
#ifndef GEMPIX_RENDER_ENGINE_ACT_H
#define GEMPIX_RENDER_ENGINE_ACT_H

#include <stddef.h>

struct engine;

enum act {
    ACT_NONE,
    ACT_SILU,
    ACT_RELU,
    ACT_GELU /* exact, by erf */,
    ACT_QUICK_GELU /* x sigmoid(1.702 x) */
};

void act_apply(struct engine *g, enum act kind, const float *x, float *out, size_t count);

/* out = a · gelu(b), in the calling thread. */
void act_geglu_row(const float *a, const float *b, float *out, size_t count);

/* out = limit · tanh(x / limit) */
void act_soft_clamp(struct engine *g, const float *x, float *out, size_t count, float limit);

/* out = a + b, then ReLU if asked. */
void act_add(struct engine *g, const float *a, const float *b, float *out, size_t count,
             enum act kind);

#endif
