/*
 * Where a model comes from: a folder, a .safetensors file, or a hub that serves repositories of
 * files by HTTPS. All three look alike from outside: a list of files, and a way to get each. Read
 * next: model_install.c.
 */
#ifndef GEMPIX_APP_CTL_MODEL_SOURCE_H
#define GEMPIX_APP_CTL_MODEL_SOURCE_H

#include <stdbool.h>
#include <stdint.h>

#include "app/ctl/model_disk.h"
#include "app/ctl/model_files.h"

struct conf;
struct err;
struct text;

enum model_source_kind { SOURCE_FOLDER, SOURCE_SINGLE, SOURCE_HUB };

struct model_source {
    enum model_source_kind kind;
    char place[DISK_PATH]; /* absolute folder, or address of the hub without slash */
    char repository[200];  /* "owner/name" of a hub */
    char revision[65];     /* of a hub: the commit, once listed */
    char licence[65];      /* what the source says of its licence; "" = nothing */
    char label[512];       /* for the manifest and for people */
    char suggestion[65];   /* a name for the model */
    struct model_files files;
    struct fetch *fetch;     /* hub only */
    char authorization[300]; /* header; "" = none */
};

/* Understands `word`: a path, an address, or owner/name[@revision]; and lists what is there. 0,
 * ST_INVALID, ST_NOTFOUND, ST_DENIED, ST_UNSUPPORTED, ST_IO, ST_NOMEM. model_source_close(out) in
 * any case. */
int model_source_open(const struct conf *conf, const char *word, struct model_source *out,
                      struct err *e);
void model_source_close(struct model_source *s);

/* A small text of the source into *out. 0, ST_NOTFOUND, ST_TOOBIG, ST_IO. */
int model_source_text(struct model_source *s, const char *name, struct text *out, struct err *e);

struct model_get {
    const struct model_file *file;
    const char *to; /* path, its folder exists */
    bool link;      /* refer to a local file instead of copying it */
    void *ctx;
    int (*progress)(void *ctx, int64_t done, int64_t total);
};
/* Brings one file; fills size and digest. As fetch_file and disk_copy. */
int model_source_get(struct model_source *s, const struct model_get *get, struct fetch_done *done,
                     struct err *e);

#endif
