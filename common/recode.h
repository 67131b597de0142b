/*
 * A picture that somebody sent, made anew by gempix-convert in its sandbox: what comes back is a
 * WebP of its colours, and nothing else of the file (no EXIF, no position, no words, no tricks).
 * For pictures that people look at; those of the studio go through the render daemon's intake.
 */
#ifndef GEMPIX_COMMON_RECODE_H
#define GEMPIX_COMMON_RECODE_H

#include <stddef.h>

struct conf;
struct err;

#define RECODE_EXTENSION "webp"
/* Pixels of the largest picture: the program shares the worker's memory. */
#define RECODE_PIXELS 12000000

/* PNG, JPEG or WebP by content; free(*out). 0; ST_INVALID (no picture, broken, or too large, in a
 * sentence for whoever sent it); ST_INTERNAL (the program cannot be started); ST_NOMEM. */
int recode_picture(const struct conf *conf, const void *data, size_t size, void **out,
                   size_t *out_size, struct err *e);

#endif
