/*
 * A process that can do nothing but compute, read its input and write its answer: Linux seccomp
 * with a short list of system calls, and limits on memory and time. A decoder that a hostile file
 * takes over finds no files, no network and no other process.
 */
#ifndef GEMPIX_RENDER_INTAKE_SANDBOX_H
#define GEMPIX_RENDER_INTAKE_SANDBOX_H

#include <stddef.h>

/* Closes every descriptor but 0 and 1, bounds memory and processor time, then forbids all other
 * system calls for good; one that comes nevertheless ends the process. 0, or an errno when the
 * system refuses: nothing may be decoded then. */
int sandbox_enter(size_t memory_bytes, unsigned seconds);

#endif
