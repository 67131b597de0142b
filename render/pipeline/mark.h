/*
 * Where a watermark lies on a picture, told from the picture alone: a text or a logo repeated on a
 * lattice over all of it, or a single one. What is found is a proposal for clear.h.
 */
#ifndef GEMPIX_RENDER_PIPELINE_MARK_H
#define GEMPIX_RENDER_PIPELINE_MARK_H

#include "render/pipeline/generate.h"

struct err;

enum mark_result { MARK_NONE, MARK_UNSURE, MARK_FOUND };
enum mark_kind { MARK_TILED, MARK_SINGLE };

struct mark {
    enum mark_result result;
    enum mark_kind kind;
    double confidence; /* 0 to 1; of what is not surely found: of the best guess */
    struct image mask; /* of the picture's size, white where the mark is with its soft edges; empty
                          for MARK_NONE */
};

/* 0 or ST_NOMEM; a picture without a mark is no error. out->mask belongs to the caller. */
int mark_find(const struct image *in, struct mark *out, struct err *e);
void mark_release(struct mark *m); /* zeroed struct is legal */

#endif
