/*
 * Starting a program of ours beside this one: with two descriptors, no environment, and all signals
 * as they are by default. Knows no protocol. Used by helper.c and recode.c.
 */
#ifndef GEMPIX_COMMON_PROGRAM_H
#define GEMPIX_COMMON_PROGRAM_H

#include <sys/types.h>

#define PROGRAM_ARGS 6

/* FOLDER/NAME with at most PROGRAM_ARGS words (NULL ends them); `in` and `out` become its standard
 * input and output, nothing else goes to it that is close-on-exec. 0 or an errno. */
int program_start(const char *folder, const char *name, const char *const *args, int in, int out,
                  pid_t *pid);
/* Waits for its end; its status as waitpid gives it, -1 when there is none. */
int program_wait(pid_t pid);

#endif
