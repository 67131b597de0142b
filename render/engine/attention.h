/*
 * Scaled dot-product attention over heads that are contiguous slices of the width.
 */
#ifndef GEMPIX_RENDER_ENGINE_ATTENTION_H
#define GEMPIX_RENDER_ENGINE_ATTENTION_H

#include <stdbool.h>
#include <stddef.h>

struct engine;

struct attention {
    size_t n, heads, head_width; /* width D = heads · head_width */
    size_t queries, keys;        /* tokens per image */
    const float *q;              /* [n][queries][ldq], D used */
    const float *k, *v;          /* [n][keys][ldk], [n][keys][ldv] */
    float *out;                  /* [n][queries][ldo] */
    size_t ldq, ldk, ldv, ldo;
    bool causal; /* query i sees keys 0…i */
};

/* out = softmax(q kᵀ / √head_width) v per head. */
void attend(struct engine *g, const struct attention *a);

#endif
