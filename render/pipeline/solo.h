/*
 * A network that is a single weight file, with an engine of its own: upscalers, clean-up, the
 * safety checker. For the files of this folder.
 */
#ifndef GEMPIX_RENDER_PIPELINE_SOLO_H
#define GEMPIX_RENDER_PIPELINE_SOLO_H

#include "render/engine/engine.h"
#include "render/model/layers.h"

struct arena;
struct err;
struct weight_store;

struct solo {
    struct engine engine;
    struct arena *arena; /* weights that are not mapped */
    struct weight_store *store;
    size_t budget; /* bytes of workspace; 0 = any */
};

/* Opens the file NAME.safetensors, or where `path` is a folder the file that its manifest names, or
   folder/stem.safetensors, and readies a loader. `threads` 0 = one per core. 0, ST_IO, ST_INVALID, ST_NOMEM. */
int solo_open(const char *path, const char *stem, int threads, struct solo *out,
              struct loader *loader, struct err *e);
void solo_release(struct solo *s); /* zeroed struct is legal */

/* Plans run(ctx), then runs it, in an empty workspace. 0; ST_NOMEM before anything is computed;
   ST_INTERNAL when a layer gave NaN or Inf, with its name. */
int solo_run(struct solo *s, void (*run)(void *ctx, struct engine *g), void *ctx, struct err *e);

#endif
