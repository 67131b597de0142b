/*
 * The pictures that a job is made from: fetched from the store, decoded where they can do no harm,
 * brought into the job's shape. For the files of this folder.
 */
#ifndef GEMPIX_RENDER_DAEMON_RENDER_SOURCE_H
#define GEMPIX_RENDER_DAEMON_RENDER_SOURCE_H

#include <stdint.h>

#include "render/pipeline/generate.h"

struct render_work;

struct render_source {
    struct image picture; /* pixels NULL = the job has none */
    struct image whole;   /* of the mask as it came; only where no shape is asked for */
    struct mask mask;     /* values NULL = the job has none */
    uint8_t *marks;
};

/* What the job's rows name. Sides of 0 leave picture and mask as they are (the mask in `whole`, of
   the picture's size). Writes the picture as the visitor will see it beside the result, under the
   job's lease (media kind 'source'). 0; ST_INVALID, ST_TOOBIG, ST_TIMEOUT with the visitor's
   sentence; ST_LOST, ST_IO, ST_DB, ST_NOMEM, ST_INTERNAL. */
int render_source_load(struct render_work *w, int width, int height, struct render_source *out,
                       struct err *e);
void render_source_release(struct render_source *s); /* zeroed struct is legal */

#endif
