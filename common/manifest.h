/*
 * gempix-model.json, the file beside a model's weights: what the weights cannot tell about
 * themselves, and which files belong to the model. `gempixctl model install` writes it, the engine
 * may read it, docs/models.md describes it. Knows nothing of what the values mean.
 */
#ifndef GEMPIX_COMMON_MANIFEST_H
#define GEMPIX_COMMON_MANIFEST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct err;

#define MANIFEST_FILE "gempix-model.json"
#define MANIFEST_NAME 65 /* of a model, with NUL */
#define MANIFEST_PATH 256

struct manifest_file {
    char name[MANIFEST_PATH]; /* relative to the model's folder */
    int64_t size;             /* bytes */
    char sha256[65];          /* lower-case hex */
};

/* Every text may be empty, and every number 0: not said. */
struct manifest {
    char name[MANIFEST_NAME];
    char family[16];               /* sd1 sd2 sdxl sd */
    char variant[16];              /* inpaint edit lcm */
    char prediction[24];           /* epsilon v_prediction sample */
    char scheduler[64];            /* class name, as diffusers calls it */
    char tokenizer[MANIFEST_PATH]; /* folder with vocab.json and merges.txt, of a single file */
    char weights[MANIFEST_PATH];   /* the single file; "" = a folder in the diffusers layout */
    struct {
        char name[65];            /* "openrail++" */
        char file[MANIFEST_PATH]; /* its text */
        char accepted[21];        /* when the operator accepted it, ISO 8601 */
    } licence;
    struct {
        int64_t steps, width, height; /* sizes in pixels */
        double guidance;
        char sampler[32];
    } defaults;
    char source[512];      /* where it came from */
    char revision[65];     /* of the source */
    char installed_at[21]; /* ISO 8601 */
    struct manifest_file *files;
    size_t file_count;
};

/* Reads FOLDER/gempix-model.json. 0, ST_NOTFOUND (there is none), ST_INVALID (names the key),
 * ST_IO, ST_NOMEM. manifest_release(out) in any case. */
int manifest_read(const char *folder, struct manifest *out, struct err *e);
/* Writes it whole or not at all. 0, ST_IO or ST_NOMEM. */
int manifest_write(const char *folder, const struct manifest *m, struct err *e);
void manifest_release(struct manifest *m); /* a zeroed struct is legal */
/* Appends a file. 0, ST_INVALID (a name that is not safe) or ST_NOMEM. */
int manifest_add(struct manifest *m, const char *name, int64_t size, const char *sha256,
                 struct err *e);

/* May a file of this name lie in a model's folder? A relative path of plain parts: no "..", nothing
 * hidden, no backslash, no control character. */
bool manifest_is_safe(const char *name);
/* A model's name: small letters, digits, "-", "_" and "."; begins with a letter or digit. */
bool manifest_is_name(const char *name);

#endif
