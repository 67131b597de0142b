/*
 * Picture sizes: the few that have names, and what an exact size must be.
 */
#ifndef GEMPIX_APP_STUDIO_SIZES_H
#define GEMPIX_APP_STUDIO_SIZES_H

#include <stdint.h>

struct conf;
struct err;

enum size_name { SIZE_SQUARE, SIZE_PORTRAIT, SIZE_LANDSCAPE, SIZE_LARGE, SIZE_EXACT, SIZE_COUNT };

#define SIZE_MIN 64 /* pixels of a side; below it a model draws nothing one can recognise */
#define SIZE_UNIT 8 /* sides are multiples of this */

/* Words of the form, in the order of enum size_name; NULL ends. */
extern const char *const size_words[];
/* "Square" … for people. */
const char *size_label(enum size_name name);
/* Pixels of a named size for the configured model. SIZE_EXACT, and SIZE_LARGE where the model
   offers nothing larger, give 0 × 0: not offered. */
void size_pixels(const struct conf *conf, enum size_name name, int *width, int *height);
/* The name of a size, SIZE_EXACT when it has none. */
enum size_name size_find(const struct conf *conf, int width, int height);
/* 0 or ST_INVALID with a sentence that names the bounds. */
int size_check(const struct conf *conf, int64_t width, int64_t height, struct err *e);

#endif
