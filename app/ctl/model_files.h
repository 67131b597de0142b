/*
 * Which files of a model are needed: configurations, tokenizers, safetensors, the licence; never a
 * pickle, which runs code when it is opened. Pure: works on a list of names. Read next:
 * model_source.h.
 */
#ifndef GEMPIX_APP_CTL_MODEL_FILES_H
#define GEMPIX_APP_CTL_MODEL_FILES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct err;
struct json;

struct model_file {
    char name[256];  /* relative path; manifest_is_safe */
    int64_t size;    /* bytes; -1 = unknown */
    char sha256[65]; /* "" = unknown */
    bool wanted;
};

struct model_files {
    struct model_file *list;
    size_t count;
};

/* Appends a name; names that are not safe are an error when they could be wanted. 0, ST_INVALID,
 * ST_TOOBIG or ST_NOMEM. */
int model_files_add(struct model_files *f, const char *name, int64_t size, const char *sha256,
                    struct err *e);
void model_files_release(struct model_files *f);
/* NULL = none. */
struct model_file *model_files_find(const struct model_files *f, const char *name);

/* Is it a Python pickle by its name (.bin .ckpt .pt .pth .pkl)? */
bool model_files_is_pickle(const char *name);

/* Marks what a folder in the diffusers layout needs. `index` is its model_index.json; `half`
 * prefers weights of 16 bits. 0; ST_UNSUPPORTED (a part that the engine does not know, weights as
 * pickles only); ST_INVALID (a part without weights). */
int model_files_pick_folder(struct model_files *f, const struct json *index, bool half,
                            struct err *e);
/* Marks one file in the single-file layout: `name`, or where that is NULL the only one there is.
 * *picked points to it. 0, ST_INVALID or ST_UNSUPPORTED. */
int model_files_pick_single(struct model_files *f, const char *name,
                            const struct model_file **picked, struct err *e);
/* The licence's text among the files, or NULL. */
const struct model_file *model_files_licence(const struct model_files *f);

#endif
