/*
 * Folders and files for installing models: making, copying, removing, room on the disk. Knows
 * nothing of models.
 */
#ifndef GEMPIX_APP_CTL_MODEL_DISK_H
#define GEMPIX_APP_CTL_MODEL_DISK_H

#include <stdbool.h>
#include <stdint.h>

#include "common/fetch.h"

struct err;

#define DISK_PATH 4200

/* FOLDER/NAME into out. 0 or ST_INVALID (too long). */
int disk_join(char out[DISK_PATH], const char *folder, const char *name, struct err *e);
/* The folder and those above it, 0755. 0 or ST_IO. */
int disk_folder(const char *path, struct err *e);
/* The folders above a file. */
int disk_folder_of(const char *path, struct err *e);
/* Removes a file or a folder with all that is in it; follows no links. Gone already is 0. */
int disk_remove(const char *path, struct err *e);
/* Copies a file and digests it on the way; the copy is on disk after 0. ST_IO or ST_TOOBIG (full).
 */
int disk_copy(const char *from, const char *to, char sha256[FETCH_SHA256], int64_t *size,
              struct err *e);
/* Refers to `from`, an absolute path, instead of copying: a second name for the same file where
 * that is possible, else a symbolic link. */
int disk_link(const char *from, const char *to, struct err *e);
/* Is there room for `need` bytes, and some more, where `folder` is? 0, ST_TOOBIG or ST_IO. */
int disk_room(const char *folder, int64_t need, struct err *e);
/* Makes a rename or a new entry in this folder last. */
int disk_sync(const char *folder, struct err *e);
/* Takes the only right to work on this path, for as long as the process lives or until close(*fd).
 * 0, ST_CONFLICT or ST_IO. */
int disk_lock(const char *path, int *fd, struct err *e);
/* Calls each(ctx, relative name, size) for every plain file below, links to files included; stops
 * at nonzero. At most eight folders deep. */
int disk_walk(const char *folder, int (*each)(void *ctx, const char *name, int64_t size), void *ctx,
              struct err *e);

#endif
