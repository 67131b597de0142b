/*
 * LoRAs: W' = W + m · (alpha / rank) · up · down, for matrices and convolutions. Merged in float
 * into the stores of a model before its networks are loaded; several add up. Names are those of
 * kohya's scripts (over ours or the original U-Net's) and of diffusers, new and old.
 */
#ifndef GEMPIX_RENDER_WEIGHTS_LORA_H
#define GEMPIX_RENDER_WEIGHTS_LORA_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct arena;
struct err;
struct weight_store;

enum lora_part { LORA_TEXT, LORA_TEXT_2, LORA_UNET, LORA_PARTS };

/* Merges the file with strength m = weight. stores[i] NULL = the model has no such part. A touched
   tensor is replaced (weight_store_replace): to undo, weight_store_restore. 0; ST_IO, ST_NOMEM;
   ST_INVALID: a module that the model does not have, or a shape that does not fit it;
   ST_UNSUPPORTED: another kind of adapter, by name. After a failure some tensors may be merged. */
int lora_merge(const char *path, double weight, struct weight_store *const stores[LORA_PARTS],
               struct err *e);

struct lora_info {
    size_t modules, rank; /* of the largest */
    bool text;            /* the text encoder is among them */
    uint64_t bytes;
};
/* What can be said of a file without a model: every module has both its parts, they fit each other,
   and all numbers are finite. Errors as above. */
int lora_check(const char *path, struct lora_info *out, struct err *e);

/* Every spelling of every module of a model, for lora.c. */
struct lora_names;
struct lora_module {
    enum lora_part part;
    const char *tensor; /* "….weight", of the store */
};
/* NULL = out of memory. All memory is the arena's; the stores must stay open. */
struct lora_names *lora_names_new(struct arena *arena,
                                  struct weight_store *const stores[LORA_PARTS]);
/* False: no module, or more than one, is spelled so. */
bool lora_names_find(const struct lora_names *names, const char *spelling, struct lora_module *out);

#endif
