/*
 * What tokenizer_load.c fills in and tokenizer.c reads. For these two files alone.
 */
#ifndef GEMPIX_RENDER_MODEL_TOKENIZER_TABLES_H
#define GEMPIX_RENDER_MODEL_TOKENIZER_TABLES_H

#include <stdbool.h>

#include "render/model/tokenizer.h"

#define TOKENIZER_SPECIALS 3

/* A token that is found in the text before it is cut into pieces. */
struct tokenizer_special {
    char text[64];
    int32_t id;
};

/* A slot of the hash table of merges. */
struct tokenizer_merge {
    int32_t left, right, result;
    int32_t rank; /* from 1; 0 = empty slot */
};

struct tokenizer {
    size_t size; /* largest id plus one */
    int32_t start, end, pad;
    int32_t bytes[2][256]; /* ids of single bytes; [1] with the end-of-word mark */
    struct tokenizer_special specials[TOKENIZER_SPECIALS];
    struct tokenizer_merge *merges;
    size_t merge_slots; /* a power of two */
};

static inline size_t
tokenizer_pair_hash(int32_t left, int32_t right)
{
    uint64_t x = (uint64_t)(uint32_t)left << 32 | (uint32_t)right;

    x *= UINT64_C(0x9E3779B97F4A7C15);
    return (size_t)(x >> 32);
}

#endif
