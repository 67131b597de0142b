/*
 * One safetensors file, mapped read-only. Everything in it is treated as hostile: see the list in
 * docs/numerics.md.
 */
#ifndef GEMPIX_RENDER_WEIGHTS_SAFETENSORS_H
#define GEMPIX_RENDER_WEIGHTS_SAFETENSORS_H

#include <stddef.h>
#include <stdint.h>

#include "render/engine/dtype.h"

#define SAFETENSORS_RANK 8
#define SAFETENSORS_NAME 256

struct err;
struct safetensors;

/* A tensor of the file; strings and sizes live as long as the file is open. */
struct safetensor {
    const char *name;
    const char *format; /* "F16" */
    enum dtype kind;
    unsigned rank;
    uint64_t shape[SAFETENSORS_RANK];
    size_t begin, end; /* bytes in the data part */
};

/* 0; ST_IO (cannot be opened or read), ST_INVALID (breaks the format; the message says what),
   ST_NOMEM. safetensors_close(*out). */
int safetensors_open(const char *path, struct safetensors **out, struct err *e);
void safetensors_close(struct safetensors *s); /* NULL is legal */

size_t safetensors_count(const struct safetensors *s);
const struct safetensor *safetensors_at(const struct safetensors *s,
                                        size_t index); /* sorted by name */
const struct safetensor *safetensors_find(const struct safetensors *s,
                                          const char *name); /* NULL = none */

/* The tensor's bytes, any alignment. Looks again at the file's size, because a file that was cut
   short while mapped would kill the process. NULL and ST_IO in *e then. */
const void *safetensors_data(const struct safetensors *s, const struct safetensor *t,
                             struct err *e);

/* Whether the file still has the size it was opened with: a mapped file that was cut short would
   kill the process when it is read. 0 or ST_IO. */
int safetensors_intact(const struct safetensors *s, struct err *e);

/* Lets the system take back the memory of the mapped file; it is read again when it is used. */
void safetensors_drop(const struct safetensors *s);

#endif
