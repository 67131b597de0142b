/*
 * Whether a picture shows what should not be shown, by the safety checker of Stable Diffusion
 * (render/model/safety.h). It judges; what follows from it is the caller's.
 */
#ifndef GEMPIX_RENDER_PIPELINE_SAFETY_CHECK_H
#define GEMPIX_RENDER_PIPELINE_SAFETY_CHECK_H

#include "render/model/safety.h"

struct err;
struct image;
struct safety_check;

/* The folder safety_checker of a model (config.json, model.safetensors), or a weight file alone.
   `threads` 0 = one per core. 0, ST_IO, ST_INVALID, ST_UNSUPPORTED, ST_NOMEM.
   safety_check_close(*out). */
int safety_check_open(const char *path, int threads, struct safety_check **out, struct err *e);
void safety_check_close(struct safety_check *s); /* NULL is legal */

/* Any size. 0, ST_INVALID (no picture), ST_NOMEM, ST_INTERNAL. */
int safety_check(struct safety_check *s, const struct image *image, struct safety_verdict *out,
                 struct err *e);

#endif
