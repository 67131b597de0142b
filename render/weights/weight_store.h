/*
 * The tensors of one part of a model ("unet", "vae", …) by their diffusers names, whatever files
 * they lie in: one file, a variant, shards with an index, or a part of a single file whose names
 * are translated. Tensors can be replaced in memory, which is how a LoRA is merged.
 */
#ifndef GEMPIX_RENDER_WEIGHTS_WEIGHT_STORE_H
#define GEMPIX_RENDER_WEIGHTS_WEIGHT_STORE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "render/engine/dtype.h"

struct err;
struct weight_store;

#define WEIGHT_NAME 256
#define WEIGHT_TARGETS 3

/* What a tensor of a file is in our names: itself, every `parts`-th of its rows, or its transpose
 * (two axes). */
struct weight_target {
    char name[WEIGHT_NAME];
    size_t part, parts; /* parts >= 1 */
    bool transposed;
};

/* How names are translated: fills `out` and returns how many; 0 = not of this part. */
struct weight_names {
    size_t (*translate)(const void *ctx, const char *name,
                        struct weight_target out[WEIGHT_TARGETS]);
    const void *ctx;
};

/* Opens folder/stem.safetensors, else folder/stem.safetensors.index.json with its shards, else the
   fp16 variant of either. 0, ST_IO, ST_INVALID, ST_NOMEM. weight_store_close(*out). */
int weight_store_open(const char *folder, const char *stem, struct weight_store **out,
                      struct err *e);
/* Opens one file; `names` NULL = as they stand. Errors as above. */
int weight_store_open_file(const char *path, const struct weight_names *names,
                           struct weight_store **out, struct err *e);
void weight_store_close(struct weight_store *s); /* NULL is legal */

bool weight_store_has(const struct weight_store *s, const char *name);
/* The sides of a tensor into shape[8], for networks that are recognised by them; the rank, 0 when
   there is no such tensor. Sides that do not fit are given as SIZE_MAX. */
size_t weight_store_shape(const struct weight_store *s, const char *name, size_t shape[8]);
/* All names, sorted. */
size_t weight_store_count(const struct weight_store *s);
const char *weight_store_name(const struct weight_store *s, size_t index);
/* Lets the system take back the memory of the mapped files; they are read again when they are used.
   NULL is legal. */
void weight_store_drop(const struct weight_store *s);

/* Whether no file was cut short since it was opened. 0 or ST_IO. NULL is legal. */
int weight_store_intact(const struct weight_store *s, struct err *e);

/* Bytes of all tensors together; 0 for NULL. */
uint64_t weight_store_bytes(const struct weight_store *s);

/* A tensor that must exist with this shape; ones at the end of a shape do not count, so [c, d, 1,
   1] fits [c, d]. Where the file holds floats at an aligned place, *mapped points there and lives
   as long as the store; otherwise it is NULL and weight_store_read fills memory. 0; ST_INVALID
   names the tensor, what is there and what was expected. */
int weight_store_look(const struct weight_store *s, const char *name, const size_t *shape,
                      size_t rank, const float **mapped, struct err *e);
/* The tensor as it lies in the file, in its number format, at any alignment; it lives as long as
   the store, or until the tensor is replaced. Errors as above. */
int weight_store_view(const struct weight_store *s, const char *name, const size_t *shape,
                      size_t rank, const void **data, enum dtype *kind, struct err *e);
/* The factors of the rows of a tensor of DTYPE_I8, one per row; NULL for any other. */
const float *weight_store_scales(const struct weight_store *s, const char *name);
/* The values as floats, row-major. To be called after weight_store_look said 0. 0 or ST_IO. */
int weight_store_read(const struct weight_store *s, const char *name, float *out, struct err *e);

/* From now on the tensor has these values, from malloc, which the store then owns. It must exist
   and be of as many elements. Networks that were loaded before keep what they had. */
void weight_store_replace(struct weight_store *s, const char *name, float *values);
/* The same with whole numbers and a factor for each row. */
void weight_store_replace_int8(struct weight_store *s, const char *name, int8_t *values,
                               float *scales);
/* The same with values in a number format of the files' (F32, F16, BF16; little-endian), which are
   copied to where the system can take the memory back (scratch.h). 0 or ST_NOMEM. */
int weight_store_replace_copy(struct weight_store *s, const char *name, const void *values,
                              enum dtype kind, struct err *e);
/* The format in which the file holds a tensor that exists. */
enum dtype weight_store_kind(const struct weight_store *s, const char *name);
/* Forgets all that was replaced. */
void weight_store_restore(struct weight_store *s);

#endif
