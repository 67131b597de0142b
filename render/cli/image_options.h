/*
 * What options of gempix-image that make pictures and films have in common: numbers and names with
 * a complaint that says which option wants what.
 */
#ifndef GEMPIX_RENDER_CLI_IMAGE_OPTIONS_H
#define GEMPIX_RENDER_CLI_IMAGE_OPTIONS_H

#include <stdbool.h>
#include <stdint.h>

#include "render/pipeline/generate.h"

/* The message, and where help is. */
void image_complain(const char *program, const char *message);

/* The value of option `name` from its text. False after a complaint. */
bool image_whole(const char *program, const char *name, const char *text, int64_t min, int64_t max,
                 int64_t *out);
bool image_number(const char *program, const char *name, const char *text, double min, double max,
                  double *out);
bool image_sampler(const char *program, const char *text, enum generate_sampler *out);

#endif
