/*
 * Functions that this project never calls, made into compile errors. The build puts this file in
 * front of every C file (-include), so it first includes the system headers that declare the
 * words, and then poisons them. What to use instead: struct text or snprintf for building strings,
 * strtoll with its checks for numbers, clock.h for time, getline or fgets for lines, crypto.h for
 * random numbers.
 */
#ifndef GEMPIX_COMMON_BANNED_H
#define GEMPIX_COMMON_BANNED_H

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>
#include <wchar.h>

/* Copies without a bound, or without a final NUL. */
#pragma GCC poison strcat stpcpy strncat sprintf vsprintf gets
/* mysql.h names these two inside macros that we never use, which a poison would refuse already. */
#undef strcpy
#undef strncpy
#define strcpy(...) banned_strcpy_use_snprintf_or_struct_text
#define strncpy(...) banned_strncpy_use_snprintf_or_struct_text
/* Hidden static state. */
#pragma GCC poison strtok gmtime localtime asctime ctime asctime_r ctime_r
/* No error reporting. */
#pragma GCC poison atoi atol atoll atof
/* Predictable names and numbers. */
#pragma GCC poison tmpnam tempnam mktemp rand srand random_r drand48

#endif
