/*
 * The media store: bytes under random names on a local disk. Knows no rows and no accounts; media.c
 * does. A key is "ab/cd/abcd….png": derived from a public id and an extension, so it can never
 * leave the root.
 */
#ifndef GEMPIX_COMMON_STORE_H
#define GEMPIX_COMMON_STORE_H

#include <stddef.h>
#include <stdint.h>

#include "common/ids.h"

struct err;
struct store;

#define STORE_KEY 64

/* Opens the directory (created 0750 if missing). 0, ST_IO or ST_NOMEM. store_close(*out). */
int store_open(const char *root, struct store **out, struct err *e);
void store_close(struct store *s);

/* Writes the key of an id into out. `extension` is one of png jpg webp mp4 bin. */
void store_key(const struct id *id, const char *extension, char out[STORE_KEY]);

/* Writes all bytes to a temporary file, syncs, renames. A second put of the same key replaces it. 0
 * or ST_IO. */
int store_put(struct store *s, const char *key, const void *data, size_t size, struct err *e);
/* Reads all into heap memory (free()) if not larger than max. 0, ST_NOTFOUND, ST_TOOBIG, ST_IO,
 * ST_NOMEM. */
int store_get(struct store *s, const char *key, size_t max, void **data, size_t *size,
              struct err *e);
/* Opens it for reading; close(*fd). 0, ST_NOTFOUND or ST_IO. */
int store_reader(struct store *s, const char *key, int *fd, struct err *e);
/* 0 also when the file is already gone; else ST_IO. */
int store_remove(struct store *s, const char *key, struct err *e);
/* The same, and whatever else bears its id: other extensions, what interrupted puts left behind. */
int store_purge(struct store *s, const char *key, struct err *e);
/* Its length in bytes. 0, ST_NOTFOUND or ST_IO. */
int store_size(struct store *s, const char *key, int64_t *size, struct err *e);
/* Calls each(arg, key) for every file (temporary leftovers included, as their name); stops at
 * nonzero. */
int store_walk(struct store *s, int (*each)(void *arg, const char *key), void *arg, struct err *e);

#endif
