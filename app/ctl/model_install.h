/*
 * Installing a model: list, choose, licence, room, copy or fetch, manifest, test, and one rename at
 * the end. Until then everything lies in models.dir/.NAME.part, where a second call goes on.
 */
#ifndef GEMPIX_APP_CTL_MODEL_INSTALL_H
#define GEMPIX_APP_CTL_MODEL_INSTALL_H

#include <stdbool.h>

struct conf;
struct err;

struct model_install {
    const char *source;     /* see model_source_open */
    const char *name;       /* NULL = by the source */
    const char *file;       /* of a source with several single files; NULL = the only one */
    const char *tokenizer;  /* folder with vocab.json and merges.txt, for a single file */
    const char *prediction; /* NULL = as the source says, or epsilon */
    const char *licence;    /* NULL = as the source says */
    bool half;              /* weights of 16 bits where there are some */
    bool link;              /* refer to local files */
    bool accept;            /* the licence's terms */
    bool test;              /* by the engine */
};

/* Says on standard output what it does. 0; ST_INVALID, ST_NOTFOUND, ST_UNSUPPORTED (what is wrong
 * with the source), ST_DENIED (the licence was not accepted, or the hub says no), ST_CONFLICT (the
 * name is taken, or somebody else is at it), ST_TOOBIG (no room), ST_IO, ST_NOMEM. After ST_IO,
 * ST_LIMIT and ST_TOOBIG what has arrived is kept, and where only a word is missing. */
int model_install(const struct conf *conf, const struct model_install *how, struct err *e);

#endif
