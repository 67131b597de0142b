/*
 * The entry of 20-web.c and of fuzzers.
 */
#ifndef GEMPIX_T_FUZZ_WEB_ENTRY_H
#define GEMPIX_T_FUZZ_WEB_ENTRY_H

#include <stddef.h>
#include <stdint.h>

/* Feeds one input to the parser that its first byte names; aborts when a promise is broken. Always
 * 0. */
int LLVMFuzzerTestOneInput(const uint8_t *input, size_t size);

#endif
