/*
 * Memory for changed weights: parts of a file without a name in $TMPDIR (/var/tmp), mapped, so that
 * the system can take the pages back and read them again, as it can with the model's own files.
 * Where there is no room for such a file it is plain memory.
 */
#ifndef GEMPIX_RENDER_WEIGHTS_SCRATCH_H
#define GEMPIX_RENDER_WEIGHTS_SCRATCH_H

#include <stddef.h>

struct scratch;

/* NULL = there can be no file; scratch_keep takes that. */
struct scratch *scratch_new(void);
void scratch_free(struct scratch *s); /* what was kept stays; NULL is legal */

/* A copy of the bytes. *mapped: for scratch_forget and scratch_drop; 0 = it is from malloc. NULL =
 * out of memory. */
void *scratch_keep(struct scratch *s, const void *data, size_t size, size_t *mapped);
void scratch_forget(void *copy, size_t mapped);
/* The pages are not needed for a while. */
void scratch_drop(void *copy, size_t mapped);

#endif
