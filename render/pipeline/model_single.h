/*
 * A model in a single file: what it is, and the configurations that a diffusers folder would have.
 * For model_parts.c.
 */
#ifndef GEMPIX_RENDER_PIPELINE_MODEL_SINGLE_H
#define GEMPIX_RENDER_PIPELINE_MODEL_SINGLE_H

struct err;
struct model_parts;

/* Opens m->stores and m->configs from the file; m->folder and m->manifest are given. A
   configuration PART/config.json beside the file is taken instead of the one that is worked out.
   Errors as in model_parts.h. */
int model_single_open(struct model_parts *m, const char *path, struct err *e);

#endif
