/*
 * The pieces of a prompt as token ids, in chunks that each fill the text encoder: start, tokens,
 * end, padding.
 */
#ifndef GEMPIX_RENDER_PIPELINE_PROMPT_CHUNKS_H
#define GEMPIX_RENDER_PIPELINE_PROMPT_CHUNKS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct embedding;
struct err;
struct prompt_pieces;
struct tokenizer;

#define PROMPT_CHUNKS 16 /* at most */

/* The encoder that chunks are made for. */
struct prompt_target {
    const struct tokenizer *tokenizer;
    size_t length, width;               /* the encoder's positions and width */
    const struct embedding *embeddings; /* [embedding_count]; those of another width do not count */
    size_t embedding_count;
};

struct prompt_chunks {
    size_t count, length;  /* chunks, at least 1; tokens of each */
    int32_t *ids;          /* [count][length] */
    float *weights;        /* [count][length]; 1 for start, end and padding */
    const float **vectors; /* [count][length]: NULL, or what replaces the token's vector */
    bool *weighted;        /* [count]: a weight is not 1 */
};

/* 0; ST_INVALID when the text is no UTF-8, or too long; ST_NOMEM. prompt_chunks_release(out); a
 * zeroed struct is legal. */
int prompt_chunks_make(const struct prompt_pieces *pieces, const struct prompt_target *target,
                       struct prompt_chunks *out, struct err *e);
/* Appends chunks of no words until there are `count`, at most PROMPT_CHUNKS. */
void prompt_chunks_fill(struct prompt_chunks *chunks, const struct tokenizer *t, size_t count);
void prompt_chunks_release(struct prompt_chunks *chunks);

#endif
