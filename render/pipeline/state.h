/*
 * A picture that is half made, as bytes: enough to go on elsewhere and end with the same picture.
 * For the files of this folder; others treat the bytes as opaque.
 *
 * All numbers little-endian: 16 bytes of magic and version, SHA-256 of what the picture is made
 * from, SHA-256 of all that follows, then u32 step, u32 arrays, u64 count, and `arrays` times
 * `count` floats: the latent, and what the sampler remembers.
 */
#ifndef GEMPIX_RENDER_PIPELINE_STATE_H
#define GEMPIX_RENDER_PIPELINE_STATE_H

#include <stddef.h>

struct member;
struct run;

/* The member's state after `step`, from its tensors. Heap memory; NULL without memory. */
void *state_write(const struct run *r, const struct member *m, size_t step, size_t *size);

/* Fills the member's tensors and first step from params->resume. 0; ST_INVALID when the bytes are
   damaged or belong to another picture or version: then nothing has been changed. */
int state_read(const struct run *r, struct member *m);

#endif
