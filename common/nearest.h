/*
 * "Did you mean …?": the word of a list that a mistyped word is closest to. For people who edit the
 * configuration and type commands; never for input of visitors.
 */
#ifndef GEMPIX_COMMON_NEAREST_H
#define GEMPIX_COMMON_NEAREST_H

#include <stddef.h>

/* Letters to insert, remove, replace or swap with the next to make `b` of `a`; words longer than 63
 * bytes are cut. */
size_t nearest_distance(const char *a, const char *b);

/* Keeps the best candidate: start with *best = NULL and offer every word. Words that are too far
 * off are not taken. */
void nearest_offer(const char *typed, const char *word, const char **best, size_t *best_distance);

#endif
