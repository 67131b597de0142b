/*
 * A textual inversion: a word that stands for vectors which were learned for one text encoder.
 */
#ifndef GEMPIX_RENDER_WEIGHTS_EMBEDDING_H
#define GEMPIX_RENDER_WEIGHTS_EMBEDDING_H

#include <stddef.h>

struct arena;
struct err;

#define EMBEDDING_FILE 2     /* of one file, at most: one per text encoder */
#define EMBEDDING_VECTORS 75 /* of one word, at most */

struct embedding {
    char token[64];      /* how a prompt names it */
    size_t count, width; /* vectors; width of the encoder they are for */
    const float *values; /* [count][width] */
};

/* Reads a safetensors file that holds "emb_params" [k, D], or "clip_l" and "clip_g" for SDXL (the
   word is then the file's name without its ending), or one tensor [k, D] that is called like the
   word. [D] is one vector. `*count` embeddings, whose values are the arena's. 0, ST_IO, ST_NOMEM,
   ST_INVALID, ST_UNSUPPORTED (names the tensor). */
int embedding_read(const char *path, struct arena *arena, struct embedding out[EMBEDDING_FILE],
                   size_t *count, struct err *e);

#endif
