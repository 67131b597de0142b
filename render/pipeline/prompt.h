/*
 * A prompt as the U-Net wants it: one vector per token, and for models with two encoders one of the
 * whole text. Markup, chunks, textual inversions, clip skip and the cache are seen to here.
 *
 * A text needs as many chunks of 75 tokens as it has; what goes through the U-Net together must
 * have the same number, so the others are filled up with chunks of the empty prompt. They are seen
 * by the attention: members of a batch whose chunks differ would not get what they get alone.
 */
#ifndef GEMPIX_RENDER_PIPELINE_PROMPT_H
#define GEMPIX_RENDER_PIPELINE_PROMPT_H

#include <stdbool.h>
#include <stddef.h>

struct err;
struct pipeline;

struct prompt_ask {
    const char *text; /* UTF-8 */
    size_t clip_skip; /* layers left out, beyond those that this model always leaves out */
    size_t chunks;    /* at least prompt_chunks_of the text */
    bool negative;    /* some models want zeros for an empty one */
};

/* Floats per token, tokens per chunk, floats of the pooled vector (0 = the model takes none). */
size_t prompt_width(const struct pipeline *p);
size_t prompt_tokens(const struct pipeline *p);
size_t prompt_pooled(const struct pipeline *p);
/* The largest clip_skip. */
size_t prompt_skip_most(const struct pipeline *p);

/* How many chunks a text needs. 0; ST_INVALID (no UTF-8, too long) or ST_NOMEM. */
int prompt_chunks_of(const struct pipeline *p, const char *text, size_t *chunks, struct err *e);

/* context [chunks · prompt_tokens][prompt_width] and pooled [prompt_pooled], NULL if that is 0,
   both given. Plans like the kernels: without touching them. Errors as above. */
int prompt_encode(struct pipeline *p, const struct prompt_ask *ask, float *context, float *pooled,
                  struct err *e);

#endif
