/*
 * Jobs that are done one at a time, beside the batches: taking marks off, enlarging, films. For the
 * files of this folder.
 */
#ifndef GEMPIX_RENDER_DAEMON_RENDER_SOLO_H
#define GEMPIX_RENDER_DAEMON_RENDER_SOLO_H

#include <stdbool.h>
#include <stddef.h>

#include "common/job.h"

struct daemon;

bool render_is_solo(enum job_kind kind);
/* Does and settles the job; `which` is the open model, which films need. Nothing is left to do for
 * the caller but job_release. */
void render_solo(struct daemon *d, size_t which, const struct job *job);

#endif
