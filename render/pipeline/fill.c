/*
 * Patch-based filling; see fill.h. Knows no files and no networks. Read next: fill_level.c, one
 * size of the pyramid.
 */
#include "render/pipeline/fill.h"

#include <stdlib.h>
#include <string.h>

#include "common/err.h"
#include "render/pipeline/fill_level.h"
#include "render/pipeline/generate.h"
#include "render/pipeline/hole.h"

#define LEVELS 10
#define SIDE_LEAST 24 /* pixels; a coarser level has too few patches */
#define DEPTH_LEAST 3 /* steps into the hole that one patch spans */
#define ROUNDS_FINE 3 /* searches and votes at full size; one more per coarser level */
#define ROUNDS_MOST 8

struct pyramid {
    struct fill_level levels[LEVELS];
    int count;
};

static void
pyramid_release(struct pyramid *p)
{
    for (int i = 0; i < p->count; i++)
        fill_level_release(&p->levels[i]);
}

/* Halves until the hole is as deep as a patch or the picture as small as sensible. */
static int
build(struct pyramid *p, const struct image *image, const struct hole *hole, struct err *e)
{
    int rc = fill_level_first(image, hole, &p->levels[0], e);

    p->count = rc == ST_OK;
    while (rc == ST_OK && p->count < LEVELS) {
        const struct fill_level *l = &p->levels[p->count - 1];

        if (l->deepest <= DEPTH_LEAST || l->w / 2 < SIDE_LEAST || l->h / 2 < SIDE_LEAST)
            break;
        if ((rc = fill_level_half(l, &p->levels[p->count], e)) == ST_OK)
            p->count++;
    }
    return rc;
}

static int
rounds(int level)
{
    return ROUNDS_FINE + level < ROUNDS_MOST ? ROUNDS_FINE + level : ROUNDS_MOST;
}

int
fill(struct pool *pool, const struct fill_params *params, const struct hole *hole,
     struct image *image, struct err *e)
{
    struct pyramid p = {.count = 0};
    int rc = build(&p, image, hole, e), all = 0, done = 0;

    for (int i = 0; i < p.count; i++)
        all += rounds(i);
    for (int i = p.count - 1; rc == ST_OK && i >= 0; i--) {
        struct fill_level *l = &p.levels[i];

        fill_level_begin(l, i + 1 < p.count ? &p.levels[i + 1] : NULL, pool,
                         params->seed + (uint32_t)i);
        for (int k = 0; rc == ST_OK && k < rounds(i); k++) {
            fill_level_round(l, pool, (uint32_t)k);
            if (params->progress != NULL && params->progress(params->ctx, ++done, all) != 0)
                rc = err_set(e, ST_CANCELLED, "Stopped.", NULL);
        }
    }
    if (rc == ST_OK)
        fill_level_give(&p.levels[0], image);
    pyramid_release(&p);
    return rc;
}
