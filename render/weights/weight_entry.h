/*
 * What weight_open.c finds in the files and weight_store.c hands out. For these two alone.
 */
#ifndef GEMPIX_RENDER_WEIGHTS_WEIGHT_ENTRY_H
#define GEMPIX_RENDER_WEIGHTS_WEIGHT_ENTRY_H

#include "render/weights/safetensors.h"
#include "render/weights/weight_store.h"

struct arena;
struct scratch;

/* Where a tensor of ours lies: a run of rows of a tensor in a file, or memory. */
struct weight_entry {
    const char *name;
    const struct safetensors *file;
    const struct safetensor *tensor;
    size_t offset; /* bytes into it: the rows before are those of others */
    enum dtype kind;
    unsigned rank;
    uint64_t shape[SAFETENSORS_RANK];
    const void *turned;  /* transposed, in the arena; NULL = in the file */
    const float *scales; /* DTYPE_I8: [rows], in the arena */
    void *instead;       /* replaced by these, from malloc; NULL = not */
    float *instead_scales;
    enum dtype instead_kind;
    size_t instead_mapped; /* bytes, of the store's scratch file; 0 = from malloc */
};

struct weight_store {
    struct arena *arena; /* names, turned tensors, scales */
    struct safetensors **files;
    char **names; /* of the files, while an index is read */
    size_t count;
    struct weight_entry *entries; /* sorted by name */
    size_t entry_count;
    struct scratch *scratch; /* for what is replaced; NULL = not needed yet */
};

const struct weight_entry *weight_entry_find(const struct weight_store *s, const char *name);
/* Elements of a tensor whose shape the reader has checked. */
size_t weight_entry_size(const struct weight_entry *t);

#endif
