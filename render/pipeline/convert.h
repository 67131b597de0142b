/*
 * A model as a new diffusers folder with smaller weights.
 */
#ifndef GEMPIX_RENDER_PIPELINE_CONVERT_H
#define GEMPIX_RENDER_PIPELINE_CONVERT_H

#include <stdbool.h>

struct err;

/* Writes model `from` (as pipeline_open takes it) to folder `to`, which must not exist; until all
   is written it is called to.part. Halves everywhere; `int8`: U-Net and text encoders in 8 bits.
   The configurations, vocabularies, manifest and licence go along. 0, ST_IO, ST_NOMEM, ST_CONFLICT,
   and what model_parts_open returns. */
int convert_model(const char *from, const char *to, bool int8, struct err *e);

#endif
