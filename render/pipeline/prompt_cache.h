/*
 * The vectors of the prompts that were used last. Most pictures share the empty negative prompt,
 * and people try one prompt with many seeds.
 */
#ifndef GEMPIX_RENDER_PIPELINE_PROMPT_CACHE_H
#define GEMPIX_RENDER_PIPELINE_PROMPT_CACHE_H

#include <stddef.h>

struct prompt_cache;

/* At most `entries` prompts in `bytes` bytes. NULL when out of memory. */
struct prompt_cache *prompt_cache_new(size_t entries, size_t bytes);
void prompt_cache_free(struct prompt_cache *c); /* NULL is legal */
/* Forgets everything: the encoders or embeddings have changed. NULL is legal. */
void prompt_cache_clear(struct prompt_cache *c);

/* The values of (text, skip), or NULL; valid until the next call. */
const float *prompt_cache_find(struct prompt_cache *c, const char *text, size_t skip);
/* Keeps a copy of values[count], in place of what was not used for the longest time. What does not
 * fit, or finds no memory, is not kept, which is no failure. `c` may be NULL here and above. */
void prompt_cache_keep(struct prompt_cache *c, const char *text, size_t skip, const float *values,
                       size_t count);

#endif
