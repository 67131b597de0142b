/*
 * Standard input and output of the programs in the sandbox, with no more than read and write.
 */
#ifndef GEMPIX_RENDER_INTAKE_PUMP_H
#define GEMPIX_RENDER_INTAKE_PUMP_H

#include <stddef.h>

/* Writes all of it to descriptor 1. EXIT_SUCCESS or EXIT_FAILURE. */
int pump_put(const void *data, size_t size);
/* All of descriptor 0, at most `max` bytes, in heap memory (free()); *size becomes max + 1 when
 * there are more. NULL when there is no memory. */
char *pump_take(size_t max, size_t *size);

#endif
