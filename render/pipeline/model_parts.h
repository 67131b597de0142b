/*
 * Opening a model's files: a diffusers folder, a folder with a manifest that names a single file,
 * or such a file itself. What follows sees no difference: one store of tensors and one
 * configuration per part, all in the words of diffusers. docs/models.md describes the manifest.
 * Knows no network.
 */
#ifndef GEMPIX_RENDER_PIPELINE_MODEL_PARTS_H
#define GEMPIX_RENDER_PIPELINE_MODEL_PARTS_H

#include <stdbool.h>

#include "common/manifest.h"

struct err;
struct json;
struct weight_store;

#define MODEL_PATH 4096

enum model_part { MODEL_TEXT, MODEL_TEXT_2, MODEL_UNET, MODEL_VAE, MODEL_PARTS };

/* FAMILY_OTHER: the same layout in other sizes. */
enum model_family { FAMILY_SD1, FAMILY_SD2, FAMILY_SDXL, FAMILY_OTHER };

struct model_parts {
    enum model_family family;
    bool inpaint, edit, lcm;       /* 9 channels into the U-Net, 8, a guidance embedding */
    bool single;                   /* one file: its parts have a mapping each, of the same pages */
    bool zeros_for_empty;          /* SDXL: an empty negative prompt is a vector of zeros */
    char name[MANIFEST_NAME];      /* of the manifest, else of the folder or file */
    char folder[MODEL_PATH];       /* where it lies */
    char tokenizer[2][MODEL_PATH]; /* folders; "" = there is none */
    const char *pad[2];            /* the padding token of each; NULL = what its folder says */
    struct manifest manifest;      /* zeroed if there is none */
    struct weight_store *stores[MODEL_PARTS]; /* NULL: the model has no such part */
    struct json *configs[MODEL_PARTS];
    struct json *scheduler;
};

/* 0; ST_IO, ST_NOMEM; ST_INVALID (names file, key or tensor); ST_UNSUPPORTED (names what it is).
   model_parts_close(*out). */
int model_parts_open(const char *path, struct model_parts **out, struct err *e);
void model_parts_close(struct model_parts *m); /* NULL is legal */

/* "sd1", as in a manifest. */
const char *model_family_name(enum model_family family);

#endif
