/*
 * Byte-level BPE as CLIP uses it: text to token ids by vocab.json and merges.txt.
 */
#ifndef GEMPIX_RENDER_MODEL_TOKENIZER_H
#define GEMPIX_RENDER_MODEL_TOKENIZER_H

#include <stddef.h>
#include <stdint.h>

struct err;
struct tokenizer;

/* Reads vocab.json, merges.txt, tokenizer_config.json and special_tokens_map.json of a folder. 0,
   ST_IO, ST_INVALID, ST_NOMEM. tokenizer_free(*out). */
int tokenizer_open(const char *folder, struct tokenizer **out, struct err *e);
/* The same with another padding token than the files name: one vocabulary serves several encoders,
   which differ in this alone. NULL = as the files say. */
int tokenizer_open_padded(const char *folder, const char *pad, struct tokenizer **out,
                          struct err *e);
void tokenizer_free(struct tokenizer *t); /* NULL is legal */

/* The largest id plus one. */
size_t tokenizer_size(const struct tokenizer *t);

/* Fills ids[capacity]: start, as many tokens of `text` as fit, end, padding. *used (may be NULL) =
   tokens that the whole text has, without start and end. capacity >= 2. 0; ST_INVALID if the text
   is not UTF-8; ST_NOMEM. */
int tokenizer_encode(const struct tokenizer *t, const char *text, size_t capacity, int32_t *ids,
                     size_t *used, struct err *e);

/* The tokens of `text` alone: as many as fit into ids[capacity]; *used = tokens that it has. Errors
 * as above. */
int tokenizer_words(const struct tokenizer *t, const char *text, size_t capacity, int32_t *ids,
                    size_t *used, struct err *e);

/* The ids that begin and end a sequence, and fill it up. */
struct tokenizer_marks {
    int32_t start, end, pad;
};
struct tokenizer_marks tokenizer_marks(const struct tokenizer *t);

#endif
